"""Told to stop under full load, a daemon finishes what it took, and says no to the rest."""

import http.client
import json
import signal
import threading
import time

import pytest

from client import HOST, UPLOADS, Comporta, eventually, read_answer, record
from comporta_native.daemons import with_settings
from conftest import while_running

DAEMONS = {
    "ingest-gateway": ("COMPORTA_GATEWAY_PORT", "/api/v1/kinds"),
    "storage": ("COMPORTA_STORAGE_PORT", "/api/v1/status"),
    "cache": ("COMPORTA_CACHE_PORT", "/api/v1/recent/transaction"),
}
CLIENTS = 24
RECORDS = 100
GRACE_SECONDS = 40


@pytest.fixture(scope="module")
def running(make_stack):
    yield from while_running(make_stack())


class Sender(threading.Thread):
    """Uploads straight to the gateway until a connection breaks off or is refused."""

    def __init__(self, port, name):
        super().__init__()
        self._connection, self._name = http.client.HTTPConnection(HOST, port, timeout=60), name
        self.answers = []
        self.unanswered = None  # when the last byte of that request had been sent

    def run(self):
        sent = None
        try:
            while True:
                sent = None
                body = json.dumps([record(f"{self._name}-{len(self.answers)}-{n}") for n in range(RECORDS)])
                self._connection.request("POST", UPLOADS, body, {"Content-Type": "application/json"})
                sent = time.monotonic()
                self.answers.append(read_answer(self._connection.getresponse()))
        except (OSError, http.client.HTTPException):
            self.unanswered = sent
            self._connection.close()


def test_the_gateway_answers_every_request_that_came_before_it_was_told_to_stop(running):
    gateway, port = running.stack.processes["ingest-gateway"], running.stack.ports["COMPORTA_GATEWAY_PORT"]
    senders = [Sender(port, f"drain-{n}") for n in range(CLIENTS)]
    for sender in senders:
        sender.start()
    eventually(lambda: all(len(sender.answers) > 3 for sender in senders), "uploads go on")
    told = time.monotonic()
    gateway.send(signal.SIGTERM)
    assert gateway.wait(GRACE_SECONDS) and gateway.exit_code == 0, gateway.last_lines()
    for sender in senders:
        sender.join()
    assert [s.unanswered for s in senders if s.unanswered is not None and s.unanswered < told] == []
    answers = [answer for sender in senders for answer in sender.answers]
    assert {answer.status for answer in answers} <= {202, 503}
    running.stack.restart("ingest-gateway")
    running.wait_settled({b for answer in answers if answer.status == 202 for b in answer.json()["batches"]})


@pytest.mark.parametrize("name", ["storage", "cache"])
def test_a_consumer_finishes_or_gives_back_what_it_took(running, name):
    consumer, answers, stop = running.stack.processes[name], [], threading.Event()

    def upload():
        connection = running.connect()
        while not stop.is_set():
            answers.append(connection.upload([record(f"{name}-{len(answers)}-{n}") for n in range(RECORDS)]))

    clients = [threading.Thread(target=upload) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        eventually(lambda: len(answers) > 3 * CLIENTS, "uploads go on")
        consumer.send(signal.SIGTERM)
        assert consumer.wait(GRACE_SECONDS) and consumer.exit_code == 0, consumer.last_lines()
        seen = len(answers)
        eventually(lambda: len(answers) > seen + CLIENTS, "uploads go on without it")
    finally:
        stop.set()
        for client in clients:
            client.join()
    assert {answer.status for answer in answers} == {202}
    stopped = len(running.object_names() if name == "storage" else running.applied())
    running.stack.restart(name)
    running.wait_settled({batch for answer in answers for batch in answer.json()["batches"]})
    assert len(running.object_names() if name == "storage" else running.applied()) > stopped


@pytest.fixture(scope="module")
def leaving(make_stack, tmp_path_factory):
    stack, folder = make_stack(), tmp_path_factory.mktemp("leaving")
    for name in DAEMONS:
        stack.parts[name] = with_settings(stack.parts[name], folder / f"{name}.yaml", {"leave_time": "600s"})
    stack.start()
    yield Comporta(stack)
    for name in DAEMONS:
        stack.kill(name)  # it would take its leave
    stack.discard()


@pytest.mark.parametrize("name", DAEMONS)
def test_a_daemon_that_takes_leave_refuses_nobody_and_keeps_no_connection(leaving, name):
    port, path = DAEMONS[name]
    daemon = leaving.stack.processes[name]
    kept, idle = (http.client.HTTPConnection(HOST, leaving.stack.ports[port], timeout=60) for _ in range(2))

    def ask(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        return answer.will_close

    assert not ask(kept) and not ask(idle)
    daemon.send(signal.SIGTERM)
    eventually(lambda: leaving.private_get(name, "/readyz")[0] == 503, "it is not ready any more")
    assert ask(kept) and ask(kept), "also when it comes back"
    assert ask(idle)
    leaving.wait_settled(leaving.connect().upload([record(f"leaving-{name}")]).json()["batches"])
    daemon.send(signal.SIGTERM)
    assert daemon.wait(GRACE_SECONDS) and daemon.exit_code == 0, daemon.last_lines()
    leaving.stack.restart(name)
