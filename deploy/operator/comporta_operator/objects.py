"""The stored objects, read through storage's HTTP API, so that it does not matter where they are kept."""

import datetime
import heapq
import http.client
import json
import time
import urllib.parse
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import local

from .settings import OperatorError
from .token_keys import Credentials, NoCredentials

PAGE = 1000
READERS = 4
READ_AHEAD = 32
PATIENCE_SECONDS = 60


def batch_of(name):
    return name.rpartition("/")[2].removesuffix(".ndjson")


def kind_of(name):
    return name.partition("/")[0]


def name_of(kind, batch):
    """Its object's. The day is that of the batch's id."""
    return f"{kind}/{_day_path(batch)}/{batch}.ndjson"


def _day_path(batch):
    time_of = datetime.datetime.fromtimestamp(milliseconds_of(batch) / 1000, datetime.timezone.utc)
    return time_of.strftime("%Y/%m/%d")


def milliseconds_of(batch):
    """The time in a batch's id."""
    return int(batch[:8] + batch[9:13], 16)


def first_id_at(milliseconds):
    """Sorts before every id of that time."""
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def start_of_day(text):
    """Milliseconds of `2026-11-22`, in UTC."""
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d")
    except ValueError as error:
        raise OperatorError(f"'{text}' is not a day such as 2026-11-22") from error
    return int(day.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)


class Objects:
    """Any thread. Waits for a storage that is away, for a minute."""

    def __init__(self, settings):
        self._netloc = urllib.parse.urlsplit(settings.storage_url).netloc
        self._connections = local()
        self._credentials = Credentials(settings) if settings.token_keys.exists() else NoCredentials()

    def _ask(self, path):
        connection = getattr(self._connections, "own", None)
        if connection is None:
            connection = self._connections.own = http.client.HTTPConnection(self._netloc, timeout=30)
        try:
            connection.request("GET", path, headers=self._credentials.headers())
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return 503, str(error).encode()

    def _get(self, path):
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, 0.05
        while True:
            status, body = self._ask(path)
            if status in (200, 404):
                return status, body
            if status != 503 or time.monotonic() > deadline:
                raise OperatorError(f"storage at {self._netloc} answers {status} to {path}: {body[:200]!r}")
            time.sleep(pause)
            pause = min(2 * pause, 2)

    def read(self, name):
        """The object's bytes, or None."""
        status, body = self._get(f"/api/v1/objects/{name}")
        return body if status == 200 else None

    def _page(self, kind, **parameters):
        query = urllib.parse.urlencode({name: value for name, value in parameters.items() if value})
        _status, body = self._get(f"/api/v1/objects/{kind}?{query}")
        page = json.loads(body)
        return [item["name"] for item in page["objects"]], page["next"]

    def stored_at(self, name):
        """RFC 3339; None if it is gone."""
        kind, batch = kind_of(name), batch_of(name)
        query = urllib.parse.urlencode({"date": "-".join(name.split("/")[1:4]), "limit": PAGE,
                                        "cursor": first_id_at(milliseconds_of(batch))})
        _status, body = self._get(f"/api/v1/objects/{kind}?{query}")
        return next((item["stored_at"] for item in json.loads(body)["objects"] if item["name"] == name), None)

    def names_of(self, kind, after, before):
        """In the order of their ids. Goes from one day with objects to the next."""
        while True:
            first, _next = self._page(kind, all_days="true", limit=1, cursor=after)
            if not first or batch_of(first[0]) >= before:
                return
            day, cursor = "-".join(first[0].split("/")[1:4]), None
            if f"/{day.replace('-', '/')}/" in f"/{_day_path(after)}/":
                cursor = after
            while True:
                names, following = self._page(kind, date=day, limit=PAGE, cursor=cursor)
                for name in names:
                    if batch_of(name) >= before:
                        return
                    yield name
                after = batch_of(names[-1]) if names else after
                if not following:
                    break
                cursor = following

    def names(self, kinds, after, before):
        """Of several kinds, in the order in which they were published."""
        return heapq.merge(*(self.names_of(kind, after, before) for kind in sorted(kinds)), key=batch_of)

    def contents(self, names):
        """(name, bytes) in the same order, read ahead by a few threads. Objects that are gone are left out."""
        with ThreadPoolExecutor(READERS) as pool:
            waiting = deque()
            for name in names:
                waiting.append((name, pool.submit(self.read, name)))
                if len(waiting) >= READ_AHEAD:
                    yield from self._ready(waiting.popleft())
            while waiting:
                yield from self._ready(waiting.popleft())

    @staticmethod
    def _ready(entry):
        name, future = entry
        body = future.result()
        if body is not None:
            yield name, body
