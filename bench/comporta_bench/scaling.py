"""What must not grow: the cost of a record with the upload's size and with the backlog; and what must: draining."""

import http.client
import json
import time
from dataclasses import replace

from comporta_native.daemons import BUCKET

from .load import Workload, drive
from .measure import BooksDiffer, measure, wait_quiet
from .ours import FOLDERS
from .processes import Meter, family_cpu_seconds, family_peak_megabytes

SIZES = (1, 10, 100, 1_000, 10_000)
DRAIN_SECONDS = 180
DAEMONS = ("ingest-gateway", "storage", "cache")


def storages(stack):
    return [name for name in stack.parts if name.startswith("storage")]


def _stop(stack, names):
    for name in names:
        stack.stop_part(name)


def _start(stack, names):
    for name in names:
        stack.launch(name)
    for name in names:
        stack.wait_ready(name)


def _await(ask, what):
    deadline = time.monotonic() + DRAIN_SECONDS
    while not ask():
        if time.monotonic() > deadline:
            raise BooksDiffer(f"{what}: not after {DRAIN_SECONDS} s")
        time.sleep(0.05)


def drain_by_storages(target, seconds):
    """Objects a second of a backlog of small messages, by the number of storage daemons."""
    stack, rates = target.stack, {}
    for instances in range(1, len(storages(stack)) + 1):
        wait_quiet(target)
        _stop(stack, storages(stack))
        drive(target.url("plain"), Workload("backlog", 2, 1), seconds)
        published = target.counts()[0]
        before = target.stores.count_objects(BUCKET, FOLDERS)
        begin = time.monotonic()
        _start(stack, storages(stack)[:instances])
        _await(lambda: target.counts()[1] >= published, "the backlog is stored")
        rates[str(instances)] = {"objects": published - before,
                                 "objects_per_second": (published - before) / (time.monotonic() - begin)}
    _stop(stack, storages(stack)[1:])
    _start(stack, [name for name in storages(stack)[:1] if not stack.is_ready(name)])
    return rates


def cost_by_size(target, seconds):
    """CPU milliseconds of each daemon for 1,000 records, by records an upload."""
    workload = Workload("size", 8, 1)
    costs = {}
    for size in SIZES:
        run = measure(target, replace(workload, name=f"uploads of {size}", records=size), seconds)
        costs[str(size)] = {"end_to_end_records_per_second": run["end_to_end_records_per_second"],
                            **{name: run["cpu_ms_per_1000_records"][name] for name in DAEMONS}}
    return costs


def _pile_up(target, uploads, size):
    record = {"isActive": True, "cliente": "Cliente fulano", "email": "clientefulanoo@example.com",
              "endereco": "Cidade A, Estado A, 1000", "datatrasancao": "2024-03-11T12:00:00 +00:00"}
    body = json.dumps([{"_id": f"cliente{number}", **record} for number in range(size)]).encode()
    connection = http.client.HTTPConnection(*target.stack.address("COMPORTA_PORT"), timeout=60)
    for _ in range(uploads):
        connection.request("POST", "/api/v1/records/plain", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        if response.status != 202:
            raise BooksDiffer(f"an upload to the backlog was answered {response.status}")
    connection.close()


def _start_cost(stack, consumers):
    """CPU seconds that each takes until it is ready, with nothing to do."""
    _stop(stack, consumers)
    _start(stack, consumers)
    return {name: family_cpu_seconds(stack.processes[name].pid) for name in consumers}


def _drain(target, consumers, before, records):
    """From a start of the consumers until nothing waits of what has been published since `before`: seconds, and their
    CPU seconds, start and all."""
    begin = time.monotonic()
    _start(target.stack, consumers)
    _await(lambda: target.is_through(before, records // 1_000, records),
           f"a backlog of {records} records is stored and applied")
    seconds = time.monotonic() - begin
    return seconds, {name: family_cpu_seconds(target.stack.processes[name].pid) for name in consumers}


def cost_by_backlog(target, backlogs):
    """The same by records that wait, in uploads of 1,000, and how fast they drain."""
    stack, costs, consumers = target.stack, {}, ("storage", "cache")
    wait_quiet(target)
    started = _start_cost(stack, consumers)
    for records in backlogs:
        wait_quiet(target)
        _stop(stack, consumers)
        before = {"counts": target.counts()}
        gateway = Meter({"ingest-gateway": stack.processes["ingest-gateway"].pid})
        _pile_up(target, records // 1_000, 1_000)
        used = gateway.cpu_seconds()
        seconds, consumed = _drain(target, consumers, before, records)
        used.update({name: max(0.0, consumed[name] - started[name]) for name in consumers})
        peaks = {name: family_peak_megabytes(stack.processes[name].pid) for name in DAEMONS}
        costs[str(records)] = {"drained_records_per_second": records / seconds, "peak_megabytes": peaks,
                               **{name: used[name] * 1e6 / records for name in DAEMONS}}
    return costs


def measure_scaling(target, backlogs, seconds):
    """`target`: of a stack with several storage daemons."""
    rates = drain_by_storages(target, seconds)
    return {"drain by storages": rates, "cost by size": cost_by_size(target, seconds),
            "cost by backlog": cost_by_backlog(target, backlogs)}
