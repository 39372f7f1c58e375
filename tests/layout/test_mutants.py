"""The slips of tests/mutants: each is of the form, still fits the code, and names tests that exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "mutants"))

from mutant import FOLDER, BadMutant, pytest_arguments, read, read_all  # noqa: E402

MUTANTS = read_all()
ADDED = re.compile(r"^add_test\(NAME (\S+)", re.MULTILINE)
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)


def names_of_tests(suite):
    """As ctest knows them, but for what tests with parameters have around theirs."""
    for path in (SOURCE / "tests" / suite).rglob("*_test.cpp"):
        part = path.relative_to(SOURCE / "tests" / suite).parts[0]
        yield from (f"{suite}/{part}/{group}.{name}" for group, name in TEST.findall(path.read_text()))


ADDED_NAMES = ADDED.findall("\n".join(path.read_text() for path in (SOURCE / "tests").rglob("CMakeLists.txt")))
NAMES = {suite: [*names_of_tests(suite), *(name for name in ADDED_NAMES if name.startswith(suite))]
         for suite in ("unit", "contract")}


def exists(mutant):
    """Whether there is what has to notice it."""
    if mutant.suite in NAMES:
        return any(re.search(mutant.arguments, name) for name in NAMES[mutant.suite])
    if mutant.suite == "kinds":
        return (SOURCE / "kinds" / mutant.arguments).is_dir()
    if mutant.suite == "browser":
        return (SOURCE / "tests" / "browser" / mutant.arguments).is_file()
    file, _, test = pytest_arguments(mutant)[0].partition("::")
    test = test.partition("[")[0]
    return (SOURCE / file).exists() and (not test or f"def {test}(" in (SOURCE / file).read_text())


def test_there_are_enough():
    assert len(MUTANTS) >= 40


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_slip_fits_the_code_and_its_tests_exist(mutant):
    assert exists(mutant), f"nothing is named {mutant.notices}"
    assert mutant.paths() and not [path for path in mutant.paths() if path.startswith("tests/")]
    fits = subprocess.run(["git", "apply", "--check", str(mutant.path)], cwd=SOURCE, capture_output=True, text=True,
                          check=False)
    assert fits.returncode == 0, fits.stderr


@pytest.mark.parametrize("text", ["", "what: it breaks\n", "what: it breaks\nnotices: unit\n", "what:\nnotices: kinds\n",
                                  "notices: kinds\nwhat: it breaks\n", "what: it breaks\nnotices: magic all\n"])
def test_what_is_not_of_the_form_is_refused(tmp_path, text):
    file = tmp_path / "part-name.patch"
    file.write_text(text)
    with pytest.raises(BadMutant):
        read(file)


def test_only_slips_and_their_runner_are_in_the_folder():
    assert {path.suffix for path in FOLDER.iterdir() if path.is_file()} == {".patch", ".py"}
