"""The rules of the layout that a compiler does not enforce."""

import re
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
LONGEST_FILE = 300
# What each outside library's headers are called, and who includes them: its wrapper, and nobody else.
LIBRARIES = {
    "Pistache": (r"pistache/", {"common/http/server.cpp"}),
    "librabbitmq": (r"amqp(_tcp_socket)?\.h>", {"common/broker/link.h", "common/broker/link.cpp"}),
    "hiredis": (r"hiredis/", {"services/cache/redis/connection.cpp"}),
    "curl": (r"curl/", {"common/http_client/client.cpp"}),
    "OpenSSL": (r"openssl/", {"common/base/digest.cpp"}),
    "zlib": (r"zlib\.h", {"services/ingest-gateway/gzip.cpp"}),
    "LZ4": (r"lz4frame", {"common/broker/lz4_frame.cpp"}),
    "yaml-cpp": (r"yaml-cpp/", {"common/config/yaml_tree.cpp"}),
    "prometheus-cpp": (r"prometheus/", {"common/telemetry/metrics.cpp"}),
    "CLI11": (r"CLI/", {"common/config/command_line.cpp"}),
    "spdlog": (r"spdlog/", {"common/telemetry/log.cpp"}),
    "Abseil": (r"absl/", {"common/base/time_zone.cpp"}),
    "utf8proc": (r"utf8proc", {"common/base/folded_text.cpp"}),
    "libsodium": (r"sodium", {"common/access/crypto.cpp"}),
    "libcrypt": (r"crypt\.h", {"common/access/password.cpp"}),
    "RapidJSON": (r"rapidjson/", {"common/json/rapid.h"}),
}


def tracked(*patterns):
    names = subprocess.run(["git", "ls-files", *patterns], cwd=SOURCE, capture_output=True, text=True, check=True)
    return [SOURCE / name for name in names.stdout.splitlines()]


def includes(path):
    return re.findall(r'^#include ([<"][^>"]+[>"])', path.read_text(), re.MULTILINE)


PRODUCT = tracked("common/*.h", "common/*.cpp", "services/*.h", "services/*.cpp")


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_outside_library_is_known_to_its_wrapper_only(library):
    header, wrapper = LIBRARIES[library]
    users = {str(path.relative_to(SOURCE)) for path in PRODUCT if any(re.match(r'[<"]' + header, line) for line in includes(path))}
    assert users == wrapper


def test_the_header_that_shows_librabbitmq_stays_among_its_sources():
    users = {path.relative_to(SOURCE) for path in PRODUCT if '"common/broker/link.h"' in includes(path)}
    assert all(user.parent == Path("common/broker") and user.suffix == ".cpp" for user in users), users


def test_files_stay_readable():
    sources = [*PRODUCT, *tracked("*.py", "*.js", "*.mjs", "*.lua")]
    long = {path.name: count for path in sources if (count := len(path.read_text().splitlines())) > LONGEST_FILE}
    assert not long


def test_every_yaml_file_is_clean():
    names = [str(name.relative_to(SOURCE)) for name in tracked("*.yml", "*.yaml", ":!tests/data")]
    checked = subprocess.run(["yamllint", "--strict", *names], cwd=SOURCE, capture_output=True, text=True, check=False)
    assert "docker-compose.yml" in names and checked.returncode == 0, checked.stdout
