"""The API's general document says all there is: the paths, the statuses, the types of parameters. What kinds add to it:
tests/system/test_openapi.py."""

import json
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
TEXT = (SOURCE / "services" / "ingest-gateway" / "openapi.json").read_text()
DOCUMENT = json.loads(TEXT)
PATHS = DOCUMENT["paths"]
OPERATIONS = {f"{method.upper()} {path}": operation for path, item in PATHS.items()
              for method, operation in item.items() if method in ("get", "head", "put", "post", "delete")}
# The daemons' own, which nginx never lets happen: it sends a length, and no Expect.
BETWEEN_THE_DAEMONS = {"411", "417"}


def shape(path):
    """The path with every parameter alike, and without its query."""
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0].partition("[")[0])


def described_requests():
    """Those of the table in docs/ARCHITECTURE.md: `GET`, `HEAD /a/{b}`, `/c` -> GET /a/{b}, HEAD /a/{b}, …"""
    for line in (SOURCE / "docs" / "ARCHITECTURE.md").read_text().splitlines():
        if not re.match(r"\| `[A-Z]+", line):
            continue
        codes = re.findall(r"`([^`]+)`", line.split("|")[1])
        methods = [word for code in codes for word in re.findall(r"^[A-Z]+", code)]
        paths = [path for code in codes for path in re.findall(r"/\S+", code)]
        for path in paths:
            full = path if path.startswith(("/api/", "/.well-known/", "/openapi.json")) else paths[0].rstrip("…") + path
            yield from (f"{method} {shape(full.rstrip('…'))}" for method in methods)


def resolve(node):
    while "$ref" in node:
        found = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def test_every_request_of_the_architecture_is_documented():
    documented = {shape(name) for name in OPERATIONS}
    # Of a query with one required parameter the gateway makes another path.
    documented |= {f"{name}/{{}}" for name in documented if name.endswith("/api/v1/views/{}/{}")}
    described = set(described_requests())
    assert len(described) > 8
    assert described <= documented


def members_once(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), names
    return dict(pairs)


def test_nothing_is_said_twice():
    """Of two members of one name a reader sees the second alone."""
    json.loads(TEXT, object_pairs_hook=members_once)


def references(node):
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref")
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(inner)


def test_what_is_referred_to_is_there_and_what_is_there_is_referred_to():
    made_from_kinds = re.compile(r"^#/components/schemas/(record|answer)\.")
    used = {name for name in references(DOCUMENT) if not made_from_kinds.match(name)}
    there = {f"#/components/{part}/{name}" for part, named in DOCUMENT["components"].items()
             for name in named if part != "securitySchemes"}
    assert used == there


def test_every_alias_and_route_of_nginx_is_documented():
    template = (SOURCE / "nginx" / "comporta.conf.template").read_text()
    aliases = {f"GET {path}" for path in re.findall(
        r"location (?:=|~) \^?(?:/with-key)?(/[a-z-]+)\S* \{\n(?:\s*(?:internal;|#.*|proxy_hide_header .*|if \(\$is_no_read\) \{|return 405;|\})\n)*"
        r"\s*proxy_pass http://cache/api/v1/views", template)}
    aliases |= {f"POST {path}" for path in re.findall(r'"~\^000 POST (/[a-z-]+)', template)}
    aliases |= {f"POST {path}" for path in re.findall(r"location ~ \^(/[a-z/-]+)/\?\$ \{(?=[^}]*!= POST)", template)}
    assert len(aliases) == 8
    for alias in aliases:
        assert any(name.startswith(alias) for name in OPERATIONS), alias


def test_every_status_of_the_code_is_documented():
    sources = [*(SOURCE / "services").rglob("*.cpp"), *(SOURCE / "common").rglob("*.cpp")]
    code = "\n".join(source.read_text() for source in sources)
    statuses = set(re.findall(r"(?:\.status = |Problem\{|refuse\(|return \{)(\d{3})\b", code))
    template = (SOURCE / "nginx" / "comporta.conf.template").read_text()
    statuses |= set(re.findall(r"^  (\d{3}) +\"", template, re.MULTILINE))
    documented = {status for operation in OPERATIONS.values() for status in operation["responses"]}
    assert {"202", "304", "400", "409", "422", "429", "503"} <= statuses
    assert statuses - BETWEEN_THE_DAEMONS <= documented


def test_every_operation_has_a_title_in_both_languages():
    for name, operation in OPERATIONS.items():
        assert operation["x-title"]["en"] == operation["summary"] and operation["x-title"]["pt"], name


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_error_is_a_problem(name):
    for status, response in OPERATIONS[name]["responses"].items():
        if status >= "400" and not name.startswith("HEAD"):
            assert list(resolve(response)["content"]) == ["application/problem+json"], (name, status)
        if status in ("429", "503"):
            assert "Retry-After" in resolve(response)["headers"]


def test_every_type_of_problem_is_documented():
    sources = [*(SOURCE / "services").rglob("*.cpp"), *(SOURCE / "common").rglob("*.cpp")]
    types = {name for source in sources for name in re.findall(r"urn:comporta:problem:[a-z-]+", source.read_text())}
    documented = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert sorted(types | {"about:blank"}) == documented


def test_every_type_of_a_parameter_is_documented():
    source = (SOURCE / "common" / "kinds" / "views.cpp").read_text()
    body = source[source.index("std::string_view type_name("):].partition("\n}\n")[0]
    items = DOCUMENT["components"]["schemas"]["Kinds"]["properties"]["kinds"]["items"]["properties"]["views"]["items"]
    documented = resolve(items["properties"]["parameters"])["items"]["properties"]["type"]["enum"]
    assert set(documented) == set(re.findall(r'return "(\w+)"', body))


def test_every_panel_is_documented():
    source = (SOURCE / "common" / "kinds" / "page.cpp").read_text()
    readers = re.findall(r'\{"(\w+)", &PanelReader::', source)
    panels = DOCUMENT["components"]["schemas"]["Page"]["properties"]["panels"]["items"]
    assert panels["properties"]["as"]["enum"] == readers
