"""Many clients at once that never give up, and the count of what became of their records."""

import http.client
import json
import queue
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from client import SENTINEL, record

SMALLEST, LARGEST = 1, 5_000
PATIENCE_SECONDS = 180


@dataclass
class Upload:
    number: int
    size: int
    key: str  # empty: none
    receipt: dict = None


@dataclass
class Run:
    """Uploads whose records can all be told apart."""

    name: str
    uploads: list
    failures: list = field(default_factory=list)
    done: int = 0

    def records(self, upload):
        return [record(f"{self.name}-{upload.number}-{n}") for n in range(upload.size)]

    @property
    def record_count(self):
        return sum(upload.size for upload in self.uploads)

    def batches(self):
        return {batch for upload in self.uploads for batch in upload.receipt["batches"]}


def plan(rng, count, keyed, largest=LARGEST):
    """Sizes spread evenly over the orders of magnitude, both ends among them."""
    sizes = [SMALLEST, largest]
    sizes += [round(SMALLEST * (largest / SMALLEST) ** rng.random()) for _ in range(count - len(sizes))]
    rng.shuffle(sizes)
    name = f"{rng.getrandbits(40):x}"
    return Run(name, [Upload(number, size, str(uuid.UUID(int=rng.getrandbits(128), version=4)) if keyed else "")
                      for number, size in enumerate(sizes)])


def _send(run, upload, connection):
    """Repeats until the answer is 202. Without a key only a refusal is repeated, for there nothing was taken."""
    records, deadline = run.records(upload), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = connection.upload(records, upload.key)
        except (OSError, http.client.HTTPException):
            if not upload.key:
                raise
            time.sleep(0.05)
            continue
        if answer.status == 202:
            upload.receipt = answer.json()
            return
        assert answer.status == 503 and upload.key, answer
        assert answer.headers.get("retry-after"), answer
        time.sleep(0.05)
    raise AssertionError(f"upload {upload.number} was not taken in {PATIENCE_SECONDS} s")


def _client(run, waiting, connection):
    while True:
        try:
            upload = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            _send(run, upload, connection)
            run.done += 1
        except Exception as failure:  # handed to the test's own thread
            run.failures.append(failure)


def drive(comporta, run, clients=32, meanwhile=lambda: None):
    """Sends every upload from that many connections, and does something else `meanwhile`."""
    waiting = queue.SimpleQueue()
    for upload in run.uploads:
        waiting.put(upload)
    threads = [threading.Thread(target=_client, args=(run, waiting, comporta.connect())) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        meanwhile()
    finally:
        for thread in threads:
            thread.join()
    assert not run.failures, run.failures[:3]


@dataclass
class Account:
    """What the objects of a run hold."""

    lines: int = 0
    parts: dict = field(default_factory=dict)  # (upload, part) -> its record keys
    differing: list = field(default_factory=list)  # (upload, part) of lines that disagree

    def keys(self):
        return Counter(key for keys in self.parts.values() for key in keys)


def count_objects(comporta, names):
    """Reads every object and files its lines by upload and part."""
    account = Account()
    for name in names:
        for line in comporta.read_object(name).splitlines():
            entry = json.loads(line)
            account.lines += 1
            part, keys = (entry["upload"], entry["part"]), [r["_id"] for r in entry["records"]]
            if account.parts.setdefault(part, keys) != keys:
                account.differing.append(part)
    return account


def expected_keys(run):
    return {f"{run.name}-{upload.number}-{n}" for upload in run.uploads for n in range(upload.size)}


def check_everything_once(comporta, run, before):
    """Returns the account of the objects, for what more a test wants to know."""
    names_before, applied_before = before
    comporta.wait_settled(run.batches())
    comporta.settle()  # whatever a killed daemon left behind came before this one record
    account = count_objects(comporta, comporta.object_names() - names_before)
    keys = account.keys()
    assert keys.pop(SENTINEL) == 1
    lost, doubled = expected_keys(run) - keys.keys(), [key for key, times in keys.items() if times > 1]
    assert (len(lost), len(doubled), len(account.differing)) == (0, 0, 0), (list(lost)[:3], doubled[:3])
    assert keys.total() == run.record_count
    applied = [counts for batch, counts in comporta.applied().items() if batch not in applied_before]
    assert sum(records for _parts, records in applied) == run.record_count + 1
    return account
