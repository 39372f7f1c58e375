"""Clients that upload and read while something is done, and count what they were not given."""

import http.client
import threading
import time
import uuid
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

from load import PATIENCE_SECONDS, Run, Upload

UPLOADERS, READERS = 8, 3
PAUSE_SECONDS = 0.25
QUESTIONS = ("/", "/api/v1/kinds", "/api/v1/recent/transaction?limit=5", "/api/v1/objects/transaction?all_days=true")


@dataclass(frozen=True)
class Miss:
    what: str
    when: float
    how: object  # an answer, or an exception


class Steady:
    """Half of the uploaders keep their connection, the others make one for each request, as the readers do."""

    def __init__(self, comporta, rng):
        self.run = Run(f"{rng.getrandbits(40):x}", [])
        self.answered = 0
        self.refused = []  # 503 with Retry-After
        self.wrong = []  # any other answer
        self.broken = []  # none
        self._comporta, self._rng, self._over, self._lock = comporta, rng, threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._upload, args=(number % 2 == 0,)) for number in range(UPLOADERS)]
        self._threads += [threading.Thread(target=self._read) for _ in range(READERS)]

    @property
    def missed(self):
        return self.refused + self.wrong + self.broken

    def start(self):
        for thread in self._threads:
            thread.start()

    def end(self):
        self._over.set()
        for thread in self._threads:
            thread.join()
        assert not self.run.failures, self.run.failures[:3]

    def told(self):
        """For whoever reads the test's output."""
        missed = {"refused": self.refused, "wrong": self.wrong, "broken": self.broken}
        counted = {name: dict(Counter(miss.what for miss in misses)) for name, misses in missed.items()}
        return f"{len(self.run.uploads)} uploads, {self.answered} answers; {counted}"

    def _next(self):
        with self._lock:
            upload = Upload(len(self.run.uploads), 1, str(uuid.UUID(int=self._rng.getrandbits(128), version=4)))
            self.run.uploads.append(upload)
            return upload

    def _upload(self, keeps):
        connection = self._comporta.connect()
        while not self._over.wait(PAUSE_SECONDS):
            upload, deadline = self._next(), time.monotonic() + PATIENCE_SECONDS
            while not upload.receipt and time.monotonic() < deadline:
                answer = self._ask("upload", 202, lambda: connection.upload(self.run.records(upload), upload.key))
                upload.receipt = answer and answer.json()
                if not keeps:
                    connection.close()
            if not upload.receipt:
                self.run.failures.append(upload)
                return

    def _read(self):
        number = 0
        while not self._over.wait(PAUSE_SECONDS):
            path = QUESTIONS[number % len(QUESTIONS)]
            self._ask(path.partition("?")[0], 200, lambda: self._comporta.get(path))
            number += 1

    def _ask(self, what, expected, request):
        """The answer, if it is the expected one."""
        when = time.time()
        try:
            answer = request()
        except (OSError, http.client.HTTPException) as error:
            self.broken.append(Miss(what, when, error))
        else:
            if answer.status == expected:
                with self._lock:
                    self.answered += 1
                return answer
            is_refusal = answer.status == 503 and answer.headers.get("retry-after")
            (self.refused if is_refusal else self.wrong).append(Miss(what, when, answer))
        time.sleep(PAUSE_SECONDS)
        return None


@contextmanager
def steady(comporta, rng):
    load = Steady(comporta, rng)
    load.start()
    try:
        yield load
    finally:
        load.end()
        print(load.told())
