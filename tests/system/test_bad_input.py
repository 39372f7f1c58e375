"""What must not come in: each case gets its status and a problem document, and nothing is published.

The uploads with a bad body are files: tests/data/bad/uploads, listed with what they get in expected.tsv.
Here are those, sent to the whole, and what is wrong with the request around the body.
"""

import csv
import gzip
import json
import zlib

import pytest

from client import UPLOADS, record
from conftest import SOURCE
from raw import leave_in_the_middle, post, send_raw

BAD_UPLOADS = SOURCE / "tests" / "data" / "bad" / "uploads"
JSON = {"Content-Type": "application/json"}
MIB = 1 << 20


def valid_body(key):
    return json.dumps([record(key)]).encode()


pytestmark = pytest.mark.usefixtures("nothing_published")


def assert_problem(answer, status):
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] and problem["title"] and problem["detail"]
    assert problem["instance"].startswith("/")
    assert len(problem["trace_id"]) == 32
    return problem


def bad_uploads():
    with (BAD_UPLOADS / "expected.tsv").open() as table:
        rows = csv.DictReader((line for line in table if not line.startswith("#")), delimiter="\t")
        return [pytest.param(row, id=row["file"]) for row in rows]


def headers_of(row):
    headers = {"Content-Type": row["content_type"], "Content-Encoding": row["content_encoding"]}
    return {name: value for name, value in headers.items() if value != "-"}


@pytest.mark.parametrize("row", bad_uploads())
def test_a_bad_body_is_refused(comporta, row):
    body = (BAD_UPLOADS / row["file"]).read_bytes()
    answer = comporta.request("POST", UPLOADS, body, headers_of(row))
    problem = assert_problem(answer, int(row["status"]))
    if row["keyword"] != "-":
        assert (problem["errors"][0]["keyword"], problem["errors"][0]["pointer"]) == (row["keyword"], row["pointer"])
    if row["line"] != "-":
        assert problem["line"] == int(row["line"])


# What is too large to be a file.
GENERATED = {
    "depth 100,000": (b"[" * 100_000 + b"]" * 100_000, {400, 413}),
    "a string of 10 MB": (json.dumps([record("long", cliente="x" * 10_000_000)]).encode(), {413}),
    "33 MiB": (b'["' + b" " * (33 * MIB) + b'"]', {413}),
    "a million tiny records": (b"[" + b",".join([b"{}"] * 1_000_000) + b"]", {413, 422}),
}


@pytest.mark.parametrize("name", GENERATED)
def test_too_much_is_refused(comporta, name):
    body, statuses = GENERATED[name]
    answer = comporta.request("POST", UPLOADS, body, JSON)
    assert answer.status in statuses
    assert_problem(answer, answer.status)


def bomb(unpacked_bytes):
    packer, chunk = zlib.compressobj(9, wbits=31), b" " * MIB
    return b"".join([*(packer.compress(chunk) for _ in range(unpacked_bytes // MIB)), packer.flush()])


ZIPPED = {
    "a bomb of 1 GiB": (bomb(1 << 30), 413),
    "cut short": (gzip.compress(valid_body("zip"))[:-12], 400),
    "not gzip": (b"PK\x03\x04 this is something else", 400),
    "bytes behind the end": (gzip.compress(valid_body("zip")) + b"more", 400),
}


@pytest.mark.parametrize("name", ZIPPED)
def test_bad_gzip_is_refused(comporta, name):
    body, status = ZIPPED[name]
    assert_problem(comporta.request("POST", UPLOADS, body, {**JSON, "Content-Encoding": "gzip"}), status)


@pytest.mark.parametrize("headers", [
    {"Content-Type": "text/plain"}, {"Content-Type": "application/xml"}, {}, {"Content-Type": ";;;"},
    {**JSON, "Content-Encoding": "br"}, {"Content-Type": "multipart/form-data"}])
def test_what_is_not_json_is_not_taken(comporta, headers):
    answer = comporta.request("POST", UPLOADS, valid_body("type"), headers)
    assert answer.status in (400, 415)
    assert_problem(answer, answer.status)


def test_an_idempotency_key_that_is_too_long_is_refused(comporta):
    headers = {**JSON, "Idempotency-Key": "x" * 256}
    assert_problem(comporta.request("POST", UPLOADS, valid_body("key"), headers), 400)


@pytest.mark.parametrize("method, path", [
    ("PATCH", UPLOADS), ("OPTIONS", UPLOADS), ("POST", "/api/v1/kinds"), ("DELETE", "/api/v1/batches/x"),
    ("POST", "/api/v1/objects/transaction"), ("POST", "/"), ("TRACE", "/")])
def test_a_wrong_method_is_told_the_right_ones(comporta, method, path):
    answer = comporta.request(method, path)
    assert_problem(answer, 405)
    assert answer.headers["allow"]


@pytest.mark.parametrize("method, path", [
    ("GET", "/api/v1"), ("GET", "/api/v2/kinds"), ("GET", "/nowhere"), ("GET", "/.git/config"),
    ("GET", "/api/v1/records/"),
    ("POST", "/api/v1/records/"), ("POST", "/api/v1/records/no-such-kind"), ("POST", "/api/v1/records/..%2Fcache"),
    ("GET", "/api/v1/kinds/no-such-kind/schema.json"), ("GET", "/api/v1/records/transaction/nobody"),
    ("GET", "/api/v1/batches/not-an-id"), ("GET", "/api/v1/objects/transaction/2026/11/22/x.ndjson"),
    ("GET", "/api/v1/objects/..%2F..%2Fetc/passwd"), ("GET", "/api/v1/kinds/%00"),
    ("GET", "/api/v1/records/transaction/%ff")])
def test_what_is_not_there_is_not_found(comporta, method, path):
    answer = comporta.request(method, path, valid_body("path") if method == "POST" else None, JSON)
    assert answer.status in (400, 404)
    assert_problem(answer, answer.status)


@pytest.mark.parametrize("header, status", [
    (f"X-Long: {'x' * 9000}", 431), ("Content-Length: 5", 400), ("Transfer-Encoding: nonsense", 501)])
def test_bad_headers_end_at_the_door(comporta, header, status):
    (answer,) = send_raw(comporta.stack.ports["COMPORTA_PORT"], post(UPLOADS, valid_body("header"), header))
    assert_problem(answer, status)


@pytest.mark.parametrize("line, status", [
    (b"GARBAGE", 400), (b"GET / HTTP/9.9", 505), (b"GET /" + b"x" * 9000 + b" HTTP/1.1", 414)])
def test_a_bad_request_line_ends_at_the_door(comporta, line, status):
    (answer,) = send_raw(comporta.stack.ports["COMPORTA_PORT"], line + b"\r\nHost: test\r\nConnection: close\r\n\r\n")
    assert_problem(answer, status)


@pytest.mark.parametrize("port", ["COMPORTA_PORT", "COMPORTA_GATEWAY_PORT"])
def test_a_client_that_leaves_in_the_middle_leaves_nothing(comporta, port):
    body = valid_body("left")
    for sent in (post(UPLOADS, body)[:40], post(UPLOADS, body)[:-10], post(UPLOADS, body, length=32 * MIB)):
        leave_in_the_middle(comporta.stack.ports[port], sent)


# Past the door, as somebody on the inner network might come.
@pytest.mark.parametrize("request_bytes, status", [
    (post(UPLOADS, b"x", length=str(64 * MIB)), 413),
    (post(UPLOADS, b"x", length="-5"), 400),
    (post(UPLOADS, b"x", length="5abc"), 400),
    (post(UPLOADS, b"x", length="1000000000000000"), 413),
    (post(UPLOADS, b"x", "Content-Length: 2"), 400),
    (f"POST {UPLOADS} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(), 411),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
    (b"GARBAGE\r\n\r\n", 400)],
    ids=["64 MiB", "-5", "5abc", "1e15", "two lengths", "chunked", "headers", "garbage"])
def test_the_gateway_guards_itself(comporta, request_bytes, status):
    (answer,) = send_raw(comporta.stack.ports["COMPORTA_GATEWAY_PORT"], request_bytes)
    assert answer.status == status
