"""Clients that obey the contract: whatever is not a 202 is sent again, with the same Idempotency-Key."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

from asking import Asker, in_time
from buyers import Buyer
from client import Connection
from shop import Shopper
from uploads import ACCOUNT_KEY, Taken

THINK_SECONDS = 0.3  # between two uploads of a client, on average
NOT_BELIEVED = 401


@dataclass
class Client:
    """One thread's work. Read it only after join()."""

    shopper: Shopper
    uploads: Asker
    sessions: Asker
    taken: list = field(default_factory=list)
    buyers: dict = field(default_factory=dict)  # by name
    violations: list = field(default_factory=list)


class Clients:
    """Upload from `start` until `finish`, each from an address of its own. `as_admin` gives headers."""

    def __init__(self, comporta, seed, count, as_admin):
        self._port, self._as_admin = comporta.stack.ports["COMPORTA_PORT"], as_admin
        self._stopping = threading.Event()
        self.all = [self._make(seed, number) for number in range(count)]
        self._threads = [threading.Thread(target=self._run, args=(client, random.Random(f"{seed} pause {n}")))
                         for n, client in enumerate(self.all)]

    def _make(self, seed, number):
        uploads, sessions = (Asker(Connection(self._port, source=f"127.0.1.{number + 1}")) for _ in range(2))
        shopper = Shopper(f"c{number}", random.Random(f"{seed} client {number}"), f"pair{number // 2}")
        return Client(shopper, uploads, sessions)

    def start(self):
        for thread in self._threads:
            thread.start()

    def finish(self):
        """Draws nothing new, and waits until all that was drawn has been taken."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def answers(self, which):
        """By status, of the `uploads` or the `sessions` of all."""
        return sum((getattr(client, which).answers for client in self.all), Counter())

    def _run(self, client, rng):
        shopper = client.shopper
        try:
            for upload in shopper.first():
                self._send(client, upload)
            while not self._stopping.wait(rng.expovariate(1 / THINK_SECONDS)):
                self._send(client, shopper.next())
            for upload in shopper.last():
                self._send(client, upload)
        except Exception as error:  # shown by the report
            client.violations.append(f"{shopper.name}: {error!r}")

    def _send(self, client, upload):
        changed = self._find_changed(client, upload)
        answer = in_time(lambda: _try(client, upload), f"{upload.method} {upload.path} {upload.key}")
        client.taken.append(Taken(upload, answer.json()))
        if changed:
            changed.has_changed(answer.json()["status"])

    def _find_changed(self, client, upload):
        """The buyer whose account it makes or changes, told so beforehand."""
        if not upload.account:
            return None
        if upload.account not in client.buyers:
            login = client.shopper.people.accounts[upload.account].login
            client.buyers[upload.account] = Buyer(client.sessions, login, self._as_admin)
        buyer = client.buyers[upload.account]
        buyer.is_changing(upload.password)
        return buyer


def _try(client, upload):
    """The receipt's answer; None if there is none yet."""
    path, headers = upload.path, {"Content-Type": "application/json", "Idempotency-Key": upload.key}
    if ACCOUNT_KEY in path:
        path = path.replace(ACCOUNT_KEY, client.buyers[upload.victim or upload.account].find_key())
    sender = client.buyers.get(upload.sender)
    if not sender:
        return client.uploads.once({202}, upload.method, path, upload.body, headers)
    headers |= sender.headers()
    answer = client.uploads.once({202, NOT_BELIEVED}, upload.method, path, upload.body, headers)
    if answer is not None and answer.status == NOT_BELIEVED:
        sender.distrust()
        return None
    return answer
