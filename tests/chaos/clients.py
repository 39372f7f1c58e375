"""Clients that obey the contract: whatever is not a 202 is sent again, with the same Idempotency-Key."""

import http.client
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from shop import Shopper

PATIENCE_SECONDS = 180  # for one upload; no fault lasts that long
THINK_SECONDS = 0.3  # between two uploads of a client, on average
TRY_AGAIN = (429, 503)


@dataclass
class Taken:
    """An upload that got its 202."""

    kind: str
    records: int
    parts: tuple
    receipt: dict


@dataclass
class Client:
    """One thread's work. Read it only after join()."""

    shopper: Shopper
    taken: list = field(default_factory=list)
    answers: Counter = field(default_factory=Counter)  # by status; "broken": no answer
    violations: list = field(default_factory=list)


class Clients:
    """Upload from `start` until `finish`, each on a connection of its own."""

    def __init__(self, comporta, seed, count):
        self._comporta, self._stopping = comporta, threading.Event()
        self.all = [Client(Shopper(f"c{n}", random.Random(f"{seed} client {n}"))) for n in range(count)]
        self._threads = [threading.Thread(target=self._run, args=(client, random.Random(f"{seed} pause {n}")))
                         for n, client in enumerate(self.all)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def finish(self):
        """Draws nothing new, and waits until all that was drawn has been taken."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, client, rng):
        connection, shopper = self._comporta.connect(), client.shopper
        try:
            for upload in shopper.first():
                self._send(client, connection, upload)
            while not self._stopping.wait(rng.expovariate(1 / THINK_SECONDS)):
                self._send(client, connection, shopper.next())
            for upload in shopper.last():
                self._send(client, connection, upload)
        except Exception as error:  # shown by the report
            client.violations.append(f"{shopper.name}: {error!r}")

    def _send(self, client, connection, upload):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = _try(client, connection, upload)
            if answer is not None and answer.status == 202:
                client.taken.append(Taken(upload.kind, upload.records, upload.parts, answer.json()))
                return
            time.sleep(_pause(answer))
        raise AssertionError(f"{upload.method} {upload.path} {upload.key} was not taken in {PATIENCE_SECONDS} s")


def _try(client, connection, upload):
    """The answer; None when the connection broke."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": upload.key}
    try:
        answer = connection.request(upload.method, upload.path, upload.body or None, headers)
    except (OSError, http.client.HTTPException):
        client.answers["broken"] += 1
        return None
    client.answers[answer.status] += 1
    retry = answer.headers.get("retry-after")
    if answer.status != 202 and (answer.status not in TRY_AGAIN or not retry):
        raise AssertionError(f"{upload.method} {upload.path} got {answer.status} (Retry-After {retry}): {answer.body}")
    return answer


def _pause(answer):
    return float(answer.headers["retry-after"]) if answer is not None else 0.2
