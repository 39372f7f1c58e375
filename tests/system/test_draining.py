"""Told to stop under full load, a daemon finishes what it took, and says no to the rest."""

import http.client
import json
import signal
import threading
import time

import pytest

from client import HOST, UPLOADS, eventually, read_answer, record
from conftest import while_running

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
