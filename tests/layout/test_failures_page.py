"""docs/FAILURES.md names the tests that show what it says: each of them must be there."""

import re
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
PAGE = (SOURCE / "docs" / "FAILURES.md").read_text()


def test_every_test_that_the_page_names_exists():
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE)
    assert named
    for file, test in named:
        assert f"def {test}(" in (SOURCE / "tests" / "system" / file).read_text(), (file, test)


def test_every_suite_that_the_page_names_exists():
    files = subprocess.run(["git", "ls-files", "*_test.cpp"], cwd=SOURCE, capture_output=True, text=True, check=True)
    sources = "\n".join((SOURCE / file).read_text() for file in files.stdout.split())
    named = re.findall(r"`(\w+)\.([A-Z]\w+)`", PAGE)
    assert named
    for suite, test in named:
        assert re.search(rf"TEST(_F|_P)?\({suite}, {test}\)", sources), (suite, test)
