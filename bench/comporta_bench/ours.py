"""Comporta as a target: the whole of it, through nginx."""

import json
import re
import shutil
import urllib.request

from comporta_native.daemons import BUCKET
from comporta_native.ports import Instances
from comporta_native.stack import Stack

from . import SOURCE
from .books import Account, Stores
from .shop import PRODUCTS, SELLERS

RING = "comporta:applied"
FOLDERS = 4  # kind, year, month, day


def make_kinds(directory):
    """The project's kinds, of which orders may be sent by anybody, and `plain`: transactions without views."""
    kinds = directory / "kinds"
    shutil.copytree(SOURCE / "kinds", kinds)
    shutil.copytree(kinds / "transaction", kinds / "plain")
    shutil.rmtree(kinds / "plain" / "examples")
    for name in ("views.lua", "page.yaml", "answers.json"):
        (kinds / "plain" / name).unlink()
    drop_sections(kinds / "plain" / "kind.yaml", ("views:", "reactions:", "samples:"))
    drop_sections(kinds / "order" / "kind.yaml", ("access:", "stamps:", "samples:"))
    return kinds


def drop_sections(file, names):
    sections = re.split(r"(?m)^(?=[a-z])", file.read_text())
    file.write_text("".join(section for section in sections if not section.startswith(names)))


def start_stack(directory, storage_instances=1):
    """A private stack of the release build, without limits on how often somebody may come."""
    stack = Stack(directory / "stack", driver="s3", instances=Instances(storage=storage_instances),
                  settings={"COMPORTA_KINDS": str(make_kinds(directory))})
    stack.start()
    return stack


class Comporta:
    name = "comporta"

    def __init__(self, stack):
        self.stack = stack
        self.stores = Stores(stack)

    def url(self, kind):
        return self.stack.url(f"/api/v1/records/{kind}")

    kinds = ("plain", "transaction", "order")

    def open_shop(self):
        for kind, records in (("seller", SELLERS), ("product", PRODUCTS)):
            request = urllib.request.Request(self.url(kind), json.dumps(records).encode(), {"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=30).close()

    def pids(self):
        """Of what runs: a stack may have more storage daemons than are wanted right now."""
        return {name: process.pid for name, process in self.stack.processes.items() if name != "epmd" and process.running}

    def metric(self, daemon, name):
        """Of that daemon, summed over its labels."""
        with urllib.request.urlopen(self.stack.private_url(daemon, "/metrics"), timeout=10) as response:
            text = response.read().decode()
        return int(sum(map(float, re.findall(rf"(?m)^{name}(?:{{[^}}]*}})? (\S+)$", text))))

    def counts(self):
        """(batches published, objects stored, batches applied)"""
        return (self.metric("ingest-gateway", "comporta_batches_published_total"),
                self.stores.count_objects(BUCKET, FOLDERS), self.stores.redis.hlen(RING))

    def accepted(self):
        """Records, since the gateway's start."""
        return self.metric("ingest-gateway", "comporta_records_accepted_total")

    def open_books(self):
        return {"counts": self.counts(), "accepted": self.accepted(),
                "objects": set(self.stores.objects(BUCKET)), "ring": set(self._ring())}

    def is_through(self, before, _uploads, _records):
        published, stored, applied = (now - then for now, then in zip(self.counts(), before["counts"], strict=True))
        return min(stored, applied) >= published

    def _ring(self):
        """What Redis remembers as applied: batch -> records."""
        ring = self.stores.redis.hgetall(RING)
        return {batch.decode(): int(value.split(b",")[2]) for batch, value in ring.items()}

    def close_books(self, before, workload):
        """Every batch applied is an object and the other way round; objects hold as many records as were applied."""
        objects = {name: size for name, size in self.stores.objects(BUCKET).items() if name not in before["objects"]}
        ring = {batch: records for batch, records in self._ring().items() if batch not in before["ring"]}
        batches = {name.rpartition("/")[2].removesuffix(".ndjson"): name for name in objects}
        held = self.stores.count_records(BUCKET, objects, workload.kind)
        faults = [name for batch, name in batches.items() if held.get(name, ring.get(batch)) != ring.get(batch)]
        accepted = self.accepted() - before["accepted"]
        applied = sum(ring.values())
        if accepted != applied:
            faults.append(f"the gateway accepted {accepted}, {applied} were applied")
        return Account(len(objects), sum(ring.get(batch, 0) for batch in batches), applied,
                       sum(objects.values()) / max(1, len(objects)), faults)
