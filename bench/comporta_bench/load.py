"""The workloads, and wrk that brings them."""

import os
import subprocess
from dataclasses import dataclass

from . import BENCH

MIXED = "mixed"
LONE_PAUSE_MS = 50  # behind which nothing of the upload before is under way any more


@dataclass(frozen=True)
class Workload:
    name: str
    connections: int
    records: int | str  # an upload, or MIXED
    kind: str = "plain"  # or "transaction", the same with its view; or "order", of the family shop
    flags: str = "none"
    pause_ms: int = 0  # before each upload; with one it is about latency, not about how much gets through
    against: str = ""  # the workload of the peers that this one is compared with; empty: its own

    @property
    def largest_upload(self):
        return 5000 if self.records == MIXED else self.records


def with_views(name, connections, records, flags, against=""):
    return Workload(name, connections, records, "transaction", flags, against=against)


WORKLOADS = (
    Workload("lone upload", 1, 1, pause_ms=LONE_PAUSE_MS),
    Workload("1 record x 1", 1, 1),
    Workload("1 record x 16", 16, 1),
    Workload("1 record x 64", 64, 1),
    with_views("1 record x 64, views", 64, 1, "few"),
    Workload("1 record x 256", 256, 1),
    Workload("100 records x 32", 32, 100),
    with_views("100 records x 32, views", 32, 100, "few", against="100 records x 32"),
    Workload("5000 records x 8, plain", 8, 5000),
    with_views("5000 records x 8, few flags", 8, 5000, "few", against="5000 records x 8, plain"),
    with_views("5000 records x 8, all flagged", 8, 5000, "all", against="5000 records x 8, plain"),
    Workload("1 order x 64", 64, 1, "order"),
    Workload("100 orders x 32", 32, 100, "order"),
    Workload("mixed x 32", 32, MIXED),
)


@dataclass(frozen=True)
class LoadResult:
    """What wrk saw. Latencies in milliseconds, from a request's first byte to its answer's last."""

    uploads: int  # answered 2xx
    refused: int
    broken: int
    counted_records: int  # told by the answers of a mixed load
    seconds: float
    p50: float
    p99: float
    p999: float

    def records(self, workload):
        return self.counted_records if workload.records == MIXED else self.uploads * workload.records


def drive(url, workload, seconds, **environment):
    """Loads `url` (of this machine) for `seconds`."""
    server, _, path = url.removeprefix("http://").partition("/")
    assert server.startswith("127.0.0.1:"), url
    command = ["wrk", "-t1", f"-c{workload.connections}", f"-d{seconds}s", "--timeout", "10s",
               "-s", str(BENCH / "load.lua"), f"http://{server}"]
    variables = {"UPLOAD_PATH": f"/{path}", "KIND": workload.kind, "RECORDS": str(workload.records), "FLAGS": workload.flags,
                 "PAUSE_MS": str(workload.pause_ms), **environment}
    output = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True,
                            check=True).stdout
    (line,) = [line for line in output.splitlines() if line.startswith("RESULT ")]
    values = dict(word.split("=") for word in line.split()[1:])
    return LoadResult(**{name: (float if name in ("seconds", "p50", "p99", "p999") else int)(value)
                         for name, value in values.items()})
