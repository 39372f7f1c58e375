"""run.py looks again at whatever has changed, and at nothing else."""

import json
import os
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")
SOURCE = '#include "it.h"\nint main() { return value(); }\n'
HEADER = "inline int value() { return 0; }\n"
FINDING = "#include <cstdlib>\ninline int value() { char* none = nullptr; return *none; }\n"


class Tree:
    def __init__(self, folder, memory):
        self.folder, self._memory = folder, memory
        folder.mkdir()
        self.write(".clang-tidy", "Checks: '-*,clang-analyzer-*'\nWarningsAsErrors: '*'\nHeaderFilterRegex: '.*'\n")
        self.write("it.cpp", SOURCE)
        self.write("it.h", HEADER)
        command = f"/usr/bin/c++ -I{folder} -o it.o -c {folder}/it.cpp"
        self.write("compile_commands.json",
                   json.dumps([{"directory": str(folder), "command": command, "file": f"{folder}/it.cpp"}]))

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def run(self):
        """How many were known to be clean, and whether there were no findings."""
        done = subprocess.run([RUN, self.folder, "--tree", self.folder], capture_output=True, text=True,
                              env={**os.environ, "COMPORTA_CACHE": str(self._memory)})
        assert done.returncode in (0, 1), done.stderr
        assert ("clang-analyzer" in done.stdout) == (done.returncode == 1), done.stdout
        return int(done.stdout.split(", ")[1].split()[0]), done.returncode == 0


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "tree", tmp_path / "memory")


def test_what_is_clean_is_looked_at_once_wherever_it_lies(tree, tmp_path):
    assert tree.run() == (0, True)
    assert tree.run() == (1, True)
    assert Tree(tmp_path / "clone", tmp_path / "memory").run() == (1, True)


@pytest.mark.parametrize("name, text", [("it.h", HEADER + "// another\n"), ("it.cpp", SOURCE + "// another\n"),
                                        (".clang-tidy", "Checks: '-*,clang-analyzer-core*'\n")])
def test_what_has_changed_is_looked_at_again(tree, name, text):
    tree.run()
    tree.write(name, text)
    assert tree.run() == (0, True)
    assert tree.run() == (1, True)


def test_findings_are_said_until_they_are_mended(tree):
    tree.run()
    tree.write("it.h", FINDING)
    assert tree.run() == (0, False)
    assert tree.run() == (0, False)
    tree.write("it.h", HEADER)
    assert tree.run() == (1, True)
