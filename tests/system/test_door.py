"""What nginx makes of a request on its way to a daemon, and of the answer on its way back."""

import json
import socket
import threading

import pytest

from client import HOST, Connection, eventually
from door import Door, Last, answer
from raw import post, send_raw

UPLOADS = "/api/v1/records/transaction"
JSON = {"Content-Type": "application/json"}
MIB = 1 << 20
ACCEPTED = answer("202 Accepted")
# An address of each daemon, the aliases too.
READS = {"gateways": ["/api/v1/kinds"], "storage": ["/api/v1/objects/transaction"],
         "cache": ["/api/v1/recent/transaction", f"{UPLOADS}/k", "/api/v1/batches/x", "/api/v1/views/order/sellers",
                   "/check-fraud?transactionId=k", "/revenue/k", "/products", "/seller/", "/purchase/?client=k",
                   "/api/v1/uploads/x", "/api/v1/sessions", "/api/v1/me", "/.well-known/jwks.json"]}
PASSED_ON = {"host", "connection", "x-forwarded-for", "x-forwarded-proto", "traceparent", "content-type",
             "content-encoding", "idempotency-key", "if-none-match", "content-length", "authorization", "prefer",
             "trace-begins"}
# What is sent -> the daemons that get it, and as what.
ROUTES = {
    "POST /login": ("cache", "/api/v1/sessions?kind=client"),
    "POST /login/": ("cache", "/api/v1/sessions?kind=client"),
    "POST /login/?password=p": ("cache", "/api/v1/sessions?kind=client&password=p"),
    "POST /purchase": ("gateways", "/api/v1/records/order"),
    "POST /purchase/?dry_run=true": ("gateways", "/api/v1/records/order?dry_run=true"),
    "GET /purchase/": ("cache", "/api/v1/views/order/purchases"),
    "HEAD /purchase?limit=2": ("cache", "/api/v1/views/order/purchases?limit=2"),
    "POST /api/v1/sessions/refresh": ("cache", "/api/v1/sessions/refresh"),
    "DELETE /api/v1/sessions?all=true": ("cache", "/api/v1/sessions?all=true"),
    "GET /api/v1/uploads/x?batch=a&batch=b": ("cache", "/api/v1/uploads/x?batch=a&batch=b"),
}
SAFE = {"content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy"}


@pytest.fixture(scope="module")
def front(make_stack):
    """nginx with one worker, before two gateways, a storage and a cache."""
    stack = make_stack()
    # Both are asked all the while, whatever they did.
    second = f"server {HOST}:{stack.ports['COMPORTA_GATEWAY_PRIVATE_PORT']} max_fails=0;"
    door = Door(stack, {"worker_processes auto;": "worker_processes 1;",
                        r"upstream gateway \{ (server \S+);(.*)":
                            rf"upstream gateway {{ {second} \g<2> max_fails=0;\g<3>"})
    door.gateways = [door.daemon("COMPORTA_GATEWAY_PORT"), door.daemon("COMPORTA_GATEWAY_PRIVATE_PORT")]
    door.storage, door.cache = [door.daemon("COMPORTA_STORAGE_PORT")], [door.daemon("COMPORTA_CACHE_PORT")]
    door.start()
    yield door
    door.stop()


@pytest.fixture
def door(front):
    """To its daemons nothing has come yet, and they answer with 200."""
    for daemon in [*front.gateways, *front.storage, *front.cache]:
        daemon.seen.clear()
        daemon.act = lambda _seen: answer()
    return front


def gateways_act(door, act):
    for gateway in door.gateways:
        gateway.act = act


def seen_by(daemons):
    return [seen for daemon in daemons for seen in daemon.seen]


def problem(reply, status):
    assert reply.status == status, reply
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status and reply.json()["detail"]
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers.keys() >= SAFE
    return reply


@pytest.mark.parametrize("last", [Last(), Last(b"HTTP/1.1 202 Acc")], ids=["without a word", "in the middle of one"])
@pytest.mark.parametrize("method, path", [("POST", UPLOADS), ("PUT", f"{UPLOADS}/k"), ("DELETE", f"{UPLOADS}/k")])
def test_what_a_gateway_took_before_it_broke_off_goes_to_no_other(door, method, path, last):
    """It may have been published: only the client, with its key, may send it again."""
    gateways_act(door, lambda _seen: last)
    reply = problem(Connection(door.port).request(method, path, b"[1]", JSON), 503)
    assert len(seen_by(door.gateways)) == 1
    assert reply.headers["retry-after"] == "1"


def test_what_has_come_whole_is_sent_to_the_end_whether_or_not_the_client_waits(door):
    taken, released = threading.Event(), threading.Event()

    def act(seen):
        if seen.line.startswith("POST"):
            taken.set()
            released.wait(180)
        return ACCEPTED

    gateways_act(door, act)
    with socket.create_connection((HOST, door.port)) as connection:
        connection.sendall(post("/api/v1/records/left", b"[1]"))
        assert taken.wait(180)
    assert Connection(door.port).request("GET", "/").status == 200  # and so nginx knows that the client has left
    released.set()
    assert eventually(lambda: logged_statuses(door, "/api/v1/records/left"), "it is logged") == [202]


def logged_statuses(door, path):
    entries = [json.loads(line) for line in door.log_lines()]
    return [entry["status"] for entry in entries if entry.get("path") == path]


def test_a_gateway_hears_of_an_upload_when_it_is_whole_and_never_in_chunks(door):
    before = sum(gateway.connections for gateway in door.gateways)
    head = f"POST {UPLOADS} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((HOST, door.port)) as connection:
        connection.sendall(head.encode() + b"2\r\n[1\r\n")
        assert Connection(door.port).request("GET", "/").status == 200  # and so nginx has read what was sent
        assert sum(gateway.connections for gateway in door.gateways) == before
        connection.sendall(b"1\r\n]\r\n0\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
    (seen,) = seen_by(door.gateways)
    assert (seen.body, seen.headers["content-length"]) == (b"[1]", "3") and "transfer-encoding" not in seen.headers


def test_a_daemon_gets_the_headers_it_knows_and_no_other(door):
    sent = {**JSON, "Content-Encoding": "gzip", "Idempotency-Key": "k", "If-None-Match": '"t"', "Cookie": "a=b",
            "Authorization": "Bearer x.y.z", "Prefer": "wait=5", "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "10.0.0.1", "X-Real-IP": "10.0.0.1", "Forwarded": "for=10.0.0.1",
            "Expect": "", "TE": "trailers", "traceparent": f"00-{'0' * 32}-{'1' * 16}-01", "Accept-Encoding": "br"}
    Connection(door.port).request("POST", UPLOADS, b"[1]", sent)
    (seen,) = seen_by(door.gateways)
    assert seen.headers.keys() >= PASSED_ON
    assert not seen.headers.keys() & ({name.lower() for name in sent} - PASSED_ON)
    names = (*JSON, "Content-Encoding", "Idempotency-Key", "If-None-Match", "Authorization", "Prefer")
    told = {name: seen.headers[name.lower()] for name in names}
    assert told == {name: sent[name] for name in told}
    assert (seen.headers["x-forwarded-for"], seen.headers["connection"]) == (HOST, "keep-alive")
    assert seen.headers["x-forwarded-proto"] == "http", "as the client came to this door"
    assert seen.headers["traceparent"] != sent["traceparent"], "a trace of nothing but zeros is none"


def test_the_gateway_is_told_of_a_trace_that_begins_at_the_door_and_of_no_other(door):
    trace = f"00-{'1' * 32}-{'2' * 16}-01"
    for sent, begins in (({"traceparent": trace}, False), ({"traceparent": trace, "Trace-Begins": "yes"}, False),
                         ({}, True), ({"Trace-Begins": ""}, True)):
        for gateway in door.gateways:
            gateway.seen.clear()
        Connection(door.port).request("POST", UPLOADS, b"[1]", {**JSON, **sent})
        (seen,) = seen_by(door.gateways)
        assert seen.headers.get("trace-begins") == ("yes" if begins else None), sent
        assert seen.headers["traceparent"].endswith("-00") if begins else seen.headers["traceparent"] == trace


@pytest.mark.parametrize("sent", ROUTES)
def test_an_address_leads_to_its_daemon(door, sent):
    method, path = sent.split()
    daemons, target = ROUTES[sent]
    for daemon in [*door.gateways, *door.cache]:
        daemon.act = lambda _seen: answer("200 OK", b"")
    assert Connection(door.port).request(method, path, b"{}" if method == "POST" else None, JSON).status == 200
    (seen,) = seen_by(getattr(door, daemons))
    assert seen.line == f"{method} {target} HTTP/1.1"


@pytest.mark.parametrize("path, passed_on", [
    ("/api/v1/sessions", True), ("/api/v1/sessions/refresh", True), ("/api/v1/sessions-of-mine", None),
    ("/api/v1/me", False), ("/login/", False), ("/api/v1/recent/transaction", False), (UPLOADS, False),
    ("/purchase/", False), ("/api/v1/objects/transaction", False), ("/api/v1/sessions/../me", False)])
def test_cookies_go_to_the_sessions_alone(door, path, passed_on):
    Connection(door.port).request("POST", path, b"{}", {**JSON, "Cookie": "refresh=r; other=o"})
    cookies = [seen.headers.get("cookie") for seen in seen_by([*door.gateways, *door.storage, *door.cache])]
    assert cookies == {True: ["refresh=r; other=o"], False: [None], None: []}[passed_on]


@pytest.mark.parametrize("path", [UPLOADS, "/api/v1/me", "/api/v1/recent/transaction", "/api/v1/objects/transaction"])
def test_of_two_tokens_none_is_taken(door, path):
    head = f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
    tokens = "Authorization: Bearer a.b.c\r\nAuthorization: Bearer d.e.f\r\n\r\n"
    (reply,) = send_raw(door.port, (head + tokens).encode())
    problem(reply, 400)
    assert not seen_by([*door.gateways, *door.storage, *door.cache])


@pytest.mark.parametrize("key", ["k", ".k", "..", "../x", "a%2F..%2Fb", "%2E%2e", "a//b", "+", "%20", "a%3Fb",
                                 "../../../../problem"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_an_address_with_a_key_is_passed_on_as_it_was_sent(door, method, key):
    for daemon in [*door.gateways, *door.cache]:
        daemon.act = lambda _seen: answer("200 OK", b"")
    assert Connection(door.port).request(method, f"{UPLOADS}/{key}").status == 200
    (seen,) = seen_by(door.cache if method in ("GET", "HEAD") else door.gateways)
    assert seen.line == f"{method} {UPLOADS}/{key} HTTP/1.1"


@pytest.mark.parametrize("daemons, path", [(name, path) for name, paths in READS.items() for path in paths])
def test_an_answer_is_kept_by_nobody_unless_its_daemon_says_so(door, daemons, path):
    reply = Connection(door.port).request("GET", path)
    assert reply.status == 200 and len(seen_by(getattr(door, daemons))) == 1
    assert reply.headers["cache-control"] == "no-store" and reply.headers.keys() >= SAFE
    for daemon in getattr(door, daemons):
        daemon.act = lambda _seen: answer("200 OK", b"{}", "Cache-Control: private, no-cache")
    assert Connection(door.port).request("GET", path).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("daemons, path", [(name, path) for name, paths in READS.items() for path in paths])
def test_a_daemon_that_breaks_off_is_told_as_not_there(door, daemons, path):
    for daemon in getattr(door, daemons):
        daemon.act = lambda _seen: Last()
    assert problem(Connection(door.port).request("GET", path), 503).headers["retry-after"] == "1"


def test_what_a_daemon_says_of_coming_again_and_of_methods_is_left_as_it_is(door):
    gateways_act(door, lambda _seen: answer("503 Service Unavailable", b"{}", "Retry-After: 7"))
    assert Connection(door.port).request("POST", UPLOADS, b"[1]", JSON).headers["retry-after"] == "7"
    gateways_act(door, lambda _seen: answer("405 Method Not Allowed", b"{}", "Allow: POST"))
    assert Connection(door.port).request("PUT", UPLOADS, b"[1]", JSON).headers["allow"] == "POST"


@pytest.mark.parametrize("path, most", [(UPLOADS, 32 * MIB), (f"{UPLOADS}/k", 32 * MIB), ("/api/v1/kinds", 64 << 10),
                                        ("/api/v1/views/order/sellers", 64 << 10),
                                        ("/purchase/", 32 * MIB), ("/api/v1/sessions", 4 << 10),
                                        ("/api/v1/sessions/refresh", 4 << 10), ("/login/", 4 << 10)])
def test_a_body_is_taken_up_to_its_limit(door, path, most):
    assert Connection(door.port).request("POST", path, b" " * most, JSON).status == 200
    problem(Connection(door.port).request("POST", path, b" " * (most + 1), JSON), 413)


@pytest.mark.parametrize("path", ["/problem", "/with-key/records", "/with-key/revenue", "/with-key", "/.git", "/js/.x",
                                  "/nginx.conf", "/../nginx.conf", "/.well-known", "/.well-known/other.json", "/vendor/chart.js/../../../../etc/passwd"])
def test_what_is_inside_cannot_be_asked_for(door, path):
    (reply,) = send_raw(door.port, f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
    assert reply.status in (400, 404)
    assert not seen_by([*door.gateways, *door.storage, *door.cache])
