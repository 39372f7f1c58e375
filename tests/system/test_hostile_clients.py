"""Whatever some clients do, the others are served."""

import threading
from pathlib import Path

import pytest

from client import UPLOADS, Connection, eventually, record
from crowd import Crowd, allow_files, honest_clients_are_served

IDLE = 10_000
SLOW = 5_000  # more connections than a daemon takes
SLOW_BODIES = 500
SLOW_READERS = 100
HALVES = 500
DRIPS = 3
FLOOD_CLIENTS, FLOOD_REQUESTS = 8, 300
HEAD = f"POST {UPLOADS} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True, scope="module")
def many_files():
    allow_files(IDLE + 2_000)


@pytest.fixture(params=["COMPORTA_PORT", "COMPORTA_GATEWAY_PORT"], ids=["through-nginx", "at-the-gateway"])
def door(request, comporta):
    return comporta.stack.ports[request.param]


def open_files(comporta, name):
    return len(list(Path(f"/proc/{comporta.stack.processes[name].pid}/fd").iterdir()))


def test_idle_connections(door):
    with Crowd(door, IDLE):
        honest_clients_are_served(door, "idle")


def test_slow_headers(door):
    with Crowd(door, SLOW, HEAD.encode()) as crowd:
        for drip in range(DRIPS):
            crowd.say(f"X-{drip}: slow\r\n".encode())
            honest_clients_are_served(door, f"slow-headers-{drip}")


def test_slow_bodies(door):
    with Crowd(door, SLOW_BODIES, f"{HEAD}Content-Length: 1000\r\n\r\n[".encode()) as crowd:
        for drip in range(DRIPS):
            crowd.say(b" ")
            honest_clients_are_served(door, f"slow-bodies-{drip}")


def test_half_requests(comporta, door):
    honest_clients_are_served(door, "before-halves", 1)
    before = open_files(comporta, "ingest-gateway")
    for half in (HEAD, f"{HEAD}Content-Length: 1000\r\n\r\n[", "POST /", f"{HEAD}Content-Length: 0\r\n\r\n"):
        with Crowd(door, HALVES, half.encode()):
            pass
        honest_clients_are_served(door, "halves")
    eventually(lambda: open_files(comporta, "ingest-gateway") < before + HALVES // 2, "the connections are closed")


@pytest.mark.parametrize("variable", ["COMPORTA_PORT", "COMPORTA_STORAGE_PORT"], ids=["through-nginx", "at-storage"])
def test_slow_readers(comporta, variable):
    receipt = comporta.connect().upload([record(f"large-{n:05}") for n in range(1_000)]).json()
    comporta.wait_settled(receipt["batches"])
    port, path = comporta.stack.ports[variable], receipt["links"]["objects"][0]
    ask = f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode()
    with Crowd(port, SLOW_READERS, ask * 10, receive_bytes=4_096):
        for _ in range(10):
            # All of them asking at once may get an honest client a 503; that they take nothing may not.
            answer = eventually(lambda: [a for a in [Connection(port).request("GET", path)] if a.status == 200],
                                "the object is read")[0]
            assert answer.body.count(b'"_id"') == 1_000
        honest_clients_are_served(comporta.stack.ports["COMPORTA_PORT"], "slow-readers")


def test_a_flood_of_invalid_json(door):
    refused, flooding = [], threading.Barrier(FLOOD_CLIENTS + 1)

    def flood():
        connection = Connection(door)
        flooding.wait()
        for _ in range(FLOOD_REQUESTS):
            answer = connection.request("POST", UPLOADS, b'[{"_id":' * 1_000, {"Content-Type": "application/json"})
            refused.append(answer.status)

    clients = [threading.Thread(target=flood) for _ in range(FLOOD_CLIENTS)]
    for client in clients:
        client.start()
    flooding.wait()
    while any(client.is_alive() for client in clients):
        honest_clients_are_served(door, "flood")
    assert refused == [400] * FLOOD_CLIENTS * FLOOD_REQUESTS
