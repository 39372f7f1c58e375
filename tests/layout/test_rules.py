"""The rules of the layout that a compiler does not enforce."""

import re
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
SERVICES = ("ingest-gateway", "storage", "cache")
LONGEST_FILE = 300
# Each outside library, by what its headers are called, and how many files may include it.
LIBRARIES = {
    "Pistache": r"pistache/", "librabbitmq": r"(rabbitmq-c/)?amqp(_\w+)?\.h>", "hiredis": r"hiredis/",
    "curl": r"curl/", "OpenSSL": r"openssl/", "zlib": r"zlib\.h", "yaml-cpp": r"yaml-cpp/",
    "prometheus-cpp": r"prometheus/", "CLI11": r"CLI/", "spdlog": r"spdlog/",
}


def tracked(*patterns):
    names = subprocess.run(["git", "ls-files", *patterns], cwd=SOURCE, capture_output=True, text=True, check=True)
    return [SOURCE / name for name in names.stdout.splitlines()]


def includes(path):
    return re.findall(r'^#include ([<"][^>"]+[>"])', path.read_text(), re.MULTILINE)


PRODUCT = tracked("common/*.h", "common/*.cpp", "services/*.h", "services/*.cpp")


@pytest.mark.parametrize("service", SERVICES)
def test_services_do_not_include_one_another(service):
    others = tuple(f'"services/{other}/' for other in SERVICES if other != service)
    wrong = [(path.name, line) for path in PRODUCT if path.is_relative_to(SOURCE / "services" / service)
             for line in includes(path) if line.startswith(others)]
    assert not wrong


def test_common_knows_no_daemon():
    wrong = [(path.name, line) for path in PRODUCT if path.is_relative_to(SOURCE / "common")
             for line in includes(path) if line.startswith('"services/')]
    assert not wrong


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_outside_library_is_known_to_one_source(library):
    users = [path.name for path in PRODUCT
             if any(re.match(r'[<"]' + LIBRARIES[library], line) for line in includes(path))]
    assert len(users) <= 1, users


def test_files_stay_readable():
    sources = [*PRODUCT, *tracked("*.py", "*.js", "*.mjs", "*.lua", "tests/*.cpp")]
    long = {path.name: count for path in sources if (count := len(path.read_text().splitlines())) > LONGEST_FILE}
    assert not long
