"""How far storage is behind: what waits in its queue, and what it has taken and not acknowledged. AMQP tells only the
first, RabbitMQ's console (its management plugin) both."""

import base64
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from .settings import OperatorError

ANSWER_SECONDS = 10
COUNTED_SECONDS = 6  # a quorum queue is counted every 5 s: what the console says may be as old as that


@dataclass(frozen=True)
class Counts:
    waiting: int
    unacknowledged: int

    @property
    def is_zero(self):
        return self.waiting == self.unacknowledged == 0

    def __str__(self):
        return f"{self.waiting:,} messages wait, {self.unacknowledged:,} are not acknowledged"


class StorageQueue:
    """As the broker counts it."""

    def __init__(self, settings):
        self._name, self._address = settings.source_queue("storage"), settings.amqp_console
        query = {"disable_stats": "true", "enable_queue_totals": "true", "page": 1, "page_size": 2, "use_regex": "true",
                 "name": f"^{re.escape(self._name)}$"}
        login = base64.b64encode(f"{settings.amqp_user}:{settings.amqp_password}".encode()).decode()
        self._request = urllib.request.Request(f"{self._address}/api/queues/%2F?{urllib.parse.urlencode(query)}",
                                               headers={"Authorization": f"Basic {login}"})

    def counts(self):
        """None while they are not known: its leader is just being elected."""
        try:
            with urllib.request.urlopen(self._request, timeout=ANSWER_SECONDS) as response:
                found = json.load(response)["items"]
            return Counts(found[0]["messages_ready"], found[0]["messages_unacknowledged"])
        except (IndexError, KeyError):
            return None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OperatorError(f"RabbitMQ's console at {self._address} cannot be asked how far storage is behind: "
                                f"{error}") from error


class Settling:
    """Whether storage has settled all that was published before this was made: the queue has been empty since, with
    nothing unacknowledged."""

    def __init__(self, settings, patience_seconds):
        self._queue, self._patience = StorageQueue(settings), patience_seconds
        self._begin, self._counts = time.monotonic(), None

    def is_over(self):
        """To be asked again and again. Raises OperatorError when storage is behind for longer than the patience."""
        waited = time.monotonic() - self._begin
        self._counts = self._queue.counts()
        if self._counts and self._counts.is_zero:
            return waited >= COUNTED_SECONDS
        if waited > self._patience:
            raise OperatorError(f"storage is behind: {self}. They may be in no object yet, and a replay would miss "
                                "them: nothing has been changed. Start it again when storage has caught up, or let it "
                                "wait longer with --wait")
        return False

    def __str__(self):
        return str(self._counts or "the broker has not counted them yet")
