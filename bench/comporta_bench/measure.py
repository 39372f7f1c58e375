"""One target under one workload: how much got through, how fast, at what cost, and whether it is all there."""

import statistics
import time
from dataclasses import asdict

from .load import drive
from .processes import Meter

DRAIN_SECONDS = 120
QUIET_SECONDS = 2  # a Python worker takes that long for one upload of 5,000


class BooksDiffer(Exception):
    """What was accepted, stored and applied is not the same: a figure from this run would be void."""


def _wait_until(ask, seconds):
    """Whether `ask` became true in time. Asking takes at most a tenth of the time."""
    deadline = time.monotonic() + seconds
    while True:
        begin = time.monotonic()
        if ask():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(max(0.02, 9 * (time.monotonic() - begin)))


def wait_quiet(target, seconds=DRAIN_SECONDS):
    """Until nothing moves any more: what wrk broke off at its end may still come in."""
    last, since = None, time.monotonic()

    def quiet():
        nonlocal last, since
        now = target.counts()
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > QUIET_SECONDS
    if not _wait_until(quiet, seconds):
        raise BooksDiffer(f"{target.name}: still busy after {seconds} s")


def _check(target, workload, load, account):
    """`account`: what the stores have now that they had not before."""
    least = load.records(workload)
    most = least + workload.connections * workload.largest_upload  # those broken off at the end
    if not (least <= account.stored == account.applied <= most) or account.faults:
        raise BooksDiffer(f"{target.name}, {workload.name}: {least} records accepted, {account.stored} stored, "
                          f"{account.applied} applied; {account.faults}")


def measure(target, workload, seconds, load_with=drive):
    """One run, as a plain dictionary. `load_with`: as `drive`, perhaps with more in its result. Raises BooksDiffer."""
    wait_quiet(target)
    target.stores.forget_keys()  # so that no run pays for the end of another one's keys
    if workload.kind == "order":
        target.open_shop()
    wait_quiet(target)  # the daemons' lease was a key, too: it is taken again, and would count as a peer's
    before, meter = target.open_books(), Meter(target.pids())
    load = load_with(target.url(workload.kind), workload, seconds)
    ended, records = time.monotonic(), load.records(workload)
    drained = _wait_until(lambda: target.is_through(before, load.uploads, records), DRAIN_SECONDS)
    drain_seconds = time.monotonic() - ended
    if not drained:
        raise BooksDiffer(f"{target.name}, {workload.name}: not all stored and applied after {DRAIN_SECONDS} s")
    wait_quiet(target)
    cpu, memory = meter.cpu_seconds(), meter.peak_megabytes()
    account = target.close_books(before, workload)
    _check(target, workload, load, account)
    return {
        **asdict(load),
        "accepted_uploads_per_second": load.uploads / load.seconds,
        "end_to_end_records_per_second": records / (load.seconds + drain_seconds),
        "drain_seconds": drain_seconds,
        "records": account.stored, "objects": account.objects, "object_bytes": account.bytes_per_object,
        "records_per_object": account.stored / account.objects,
        "uploads_per_object": load.uploads / account.objects,
        "cpu_ms_per_1000_records": {name: used * 1e6 / account.stored for name, used in cpu.items()},
        "peak_megabytes": memory,
    }


def median_run(runs):
    """The run whose end-to-end rate is the median, and the rates of all; None in place of a run that was void."""
    rates = [run and run["end_to_end_records_per_second"] for run in runs]
    middle = statistics.median_low(rate for rate in rates if rate)
    return {**runs[rates.index(middle)], "all_end_to_end": rates}
