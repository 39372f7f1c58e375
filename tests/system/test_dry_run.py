"""A dry run is checked like an upload, and nothing of it is published."""

import gzip
import json

import pytest

from client import UPLOADS, record

JSON = {"Content-Type": "application/json"}
KEY = f"{UPLOADS}/dry"


pytestmark = pytest.mark.usefixtures("nothing_published")


def dry_run(comporta, method, path, body=None, **headers):
    return comporta.request(method, f"{path}?dry_run=true", body, {**JSON, **headers})


def test_it_says_what_would_be_taken(comporta):
    body = json.dumps([record(f"dry-{n}") for n in range(2_500)]).encode()
    for answer in (dry_run(comporta, "POST", UPLOADS, body),
                   dry_run(comporta, "POST", UPLOADS, gzip.compress(body), **{"Content-Encoding": "gzip"})):
        assert answer.status == 200
        assert answer.json() == {"dry_run": True, "kind": "transaction", "records": 2_500, "parts": 3}
    one = {"dry_run": True, "kind": "transaction", "records": 1, "parts": 1}
    assert dry_run(comporta, "PUT", KEY, json.dumps(record("dry")).encode()).json() == one
    assert dry_run(comporta, "DELETE", KEY).json() == one


@pytest.mark.parametrize("method, path, body, status", [
    ("POST", UPLOADS, b"[", 400), ("POST", UPLOADS, b"[]", 422), ("PUT", KEY, json.dumps(record("wet")).encode(), 422),
    ("DELETE", f"{UPLOADS}/%ff", None, 400), ("POST", "/api/v1/records/nothing", b"{}", 404)])
def test_it_finds_the_same_faults(comporta, method, path, body, status):
    real, tried = comporta.request(method, path, body, JSON), dry_run(comporta, method, path, body)
    assert real.status == tried.status == status
    assert {**real.json(), "trace_id": ""} == {**tried.json(), "trace_id": ""}


@pytest.mark.parametrize("query", ["dry_run=yes", "dryrun=true", "dry_run=true&limit=1", "a", "dry_run=true&dry_run=true"])
def test_no_parameter_is_passed_over(comporta, query):
    for method, path in (("POST", UPLOADS), ("PUT", KEY), ("DELETE", KEY)):
        body = None if method == "DELETE" else json.dumps(record("dry")).encode()
        answer = comporta.request(method, f"{path}?{query}", body, JSON)
        assert answer.status == 400, (method, answer)
        assert answer.json()["type"] == "urn:comporta:problem:bad-parameter"
