"""More than a daemon or a client is allowed: what is beyond the limit is refused at once, the rest is served."""

import os
import re
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from client import Comporta, Connection, eventually, record
from comporta_native.daemons import with_settings

MIB = 2**20
LIMITS = {"max_body": "1MiB", "max_pending": "4MiB", "max_buffered": "16MiB", "max_backlog_messages": "50",
          "answer_timeout": "60s"}
RECORDS = 250
UPLOAD_BYTES = RECORDS * 190  # and so checked at once, on the gateway's HTTP thread
CLIENTS = 3 * 4 * MIB // UPLOAD_BYTES  # three times what may be on its way to the broker
REFUSALS_TAKEN = 10  # by each client, before it gives up
RATE, BURST = 1, 20


@pytest.fixture(scope="module")
def limited(make_stack, tmp_path_factory):
    """A gateway with small limits behind a door that lets one address send little."""
    stack = make_stack(settings={"COMPORTA_CLIENT_RATE": str(RATE), "COMPORTA_CLIENT_BURST": str(BURST)})
    config = tmp_path_factory.mktemp("limits") / "ingest-gateway.yaml"
    stack.parts["ingest-gateway"] = with_settings(stack.parts["ingest-gateway"], config, LIMITS)
    stack.start()
    yield Comporta(stack)
    stack.discard()


@pytest.fixture(autouse=True)
def ready(limited):
    """What one test did to the broker is over when the next one begins."""
    eventually(lambda: limited.private_get("ingest-gateway", "/readyz")[0] == 200, "the gateway is ready")


def stands_still(group):
    """Whether every thread of every process of that group is stopped."""
    for file in Path("/proc").glob("[0-9]*/task/*/stat"):
        try:
            state, _parent, its_group, *_ = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(its_group) == group and state not in "TZ":
            return False
    return True


@contextmanager
def paused(process):
    """It and its children stand still, and take nothing."""
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        eventually(lambda: stands_still(process.pid), "it stands still")
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def peak_memory(process):
    """In bytes, since its start."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())[1]) * 1024


def upload_until_taken(port, number, taken, refused):
    """The client of one upload of UPLOAD_BYTES, which comes again at once when it is refused."""
    connection = Connection(port, timeout=120)
    records = [record(f"overload-{number}-{n}") for n in range(RECORDS)]
    for _ in range(REFUSALS_TAKEN):
        answer = connection.upload(records, key=f"overload-{number}")
        if answer.status == 202:
            taken.append(answer.json())
            return
        refused.append(answer)


def test_beyond_the_bytes_in_flight_uploads_are_refused_and_memory_stays_bounded(limited):
    stack, taken, refused = limited.stack, [], []
    gateway, port = stack.processes["ingest-gateway"], stack.ports["COMPORTA_GATEWAY_PORT"]
    before = peak_memory(gateway)
    clients = [threading.Thread(target=upload_until_taken, args=(port, n, taken, refused)) for n in range(CLIENTS)]
    with paused(stack.processes["rabbitmq"]):
        for client in clients:
            client.start()
        # Those beyond the limit are told so, again and again, while the others are still waiting.
        eventually(lambda: len(refused) >= CLIENTS // 2 * REFUSALS_TAKEN, "what is too much is refused")
        assert not taken, "the broker has confirmed nothing"
        assert {(answer.status, answer.headers.get("retry-after")) for answer in refused} == {(503, "1")}
        assert any("too many uploads are on their way" in answer.json()["detail"] for answer in refused)
    for client in clients:
        client.join()
    assert len(taken) > CLIENTS // 4, "what was within the limit is served"
    # On its way to the broker, being taken in, and batches that are made of it.
    assert peak_memory(gateway) - before < (4 + 16 + 3 * 4) * MIB, "of far more than that which was offered"
    limited.wait_settled({batch for receipt in taken for batch in receipt["batches"]})


def has_caught_up(gateway):
    """Whether it knows: it asks how many messages wait now and then."""
    log = gateway.log.read_text()
    return log.count("consumers have caught up") == log.count("consumers are far behind")


def test_behind_slow_consumers_uploads_are_refused_until_they_catch_up(limited):
    port, receipts = limited.stack.ports["COMPORTA_GATEWAY_PORT"], []
    connection = Connection(port)

    def refused():
        answer = connection.upload([record(f"behind-{len(receipts)}")])
        if answer.status == 202:
            receipts.append(answer.json())
            return None
        return answer

    with paused(limited.stack.processes["storage"]):
        answer = eventually(refused, "too much waits to be stored")
        assert answer.status == 503 and answer.headers["retry-after"]
        assert "waiting to be stored" in answer.json()["detail"]
        assert limited.private_get("ingest-gateway", "/livez")[0] == 200
    eventually(lambda: refused() is None, "uploads are taken again")
    limited.wait_settled({batch for receipt in receipts for batch in receipt["batches"]})
    eventually(lambda: has_caught_up(limited.stack.processes["ingest-gateway"]), "none is refused any more")


def upload_from(address, port):
    return Connection(port, source=address).upload([record("rate")])


def test_an_address_that_sends_too_often_is_refused_and_no_other(limited):
    door = limited.stack.ports["COMPORTA_PORT"]
    answers = [upload_from("127.0.2.1", door) for _ in range(3 * BURST)]
    statuses = [answer.status for answer in answers]
    assert statuses[:BURST] == [202] * BURST, "a burst is taken"
    refused = [answer for answer in answers if answer.status != 202]
    assert refused and {answer.status for answer in refused} == {429}
    for answer in refused:
        assert answer.headers["content-type"] == "application/problem+json" and answer.headers["retry-after"] == "1"
        assert answer.json()["status"] == 429
    assert upload_from("127.0.2.2", door).status == 202
