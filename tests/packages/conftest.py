"""One machine for all the tests: they follow a package from its installation to its end."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))

from machine import Machine  # noqa: E402

PAGE = SOURCE / "docs" / "PACKAGES.md"
LOG = SOURCE / "build" / "log" / "packages-machine.log"
APT = 'APT::Get::Assume-Yes "true"; APT::Install-Recommends "false"; Dpkg::Use-Pty "false";'


def commands_of_the_page(title):
    """The lines of the first block of that section."""
    section = PAGE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    block = re.search(r"```sh\n(.*?)```", section, re.S)[1]
    return [line for line in block.splitlines() if line]


@pytest.fixture(scope="session")
def machine():
    root = subprocess.run([SOURCE / "tests" / "packages" / "debian"], stdout=subprocess.PIPE, text=True, check=True)
    with Machine(root.stdout.strip(), LOG) as machine:
        machine.run(f"echo '{APT}' >/etc/apt/apt.conf.d/test")
        machine.files_before = files(machine)
        yield machine


@pytest.fixture(scope="session")
def installed(machine):
    """As the page tells it."""
    for command in commands_of_the_page("On one machine"):
        machine.run(command, folder="/packages")
    return machine


def files(machine):
    """Every file and folder that a package could have left."""
    return set(machine.run("find / -xdev -path /packages -prune -o -print").splitlines())
