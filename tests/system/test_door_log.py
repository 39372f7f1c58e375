"""What nginx logs: one JSON object a line, in which stands nothing that a client sent but the path's known start."""

import contextlib
import json
import re
import socket
import time

import pytest

from client import HOST, eventually
from door import Door, Last, answer
from raw import send_bytes

SECRET = "ana-maria-7391"
ENCODED = "".join(f"%{ord(character):02X}" for character in SECRET)
QUERY = f"?transactionId={SECRET}&seller={SECRET}"
HEADERS = (f"Host: {SECRET}", f"Referer: http://x/{SECRET}", f"Idempotency-Key: {SECRET}", f"traceparent: {SECRET}",
           f"User-Agent: {SECRET}", f"If-None-Match: {SECRET}", f"Cookie: id={SECRET}",
           f"Authorization: Bearer {SECRET}.{SECRET}", f"Prefer: {SECRET}")
RECORD = f"/api/v1/records/transaction/{SECRET}"
SHORT_TIMES = {"proxy_read_timeout 30s;": "proxy_read_timeout 200ms;",
               "client_header_timeout 10s;": "client_header_timeout 500ms;",
               "client_body_timeout 30s;": "client_body_timeout 500ms;"}


def request(method, path, *headers, body=b""):
    length = (f"Content-Length: {len(body)}",) if body else ()
    lines = [f"{method} {path} HTTP/1.1", *HEADERS, "Connection: close", *length, *headers, "", ""]
    return "\r\n".join(lines).encode("utf-8") + body


PATHS = [
    RECORD, f"{RECORD}{QUERY}", f"{RECORD}/{SECRET}", f"/api/v1/records/transaction/{ENCODED}",
    f"/api/v1/records/transaction%2F{SECRET}", f"//api/v1/records/transaction/{SECRET}",
    f"/api//v1/records/transaction/{SECRET}", f"/%61pi/v1/records/transaction/{SECRET}",
    f"/api/./v1/records/transaction/{SECRET}", f"/x/../api/v1/records/transaction/{SECRET}",
    f"/api/v1/records/transaction/a%22{SECRET}", f'/api/v1/records/transaction/"{SECRET}"',
    f"/api/v1/records/transaction/.{SECRET}", f"/api/v1/records/transaction/..%2F{SECRET}",
    f"/api/v1/records/x.{SECRET}/{SECRET}", f"/api/v1/batches/{SECRET}", f"/api/v1/recent/transaction/{SECRET}",
    f"/api/v1/recent/transaction{QUERY}", f"/api/v1/views/transaction/report?key={SECRET}",
    f"/api/v1/views/order/revenue/{SECRET}", f"/api/v1/objects/transaction{QUERY}",
    f"/api/v1/objects/transaction/{SECRET}", f"/api/v1/kinds/x%2F{SECRET}", f"/api/v1/kinds/transaction/{SECRET}",
    f"/api/v2/{SECRET}", f"/check-fraud{QUERY}", f"/check-fraud/{SECRET}", f"/revenue/{SECRET}",
    f"/revenue/{ENCODED}{QUERY}", f"/revenue%2F{SECRET}", f"//revenue/{SECRET}", f"/purchase/?client={SECRET}",
    f"/products/{SECRET}", f"/seller{QUERY}", f"/{SECRET}", f"/{SECRET}.html{QUERY}", f"/js/{SECRET}.js",
    f"/vendor/chart.js/{SECRET}", f"/.{SECRET}", f"/{SECRET}/", f"/login/{QUERY}", f"/login/{SECRET}",
    f"/api/v1/uploads/{SECRET}", f"/api/v1/hooks/notice{QUERY}&data.id={SECRET}", f"/api/v1/hooks/notice/{SECRET}",
    f"/api/v1/sessions{QUERY}", f"/api/v1/sessions/{SECRET}", f"/api/v1/me{QUERY}",
    f"/.well-known/{SECRET}", f"/index.html/{SECRET}", f"/%22%0A{SECRET}",
    f"/{'x' * 300}{SECRET}", f"/{'x' * 5000}/{SECRET}", f"/%00{SECRET}", f"/../../{SECRET}",
    f"http://{SECRET}/{SECRET}", f"/é{SECRET}", f"/{SECRET}?{SECRET}\"\\", f"/with-key/records?{SECRET}",
]
BODY = json.dumps([{"_id": SECRET}]).encode()
REQUESTS = {
    **{f"{method} {path[:90]}": [request(method, path)] for path in PATHS for method in ("GET", "DELETE")},
    "an upload": [request("POST", f"/api/v1/records/transaction{QUERY}", body=BODY * 20)],
    "a spooled one": [request("POST", RECORD, body=BODY + b" " * (3 << 20))],
    "too large": [request("PUT", RECORD, f"Content-Length: {1 << 30}")],
    "not so large, but elsewhere": [request("GET", f"/{SECRET}", body=b" " * 70_000)],
    "a bad line": [f"GET /{SECRET} {SECRET} HTTP/1.1\r\n\r\n".encode()],
    "no line": [f"{SECRET}\r\n\r\n".encode()],
    "a bad version": [f"GET /{SECRET} HTTP/7.9\r\nHost: x\r\n\r\n".encode()],
    "a bad header": [request("GET", RECORD, f"{SECRET} : {SECRET}", f"\x01{SECRET}: x")],
    "a doubled header": [request("GET", RECORD, f"Host: {SECRET}", "Content-Length: 1", "Content-Length: 2")],
    "two tokens": [request("GET", RECORD, f"Authorization: Bearer {SECRET}")],
    "a login": [request("POST", "/login/", body=f"username={SECRET}&password={SECRET}".encode())],
    "too large a login": [request("POST", "/api/v1/sessions", body=f"username={SECRET}".encode() * 400)],
    "an order": [request("POST", f"/purchase/{QUERY}", body=BODY)],
    "a long header": [request("GET", RECORD, f"X: {SECRET * 1000}")],
    "a long line": [request("GET", f"/{SECRET * 1000}")],
    "an unknown encoding": [request("PUT", RECORD, f"Transfer-Encoding: {SECRET}")],
    "bad chunks": [request("PUT", RECORD, "Transfer-Encoding: chunked") + f"{SECRET}\r\n".encode()],
    "an unknown expectation": [request("PUT", RECORD, f"Expect: {SECRET}", body=b"x")],
    "half a request": [f"GET {RECORD} HTTP/1.1\r\nHost: {SECRET}".encode()],
    "half a body": [request("PUT", RECORD, "Content-Length: 100") + BODY],
}


def odd(seen):
    """What a daemon might do, in turn with the requests."""
    by_number = [answer(), Last(), f"HTTP/1.1 200 OK\r\n{SECRET}\r\n\r\n".encode(), SECRET.encode() + b"\r\n\r\n",
                 answer("404 Not Found"), Last(answer()[:-1]), answer()[:-1],
                 f"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{SECRET}".encode(),
                 f"HTTP/1.1 200 OK\r\nX: {SECRET * 10_000}\r\n\r\n".encode(), answer(body=b"x" * (1 << 20)),
                 f"HTTP/1.1 {SECRET} OK\r\n\r\n".encode()]
    odd.count += 1
    return by_number[odd.count % len(by_number)]


odd.count = 0


def client_leaves_early(port):
    """While the daemon is asked."""
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(request("GET", f"/api/v1/recent/transaction{QUERY}"))


@pytest.fixture(scope="module", params=["warn", "debug"])
def logged(request, make_stack):
    """The lines of a log, at that level, of all that may go wrong with a request."""
    # Refused at the fourth request of one address that comes at once; all of these come from others.
    stack = make_stack(settings={"COMPORTA_CLIENT_RATE": "1000", "COMPORTA_CLIENT_BURST": "1000"})
    door = Door(stack, {**SHORT_TIMES, "error_log stderr warn;": f"error_log stderr {request.param};",
                        "limit_conn per_address 512;": "limit_conn per_address 2;"})
    door.start()
    everything(door)  # while no daemon is there
    for variable in ("COMPORTA_GATEWAY_PORT", "COMPORTA_CACHE_PORT", "COMPORTA_STORAGE_PORT"):
        door.daemon(variable, odd)
    everything(door)
    eventually(lambda: one_too_many(door), "one is refused")
    door.stop()
    yield door.log_lines()


def one_too_many(door):
    """Whether three at once are one too many: a busy machine may be done with the first before the last has come."""
    with contextlib.ExitStack() as held:
        for _ in range(3):
            connection = held.enter_context(socket.create_connection((HOST, door.port)))
            connection.sendall(f"PUT {RECORD} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
        time.sleep(0.2)
    return any('"status":429' in line for line in door.log_lines())


def everything(door):
    for pieces in REQUESTS.values():
        send_bytes(door.port, *pieces)
    client_leaves_early(door.port)


def test_every_line_is_one_json_object(logged):
    assert len(logged) > 2 * len(PATHS)
    for line in logged:
        entry = json.loads(line)
        assert list(entry)[:4] == ["time", "level", "daemon", "message"], line
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", entry["time"]), line
        assert entry["level"] in ("debug", "info", "warn", "error") and entry["daemon"] == "nginx", line


def test_nothing_that_was_sent_stands_in_it(logged):
    told = [line for line in logged if SECRET in line or ENCODED in line or ENCODED.lower() in line
            or "maria" in line or "-7391" in line]  # no trace id can hold these
    assert not told, told[:5]


def test_what_went_wrong_can_be_told(logged):
    messages = {json.loads(line)["message"] for line in logged}
    assert "connect() failed (111: Connection refused) while connecting to upstream" in messages
    assert any(message.startswith("upstream sent ") for message in messages)
    assert any("prematurely closed" in message for message in messages)
