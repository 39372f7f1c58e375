"""Asks as the contract says: what breaks, and what says to come again, is asked again later."""

import http.client
import time
from collections import Counter

from client import Connection

PATIENCE_SECONDS = 180  # for one answer; no fault lasts that long
TRY_AGAIN = (429, 503)
BROKEN_PAUSE_SECONDS = 0.2


class Asker:
    """One connection, of one thread at a time."""

    def __init__(self, connection):
        self._connection = connection
        self.answers = Counter()  # by status; "broken": no answer

    def once(self, fine, method, path, body=None, headers=None):
        """The answer, whose status is one of `fine`; None, after a pause, if there is none yet."""
        try:
            answer = self._connection.request(method, path, body or None, headers)
        except (OSError, http.client.HTTPException):
            self.answers["broken"] += 1
            time.sleep(BROKEN_PAUSE_SECONDS)
            return None
        self.answers[answer.status] += 1
        if answer.status in fine:
            return answer
        retry = answer.headers.get("retry-after")
        if answer.status not in TRY_AGAIN or not retry:
            raise AssertionError(f"{method} {path} got {answer.status} (Retry-After {retry}): {answer.body}")
        time.sleep(float(retry))
        return None

    def until(self, fine, method, path, body=None, headers=None):
        return in_time(lambda: self.once(fine, method, path, body, headers), f"{method} {path}")


def in_time(ask, what):
    """The first true answer of `ask`, which pauses by itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
    raise AssertionError(f"{what} was not answered well in {PATIENCE_SECONDS} s")


class Caller(Connection):
    """Says with every request who asks. `headers`: a function."""

    def __init__(self, comporta, headers):
        super().__init__(comporta.stack.ports["COMPORTA_PORT"])
        self._known_as = headers

    def request(self, method, path, body=None, headers=None):
        return super().request(method, path, body, {**(headers or {}), **self._known_as()})
