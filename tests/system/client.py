"""Talks to a running Comporta as its users do, and looks behind it as its operators do."""

import contextlib
import gzip
import http.client
import json
import os
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

from comporta_native.daemons import BUCKET
from comporta_native.part import HOST
from comporta_native.stores import redis_of, s3_of

RING = "comporta:applied"
SENTINEL = "sentinel"
UPLOADS = "/api/v1/records/transaction"
IDLE_SECONDS = 30  # less than nginx and the daemons keep a connection that nobody uses


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)


def record(key, **changes):
    """A valid transaction."""
    return {"_id": key, "isActive": True, "cliente": "Cliente fulano", "email": "clientefulanoo@example.com",
            "endereco": "Cidade A, Estado A, 1000", "datatrasancao": "2024-03-11T12:00:00 +00:00", **changes}


def read_answer(response):
    return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


class Connection:
    """A kept-alive connection to one port, used by one thread."""

    def __init__(self, port, timeout=60, source=None, headers=None):
        """`source`: an address of this machine that it comes from; `headers`: sent with each request."""
        self._connection = http.client.HTTPConnection(HOST, port, timeout, source and (source, 0))
        self._headers, self._used_at = headers or {}, time.monotonic()

    def request(self, method, path, body=None, headers=None):
        """Raises OSError or HTTPException when the connection breaks; the next call opens a new one, and so does one
        that comes so late that the server may have closed it as idle."""
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self._connection.close()
        try:
            self._connection.request(method, path, body, self._headers | (headers or {}))
            return read_answer(self._connection.getresponse())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        finally:
            self._used_at = time.monotonic()

    def close(self):
        """The next request opens it again."""
        self._connection.close()

    def upload(self, records, key=None, zipped=False, kind="transaction"):
        headers = {"Content-Type": "application/json"}
        body = json.dumps(records).encode()
        if key:
            headers["Idempotency-Key"] = key
        if zipped:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return self.request("POST", f"/api/v1/records/{kind}", body, headers)

    def delete(self, kind, key):
        return self.request("DELETE", f"/api/v1/records/{kind}/{urllib.parse.quote(key)}")

    def outcome(self, receipt, headers=None):
        """What became of an upload, once something has: on a busy machine one wait may be over before."""
        link = receipt["status"]

        def ask():
            said = self.request("GET", link, None, {"Prefer": "wait=10", **(headers or {})})
            assert said.status == 200, said
            return said.json()["state"] != "pending" and said.json()

        return eventually(ask, f"something has become of {link}")

    def view(self, name, **parameters):
        """The JSON of a query such as order/revenue."""
        answer = self.request("GET", f"/api/v1/views/{name}?{urllib.parse.urlencode(parameters)}")
        assert answer.status == 200, answer
        return answer.json()

    def pages(self, name, member, **parameters):
        """The entries of every page of a query that lists."""
        while True:
            page = self.view(name, **parameters)
            yield from page[member]
            if not page.get("cursor"):
                return
            parameters["cursor"] = page["cursor"]


def eventually(ask, what, seconds=180):
    """The first true answer of `ask`; fails when there is none in time. `what`: a text, or what makes it then."""
    deadline = time.monotonic() + seconds
    while True:
        is_last = time.monotonic() >= deadline  # looked at before, or a test held up meanwhile would not have asked
        answer = ask()
        if answer:
            return answer
        assert not is_last, f"not within {seconds} s: {what() if callable(what) else what}"
        time.sleep(0.05)


def files_of(stack):
    """Every file that its servers and daemons have, by its name, with its content; but what they remove meanwhile."""
    found = {}
    for folder, _folders, names in os.walk(stack.directory):
        for path in (os.path.join(folder, name) for name in names):
            with contextlib.suppress(FileNotFoundError):
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        found[path] = file.read()
    return found


class Comporta:
    """A running stack, seen from outside."""

    def __init__(self, stack):
        self.stack = stack
        self.redis = redis_of(stack)
        self.s3 = s3_of(stack)

    def connect(self, headers=None):
        return Connection(self.stack.ports["COMPORTA_PORT"], headers=headers)

    def request(self, *arguments):
        return self.connect().request(*arguments)

    def get(self, path):
        return self.request("GET", path)

    def private_get(self, name, path):
        """(status, text) at the private port of that daemon."""
        try:
            with urllib.request.urlopen(self.stack.private_url(name, path), timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def private_head(self, name, path):
        request = urllib.request.Request(self.stack.private_url(name, path), method="HEAD")
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status

    def object_names(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def read_object(self, name):
        return self.s3.get_object(Bucket=BUCKET, Key=name)["Body"].read()

    def applied(self):
        """What the cache remembers to have applied: batch -> (parts, records), as first brought by it."""
        ring = self.redis.hgetall(RING)
        return {batch.decode(): tuple(map(int, value.decode().split(",")[1:3])) for batch, value in ring.items()}

    def cached_records(self):
        """How many records have been written to Redis since it started."""
        commands = self.redis.info("commandstats")
        return sum(commands.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("set", "setex"))

    def is_settled(self, batches):
        """Whether these batches are both stored and applied."""
        stored = {batch_of(name) for name in self.object_names()}
        return stored.issuperset(batches) and self.applied().keys() >= set(batches)

    def is_in_step(self):
        """Whether all that is stored is applied and the other way round. After a gateway was killed it may
        never be: what nobody was told yes to may have reached one queue and not the other."""
        return {batch_of(name) for name in self.object_names()} == set(self.applied())

    def wait_settled(self, batches, seconds=180):
        eventually(lambda: self.is_settled(batches), "what was taken is stored and applied", seconds)

    def settle(self):
        """Waits until what was published before this call is through. Messages are taken in their order; storage writes
        several objects at a time, so what it took before may be written later."""
        answer = self.connect().upload([record(SENTINEL)])
        assert answer.status == 202, answer
        self.wait_settled(answer.json()["batches"])
        eventually(self._has_stored_what_it_took, "storage has nothing in hand")

    def _has_stored_what_it_took(self):
        with contextlib.suppress(OSError):
            texts = [self.private_get(name, "/metrics")[1] for name in self.stack.parts if name.startswith("storage")]
            return all("\ncomporta_unsettled_messages 0\n" in text for text in texts)


def batch_of(object_name):
    return object_name.rpartition("/")[2].removesuffix(".ndjson")
