#!/usr/bin/env python3
"""clang-tidy over every source but those that it has found clean before, as they are now with all that they include.

What was found clean is remembered outside the tree, by contents: a fresh clone of the same sources asks for nothing.
Exits with 1 when there are findings.
"""

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "deploy" / "native"))

from comporta_native.servers import cache_directory  # noqa: E402

MEMORY = cache_directory() / "tidy"
TIDY, CLANG = "clang-tidy-16", "clang++-16"
KEPT_SECONDS = 30 * 86_400  # behind the last time that it was of use


@cache
def digest(path):
    """Of a file's contents; empty for one that is not there."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""


class Source:
    """A source with how it is compiled, and what is remembered of it."""

    def __init__(self, entry, tree, rules):
        self.path, self._folder = entry["file"], entry["directory"]
        self._tree, self._command = str(tree), entry["command"]
        key = "\n".join([rules, self._command.replace(self._tree, "."), digest(self.path)])
        self._note = MEMORY / hashlib.sha256(key.encode()).hexdigest()

    def is_known_clean(self):
        try:
            included = json.loads(self._note.read_text())
        except (OSError, ValueError):
            return False
        if any(digest(os.path.join(self._tree, path)) != known for path, known in included.items()):
            return False
        os.utime(self._note)
        return True

    def check(self, build):
        """Its findings; empty if it is clean, which is remembered then."""
        included = self._included()
        done = subprocess.run([TIDY, "-quiet", "-p", build, self.path], capture_output=True, text=True)
        if done.returncode != 0 or included is None:
            return done.stdout + done.stderr or f"{self.path}: {TIDY} ended with {done.returncode}"
        MEMORY.mkdir(parents=True, exist_ok=True)
        written = self._note.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(included))
        written.rename(self._note)
        return ""

    def _included(self):
        """Path (within the tree from there on) -> digest, of all that it includes; None if that cannot be said."""
        _compiler, *flags = shlex.split(self._command)
        output = flags.index("-o")
        asked = subprocess.run([CLANG, "-M", "-w", *flags[:output], *flags[output + 2:]], cwd=self._folder,
                               capture_output=True, text=True)
        if asked.returncode != 0:
            return None
        paths = asked.stdout.replace("\\\n", " ").partition(":")[2].split()
        return {os.path.relpath(path, self._tree) if path.startswith(self._tree + "/") else path: digest(path)
                for path in (os.path.join(self._folder, path) for path in paths)}


def forget_old():
    for note in MEMORY.glob("*"):
        if note.stat().st_mtime < time.time() - KEPT_SECONDS:
            note.unlink(missing_ok=True)


def sources_of(build, tree):
    version = subprocess.run([TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    rules = version + digest(tree / ".clang-tidy")
    entries = json.loads((build / "compile_commands.json").read_text())
    return [Source(entry, tree, rules) for entry in entries]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="the folder with compile_commands.json")
    parser.add_argument("--tree", type=Path, default=TREE, help="the folder with .clang-tidy")
    arguments = parser.parse_args()
    sources = sources_of(arguments.build, arguments.tree)
    to_check = [source for source in sources if not source.is_known_clean()]
    print(f"{len(sources)} sources, {len(sources) - len(to_check)} of them known to be clean", flush=True)
    unclean = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda source: source.check(arguments.build), to_check):
            if findings:
                unclean += 1
                print(findings, flush=True)
    forget_old()
    print(f"{unclean} with findings")
    sys.exit(1 if unclean else 0)


if __name__ == "__main__":
    main()
