"""A mutant: a slip put into the product on purpose, and the suite that has to notice it.

A file `<part>-<name>.patch`: a line `what:` with what the slip would do to a user, a line `notices:` with the suite
and its arguments, and a unified diff of the product alone.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# What takes the least time comes first.
SUITES = ("layout", "unit", "kinds", "contract", "system", "browser")


class BadMutant(Exception):
    """The file is not of the form; says what is wrong."""


@dataclass(frozen=True)
class Mutant:
    """One file."""

    path: Path
    what: str
    suite: str
    arguments: str  # as the suite takes them: see tests/README.md

    @property
    def name(self):
        return self.path.stem

    @property
    def notices(self):
        return f"{self.suite} {self.arguments}".rstrip()

    def paths(self):
        """The files that it changes."""
        return re.findall(r"^\+\+\+ b/(\S+)", self.path.read_text(), re.MULTILINE)


def read(path):
    lines = path.read_text().splitlines()
    form = [r"what: (\S.*)", r"notices: (\w+)(?: (\S.*))?"]
    if len(lines) < len(form):
        raise BadMutant(f"{path.name}: it has no two lines before its diff")
    what, notices = (re.fullmatch(expected, line) for expected, line in zip(form, lines))
    if not what or not notices:
        raise BadMutant(f"{path.name}: its first line is `what: …`, its second `notices: <suite> <arguments>`")
    suite, arguments = notices[1], notices[2] or ""
    if suite not in SUITES:
        raise BadMutant(f"{path.name}: there is no suite {suite}; there are {', '.join(SUITES)}")
    if not arguments and suite not in ("kinds", "layout"):
        raise BadMutant(f"{path.name}: it does not say which of the {suite} tests notice it")
    return Mutant(path, what[1], suite, arguments)


def read_all():
    """All there are, in the order in which they are tried."""
    mutants = [read(path) for path in FOLDER.glob("*.patch")]
    return sorted(mutants, key=lambda mutant: (SUITES.index(mutant.suite), mutant.name))


def pytest_arguments(mutant):
    """Those of the suites that pytest runs: the first is a file, whose folder need not be said."""
    arguments = shlex.split(mutant.arguments)
    if arguments and not arguments[0].startswith("tests/"):
        arguments[0] = f"tests/{mutant.suite}/{arguments[0]}"
    return arguments or [f"tests/{mutant.suite}"]
