"""The rules of the layout that a compiler does not enforce."""

import re
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
SERVICES = ("ingest-gateway", "storage", "cache")
LONGEST_FILE = 300
# What each outside library's headers are called, and who includes them: its wrapper, and nobody else.
LIBRARIES = {
    "Pistache": (r"pistache/", {"http_server.cpp"}),
    "librabbitmq": (r"amqp(_tcp_socket)?\.h>", {"amqp_link.h", "amqp_link.cpp"}),
    "hiredis": (r"hiredis/", {"redis_connection.cpp"}),
    "curl": (r"curl/", {"s3_client.cpp"}),
    "OpenSSL": (r"openssl/", {"digest.cpp"}),
    "zlib": (r"zlib\.h", {"gzip.cpp"}),
    "LZ4": (r"lz4", {"lz4_frame.cpp"}),
    "yaml-cpp": (r"yaml-cpp/", {"yaml_tree.cpp"}),
    "prometheus-cpp": (r"prometheus/", {"metrics.cpp"}),
    "CLI11": (r"CLI/", {"command_line.cpp"}),
    "spdlog": (r"spdlog/", {"log.cpp"}),
    "RapidJSON": (r"rapidjson/", {"rapid.h"}),
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
def test_an_outside_library_is_known_to_its_wrapper_only(library):
    header, wrapper = LIBRARIES[library]
    users = {path.name for path in PRODUCT if any(re.match(r'[<"]' + header, line) for line in includes(path))}
    assert users == wrapper


def test_the_header_that_shows_librabbitmq_stays_among_its_sources():
    users = {path.name for path in PRODUCT if '"common/amqp_link.h"' in includes(path)}
    assert all(re.fullmatch(r"amqp\w*\.cpp", user) for user in users), users


def test_files_stay_readable():
    sources = [*PRODUCT, *tracked("*.py", "*.js", "*.mjs", "*.lua")]
    long = {path.name: count for path in sources if (count := len(path.read_text().splitlines())) > LONGEST_FILE}
    assert not long
