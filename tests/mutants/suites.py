"""How each suite is built and run in the copy of the tree; contract tests find their servers in the environment."""

import json
import os
import signal
import subprocess
from functools import cache
from pathlib import Path

from mutant import pytest_arguments

BUILD = "build/dev"
DAEMONS = ["ingest-gateway", "storage", "cache"]
PYTHON = "/usr/bin/python3"  # Debian's own: it sees Debian's pytest, boto3, redis and pika
FAILED = {"unit": 8, "contract": 8}  # how ctest ends when a test has failed; the others end with 1
PASSED, NOTICED, BROKEN = "passed", "noticed", "broken"
running = []  # what is to be told when somebody interrupts


def ctest(mutant):
    return ["ctest", "--test-dir", BUILD, "-L", f"^{mutant.suite}$", "-R", mutant.arguments, "--no-tests=error",
            "--output-on-failure", "--stop-on-failure", "-j", "2" if mutant.suite == "unit" else "1"]


def pytest(mutant):
    return [PYTHON, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *pytest_arguments(mutant)]


def kinds(mutant):
    return ["deploy/native/stack.py", "with-redis", f"{BUILD}/tests/kinds/check_kinds", "kinds",
            *mutant.arguments.split()]


def browser(mutant):
    return ["deploy/native/stack.py", "with-stack", "--kinds", "build/hasty-kinds", "node", "--test",
            f"tests/browser/{mutant.arguments}"]


COMMANDS = {"unit": ctest, "contract": ctest, "system": pytest, "layout": pytest, "kinds": kinds, "browser": browser}
TARGETS = {"layout": [], "kinds": ["check_kinds"], "system": DAEMONS, "browser": DAEMONS}


@cache
def programs_of_tests(tree, suite, arguments):
    found = subprocess.run(["ctest", "--test-dir", BUILD, "-L", f"^{suite}$", "-R", arguments,
                            "--show-only=json-v1"], cwd=tree, capture_output=True, text=True, check=True)
    return sorted({Path(test["command"][0]).name for test in json.loads(found.stdout)["tests"]})


def targets(tree, mutant):
    """What has to be built before the suite is run; of a tree that has been built once."""
    if mutant.suite in TARGETS:
        return TARGETS[mutant.suite]
    return programs_of_tests(tree, mutant.suite, mutant.arguments)


def configure(tree, log):
    subprocess.run(["cmake", "--preset", "dev"], cwd=tree, stdout=log, stderr=log, check=True)


def build(tree, names, log):
    """Whether these targets, or all of them, could be built."""
    command = ["cmake", "--build", "--preset", "dev", *(["--target", *names] if names else [])]
    return subprocess.run(command, cwd=tree, stdout=log, stderr=log, check=False).returncode == 0


def prepare_browser(tree, log):
    for command in (["npm", "ci", "--prefix", "tests/browser", "--no-audit", "--no-fund"],
                    ["tests/browser/hasty_kinds.py", "kinds", "build/hasty-kinds"]):
        subprocess.run(command, cwd=tree, stdout=log, stderr=log, check=True)


def run(tree, mutant, seconds, log):
    """PASSED, NOTICED or BROKEN: the tests could not be run. Tests that do not end in time have noticed."""
    # A session of its own: whatever it has started ends with it.
    process = subprocess.Popen(COMMANDS[mutant.suite](mutant), cwd=tree, stdout=log, stderr=log,
                               start_new_session=True, env={**os.environ, "COMPORTA_BUILD": str(tree / BUILD)})
    running.append(process)
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        log.write(f"\nnot ended after {seconds:.0f} s\n")
        return NOTICED
    finally:
        end(process)
        running.remove(process)
    if status == 0:
        return PASSED
    return NOTICED if status == FAILED.get(mutant.suite, 1) else BROKEN


def interrupt(_number, _frame):
    """A handler: at once, as whoever started this program may not wait for its end."""
    for process in running:
        os.killpg(process.pid, signal.SIGINT)
    raise KeyboardInterrupt


def end(process):
    """Asks first: tests stop the servers that they have started."""
    for number, patience in ((signal.SIGINT, 60), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
