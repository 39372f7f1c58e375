"""What is aimed at, and whether a measurement reached it."""

from dataclasses import dataclass

from .load import WORKLOADS
from .table import NOT_MEASURED, OURS, end_to_end, number, ratio, ratio_of_ours, times

MEMORY_MEGABYTES = {"ingest-gateway": 30, "storage": 32, "cache": 32}


@dataclass(frozen=True)
class Goal:
    """Ratios to a peer, end to end. The floor is what must be reached; 0 where there is none."""

    workload: str
    peer: str
    floor: float
    goal: float


# Against the Python service as it is first written: the tuned one is measured too, without goals.
RATIOS = (
    Goal("1 record x 64", "python", 16, 28), Goal("1 record x 64", "bento", 11, 19),
    Goal("1 record x 256", "python", 0, 35), Goal("1 record x 256", "bento", 0, 24),
    Goal("100 records x 32", "python", 10, 16), Goal("100 records x 32", "bento", 8, 13),
    Goal("5000 records x 8, plain", "python", 6, 9), Goal("5000 records x 8, plain", "bento", 5, 8),
    Goal("5000 records x 8, few flags", "python", 4.5, 7), Goal("5000 records x 8, few flags", "bento", 4, 6.5),
)
# Of our own workloads, in per cent: one, the other, floor, goal.
SHARES = (
    ("5000 records x 8, all flagged", "5000 records x 8, few flags", 40, 60),
    ("5000 records x 8, few flags", "5000 records x 8, plain", 88, 95),
    ("1 order x 64", "1 record x 64, views", 40, 60),
    ("100 orders x 32", "100 records x 32, views", 40, 60),
)
P99_MS = {"1 record x 64": 30, "100 records x 32": 80, "5000 records x 8, plain": 350}


def _verdict(reached, floor_reached=False):
    return "not measured" if reached is None else "reached" if reached else "floor" if floor_reached else "missed"


def _ratio_row(results, goal):
    (workload,) = [one for one in WORKLOADS if one.name == goal.workload]
    value = ratio(results, workload, goal.peer)
    aim = f"≥ {goal.goal:g}×" + (f", floor {goal.floor:g}×" if goal.floor else "")
    verdict = _verdict(value and value >= goal.goal, bool(value and goal.floor and value >= goal.floor))
    return f"{goal.workload}, against {goal.peer}", aim, times(value), verdict


def _row(what, aim, value, reached, unit=""):
    return what, aim, "not measured" if value is None else number(value) + unit, _verdict(reached)


def _limit_rows(results):
    runs, raw = results.get("workloads", {}).get(OURS, {}), results.get("raw", {})
    for name, limit in P99_MS.items():
        p99 = runs.get(name, {}).get("p99")
        yield _row(f"{name}, p99", f"≤ {limit} ms", p99, p99 and p99 <= limit, " ms")
    merged = runs.get("1 record x 64", {}).get("uploads_per_object")
    yield _row("1 record x 64, uploads an object", "≥ 15", merged, merged and merged >= 15)
    ours, front = end_to_end(results, OURS, "1 record x 256"), raw.get("without publishing", {}).get("uploads_per_second")
    share = ours / front * 100 if ours and front else None
    yield _row("1 record x 256, of nginx and gateway without publishing", "≥ 60 %", share, share and share >= 60, " %")
    for name, other, floor, aim in SHARES:
        share = ratio_of_ours(results, name, other)
        share = share and share * 100
        yield (f"{name}, of {other}", f"≥ {aim} %, floor {floor} %", NOT_MEASURED if share is None else f"{number(share)} %",
               _verdict(share and share >= aim, bool(share and share >= floor)))
    lone, confirm = runs.get("lone upload", {}).get("p50"), raw.get("lone confirm", {}).get("median_ms")
    factor = lone / confirm if lone and confirm else None
    yield _row("lone upload, p50, of a raw confirm", "≤ 3.5×", factor, factor and factor <= 3.5, "×")


def _memory_rows(results):
    peaks = results.get("workloads", {}).get(OURS, {}).get("1 record x 256", {}).get("peak_megabytes", {})
    for daemon, limit in MEMORY_MEGABYTES.items():
        peak = peaks.get(daemon)
        yield _row(f"memory of {daemon} at 256 connections", f"≤ {limit} MB", peak, peak and peak <= limit, " MB")


def goals(results):
    head = ("what", "goal", "measured", "")
    return head, [*(_ratio_row(results, goal) for goal in RATIOS), *_limit_rows(results), *_memory_rows(results)]
