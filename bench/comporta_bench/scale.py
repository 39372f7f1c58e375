"""What more than one machine would need, from what a record costs each part on this one (docs/SCALE.md). A model: cores
are taken for equal, and as many as are asked for are there."""

import math

from .pages import as_markdown
from .table import OURS, number

# What somebody else's shop looks like: the name on the page, and the workload that it is like.
LOADS = {"small uploads": "1 record x 64, views", "synchronisation": "100 records x 32, views"}
FACTORS = (1, 10, 100, 1000)

BUSY = 0.6  # of its cores a part is to use: the others carry peaks, and what a machine that is gone had
CORES = 16  # a machine
LEAST_MACHINES = 3  # so that one may go
KEPT_DAYS = 30
STORED_TIMES = 1.5  # erasure coding of four drives for data and two for parity
DRIVE_TB = 8
MACHINE_MONEY, TB_MONEY = 500, 25  # a month; prices are an assumption
SECONDS_A_DAY = 86_400

# Those of which there is one for all, or one for each group of kinds, and what is then done.
ALONE = {
    "cache": "families of kinds side by side, each with a cache of its own that is active for it",
    "redis": "the same: one for each group of families",
    "rabbitmq": "the same: a queue for each group; the exchange is as fast as its nodes together",
}


def _run(results, load):
    return results["workloads"][OURS][LOADS[load]]


def _cores(run, rate):
    """By part, of those that take part."""
    return {name: rate * cost / 1e6 / BUSY for name, cost in run["cpu_ms_per_1000_records"].items()}


def _terabytes(run, rate):
    bytes_a_record = run["object_bytes"] / run["records_per_object"]
    return rate * bytes_a_record * SECONDS_A_DAY * KEPT_DAYS * STORED_TIMES / 1e12


def needs(results):
    head = ("load", "times", "records/s", "cores", "machines", "of them for", f"TB in {KEPT_DAYS} days", "drives", "money a month")
    rows = []
    for load in LOADS:
        run = _run(results, load)
        for factor in FACTORS:
            rate = run["end_to_end_records_per_second"] * factor
            cores, stored = _cores(run, rate), _terabytes(run, rate)
            machines = max(LEAST_MACHINES, math.ceil(sum(cores.values()) / CORES))
            most = sorted(cores.items(), key=lambda one: -one[1])[:3]
            rows.append((load, f"{factor:,}", number(rate, 2), number(sum(cores.values()), 2), f"{machines:,}",
                         ", ".join(f"{name} {number(count, 2)}" for name, count in most), number(stored, 2),
                         f"{max(6, math.ceil(stored / DRIVE_TB)):,}", f"{machines * MACHINE_MONEY + stored * TB_MONEY:,.0f}"))
    return head, rows


def _walls(results, load):
    """Of each that is alone, the records a second that it can do as one; the lowest first."""
    run = _run(results, load)
    broker = results["raw"]["limits"][LOADS[load]]["broker"]
    costs = run["cpu_ms_per_1000_records"]
    return sorted({"cache": 1e6 / costs["cache"], "redis": 1e6 / costs["redis"], "rabbitmq": broker}.items(),
                  key=lambda one: one[1])


def walls(results):
    head = ("load", "what breaks first, second, third", "records/s at most, as one", "times this machine's load", "what is then done")
    return head, [(load, name, number(most, 2), number(most / _run(results, load)["end_to_end_records_per_second"], 2),
                   ALONE[name]) for load in LOADS for name, most in _walls(results, load)]


def assumptions(_results):
    return ("assumed", ""), [
        ("cores a machine", str(CORES)), ("of its cores a part uses", f"{BUSY:.0%}"),
        ("machines at least", str(LEAST_MACHINES)), ("objects are kept for", f"{KEPT_DAYS} days"),
        ("a byte takes on drives", f"{STORED_TIMES:g} bytes"), ("a drive has", f"{DRIVE_TB} TB"),
        ("money for a machine, a month", str(MACHINE_MONEY)), ("money for a TB, a month", str(TB_MONEY))]


def scale_blocks(results):
    made = {"needs": needs, "walls": walls, "assumptions": assumptions}
    return {name: as_markdown(make(results)) for name, make in made.items()}
