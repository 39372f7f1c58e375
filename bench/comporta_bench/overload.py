"""Three times as much as can be stored and applied: what is taken, how fast, and how the rest is refused."""

import json
import subprocess
from dataclasses import dataclass, replace
from functools import partial

from comporta_native.daemons import with_settings

from . import SOURCE
from .load import LoadResult, Workload
from .measure import BooksDiffer, measure, wait_quiet
from .processes import family_peak_megabytes

PROGRAM = SOURCE / "build" / "release" / "bench" / "bench_upload_load"
GATEWAY = "ingest-gateway"
TIMES = 3
TRIES = 8  # to find the sustainable load, each with so much of the one before:
STEP = 0.85
# What limits in the one is Redis, which computes; in the other these cores themselves, of which the load has its share.
LOADS = tuple(Workload(f"100 records x 64, {what} flagged", 64, 100, kind="transaction", flags=what)
              for what in ("all", "none"))
CITIES = {"all": 16, "none": 1}  # a client that is in another one each time is flagged
CONNECTIONS = 8 * LOADS[0].connections
# Small, so that seconds of a load reach them.
MEBIBYTES = {"max_body": 1, "max_pending": 2, "max_buffered": 16}
BACKLOG_MESSAGES = 100
BATCHES_MEBIBYTES = 4  # full_batches_in_flight, of 1 MiB


@dataclass(frozen=True)
class PacedResult(LoadResult):
    """At a rate that does not wait for answers; latencies count from when an upload was due."""

    refused_without_retry_after: int
    refused_p50: float
    refused_p99: float


def drive_paced(url, workload, seconds, rate):
    """`rate` uploads a second to `url` (of this machine); 0: as fast as answers come. Waits for all the answers."""
    port, _, path = url.removeprefix("http://127.0.0.1:").partition("/")
    words = (port, f"/{path}", workload.records, workload.connections, rate, seconds, CITIES[workload.flags])
    output = subprocess.run([str(PROGRAM), *map(str, words)], capture_output=True, text=True, check=True).stdout
    return PacedResult(counted_records=0, **json.loads(output))


def limit_gateway(stack, directory):
    """Restarts it with small limits. Returns the megabytes that it may hold then, by them and what it holds idle."""
    settings = {**{key: f"{size}MiB" for key, size in MEBIBYTES.items()}, "max_backlog_messages": BACKLOG_MESSAGES}
    stack.parts[GATEWAY] = with_settings(stack.parts[GATEWAY], directory / f"{GATEWAY}.yaml", settings)
    stack.restart(GATEWAY)
    allowed = MEBIBYTES["max_pending"] + MEBIBYTES["max_buffered"] + BATCHES_MEBIBYTES
    return family_peak_megabytes(stack.processes[GATEWAY].pid) + allowed * 2**20 / 1e6


def _at(rate, name, load, target, seconds):
    """One run of `load` at `rate`; every upload has to be answered 202, or be refused with a time to come again."""
    workload = replace(load, name=name, connections=CONNECTIONS)
    run = measure(target, workload, seconds, partial(drive_paced, rate=rate))
    if run["broken"] or run["refused_without_retry_after"]:
        raise BooksDiffer(f"{name}: {run['broken']} uploads without a good answer, "
                          f"{run['refused_without_retry_after']} refusals without Retry-After")
    return {"offered_uploads_per_second": rate, "refused_uploads_per_second": run["refused"] / run["seconds"], **run}


def _sustainable(load, target, rate, seconds):
    """The run at `rate`, or at the first lower one at which nothing is refused."""
    for _ in range(TRIES):
        run = _at(round(rate), "overload, sustainable", load, target, seconds)
        if run["refused"] == 0:
            return run
        rate *= STEP
    raise BooksDiffer(f"overload: some was refused even at {run['offered_uploads_per_second']} uploads/s")


def measure_overload(target, directory, seconds):
    """The sustainable load, and TIMES that. Raises BooksDiffer."""
    closed = {load: measure(target, load, seconds, partial(drive_paced, rate=0)) for load in LOADS}
    bound = limit_gateway(target.stack, directory)
    wait_quiet(target)
    loads = {}
    for load in LOADS:
        rate = closed[load]["end_to_end_records_per_second"] / load.records
        calm = _sustainable(load, target, rate, seconds)
        over = _at(TIMES * calm["offered_uploads_per_second"], f"overload, {TIMES} times", load, target, seconds)
        loads[load.flags] = {"sustainable": calm, f"{TIMES} times": over}
    return {"memory_bound_megabytes": bound, "loads": loads}
