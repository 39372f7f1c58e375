"""The rooms of the code, in their order: each includes only what stands before it, or is its own."""

import re
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
COMMON = ["common/base", "common/telemetry", "common/config", "common/json", "common/csv", "common/http",
          "common/http_client", "common/traces", "common/access", "common/webhooks", "common/broker", "common/kinds",
          "common/daemon"]
CACHE = ["services/cache/apply", "services/cache/views", "services/cache/redis", "services/cache/sessions",
         "services/cache/lookups", "services/cache/reactions", "services/cache"]
ROOMS = [*COMMON, *CACHE, "services/ingest-gateway", "services/storage"]


def product_files():
    names = subprocess.run(["git", "ls-files", "common", "services"], cwd=SOURCE, capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return [Path(name) for name in names if name.endswith((".h", ".cpp", ".cpp.in"))]


def allowed_in(room):
    """What a file of that room may include."""
    if room in COMMON:
        return COMMON[:COMMON.index(room) + 1]
    return [*COMMON, *(CACHE[:CACHE.index(room) + 1] if room in CACHE else [room])]


def test_every_file_stands_in_a_room():
    assert not [str(path) for path in product_files() if str(path.parent) not in ROOMS]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_those_before_it(room):
    files = [path for path in product_files() if str(path.parent) == room]
    assert files
    wrong = [(str(path), header) for path in files
             for header in re.findall(r'^#include "([^"]+)"', (SOURCE / path).read_text(), re.MULTILINE)
             if str(Path(header).parent) not in allowed_in(room)]
    assert not wrong


@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_files_are_not_named_after_it(room):
    name = room.rpartition("/")[2]
    assert not [str(path) for path in product_files() if str(path.parent) == room and path.stem.startswith(name + "_")]


def test_the_architecture_tells_of_every_room():
    page = (SOURCE / "docs" / "ARCHITECTURE.md").read_text()
    told = re.findall(r"^\| `((?:common|services)/[\w/-]+?)/?` \|", page, re.MULTILINE)
    assert told == ROOMS
