"""Runs deploy/operator/comporta.py on a stack, as `make dead` and `make replay` do."""

import contextlib
import json
import os
import signal
import subprocess

from conftest import SOURCE

TOOL = SOURCE / "deploy" / "operator" / "comporta.py"
_started = []


def start_tool(stack, *arguments, program=TOOL, **environment):
    """`program`: another one that runs it."""
    process = subprocess.Popen(["/usr/bin/python3", program, *arguments], text=True,
                               env={**stack.operator_environment(), **environment},
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _started.append(process)
    return process


def wait_said(process, text):
    """Until it says so on its way."""
    said = iter(process.stderr.readline, "")
    lines = []
    assert any(lines.append(line) or text in line for line in said), f"it ended without {text!r}: {lines}"


@contextlib.contextmanager
def paused(process):
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def finish_tool(process, expect=0):
    """What it printed."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == expect, out + err
    return out if expect == 0 else err


def kill_tools():
    """Ends those that still run, and says whether there were any."""
    left = [process for process in _started if process.poll() is None]
    _started.clear()
    for process in left:
        process.kill()
        process.communicate()
    return bool(left)


def run_tool(stack, *arguments, expect=0, **environment):
    return finish_tool(start_tool(stack, *arguments, **environment), expect)


def listed(stack, *filters):
    return [json.loads(line) for line in run_tool(stack, "dead", "list", "--json", *filters).splitlines()]
