"""Three times as much as can be stored and applied: what is taken, how fast, and how the rest is refused.

There are two ends, and two that refuse. Where Redis is the limit, which computes flags, messages wait, and the gateway
refuses (503). Where the processors are, and so whatever stands at the door, too, one address may come only so often,
and nginx refuses before it has read a body (429).
"""

import json
import subprocess
from dataclasses import dataclass, replace
from functools import partial

from comporta_native import daemons
from comporta_native.stack import NO_RATE_LIMIT

from . import SOURCE
from .load import LoadResult, Workload
from .measure import BooksDiffer, measure, wait_quiet
from .processes import family_peak_megabytes

PROGRAM = SOURCE / "build" / "release" / "bench" / "bench_upload_load"
GATEWAY = "ingest-gateway"
TIMES = 3
TRIES = 8  # to find the sustainable load: this share of what clients that wait get through, and of the try before
STEP = 0.8
TAKEN = 0.98  # of what comes at the sustainable load: when the machine stands still for a moment some is refused
# By who refuses. The first meets the gateway's limits only, the second the rate of an address, too.
LOADS = {refused_by: Workload(f"100 records x 64, {what} flagged", 64, 100, kind="transaction", flags=what)
         for refused_by, what in (("gateway", "all"), ("nginx", "none"))}
CITIES = {"all": 16, "none": 1}  # a client that is in another one each time is flagged
CONNECTIONS = 8 * 64
SETTLE_SECONDS = 3  # until what waits in the queues is as much as it stays, and no longer grows
BURST_SECONDS = 0.05  # of the rate of an address
# Small, so that seconds of a load reach them.
MEBIBYTES = {"max_body": 1, "max_pending": 2, "max_buffered": 16, "max_backlog": 16}
BATCHES_MEBIBYTES = 4  # full_batches_in_flight, of 1 MiB


@dataclass(frozen=True)
class PacedResult(LoadResult):
    """At a rate that does not wait for answers; latencies count from when an upload was due, and once settled."""

    refused_without_retry_after: int
    refused_p50: float
    refused_p99: float


def drive_paced(url, workload, seconds, rate):
    """`rate` uploads a second to `url` (of this machine); 0: as fast as answers come. Waits for all the answers."""
    port, _, path = url.removeprefix("http://127.0.0.1:").partition("/")
    words = (port, f"/{path}", workload.records, workload.connections, rate, seconds, SETTLE_SECONDS,
             CITIES[workload.flags])
    output = subprocess.run([str(PROGRAM), *map(str, words)], capture_output=True, text=True, check=True).stdout
    return PacedResult(counted_records=0, **json.loads(output))


def limit_gateway(stack, directory):
    """Restarts it with small limits. Returns the megabytes that it may hold then, by them and what it holds idle."""
    settings = {key: f"{size}MiB" for key, size in MEBIBYTES.items()}
    stack.parts[GATEWAY] = daemons.with_settings(stack.parts[GATEWAY], directory / f"{GATEWAY}.yaml", settings)
    stack.restart(GATEWAY)
    allowed = MEBIBYTES["max_pending"] + MEBIBYTES["max_buffered"] + BATCHES_MEBIBYTES
    return family_peak_megabytes(stack.processes[GATEWAY].pid) + allowed * 2**20 / 1e6


def limit_address(stack, rate):
    """Restarts nginx, which then takes so many requests a second of one address; 0: any number."""
    limits = NO_RATE_LIMIT if rate == 0 else {"COMPORTA_CLIENT_RATE": str(rate),
                                              "COMPORTA_CLIENT_BURST": str(round(rate * BURST_SECONDS))}
    stack.parts["nginx"] = daemons.nginx(SOURCE, stack.directory, stack.ports, stack.instances, limits)
    stack.restart("nginx")


def _at(rate, name, load, target, seconds):
    """One run of `load` at `rate`; every upload has to be answered 202, or be refused with a time to come again."""
    workload = replace(load, name=name, connections=CONNECTIONS)
    run = measure(target, workload, seconds, partial(drive_paced, rate=rate))
    if run["broken"] or run["refused_without_retry_after"]:
        raise BooksDiffer(f"{name}: {run['broken']} uploads without a good answer, "
                          f"{run['refused_without_retry_after']} refusals without Retry-After")
    return {"offered_uploads_per_second": rate, "refused_uploads_per_second": run["refused"] / run["seconds"], **run}


def _sustainable(load, target, rate, seconds):
    """The run at `rate`, or at the first lower one at which hardly anything is refused."""
    for _ in range(TRIES):
        run = _at(round(rate), "overload, sustainable", load, target, seconds)
        if run["uploads"] >= TAKEN * (run["uploads"] + run["refused"]):
            return run
        rate *= STEP
    raise BooksDiffer(f"overload: not all was taken even at {run['offered_uploads_per_second']} uploads/s")


def _round(refused_by, load, target, rate, seconds):
    """The runs of the sustainable rate, `rate` or the next lower one that is, and of TIMES that."""
    calm = _sustainable(load, target, rate, seconds)
    rate = calm["offered_uploads_per_second"]
    if refused_by == "nginx":
        limit_address(target.stack, rate)
    over = _at(TIMES * rate, f"overload, {TIMES} times", load, target, seconds)
    if refused_by == "nginx":
        limit_address(target.stack, 0)
    return calm, over


def measure_overload(target, directory, seconds, rounds):
    """For each load the runs of the sustainable rate and of TIMES that, in turn. Raises BooksDiffer."""
    closed = {load: measure(target, load, seconds, partial(drive_paced, rate=0)) for load in LOADS.values()}
    bound = limit_gateway(target.stack, directory)
    wait_quiet(target)
    loads = {}
    for refused_by, load in LOADS.items():
        runs = []
        rate = STEP * closed[load]["end_to_end_records_per_second"] / load.records
        for _ in range(rounds):
            runs.append(_round(refused_by, load, target, rate, seconds))
            rate = runs[-1][0]["offered_uploads_per_second"] / STEP  # the machine may be faster by now
        calm, over = zip(*runs)
        loads[f"{load.flags} flagged, {refused_by}"] = {"sustainable": calm, f"{TIMES} times": over}
    return {"memory_bound_megabytes": bound, "loads": loads}
