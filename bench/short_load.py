#!/usr/bin/python3
"""A short load through the front door of a private stack: uploads a second end to end, uploads per object,
and what is left to do a second after the load has ended.

    make build && bench/short_load.py [--connections 64] [--records 1] [--seconds 10]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SOURCE / "deploy" / "native"), str(SOURCE / "tests" / "system")]

from client import Comporta  # noqa: E402
from comporta_native.stack import Stack  # noqa: E402


def drive(url, arguments):
    """Runs wrk; its result by name."""
    command = ["wrk", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds}s", "--timeout", "10s",
               "-s", str(SOURCE / "bench" / "upload.lua"), url]
    output = subprocess.run(command, env={**os.environ, "RECORDS": str(arguments.records)}, capture_output=True,
                            text=True, check=True).stdout
    (line,) = [line for line in output.splitlines() if line.startswith("RESULT ")]
    return {name: float(value) for name, value in (word.split("=") for word in line.split()[1:])}


@dataclass
class Progress:
    """How far the consumers have come."""

    stored: int  # objects
    applied: int  # batches
    records: int  # applied

    @classmethod
    def of(cls, comporta):
        ring = comporta.applied()
        return cls(len(comporta.object_names()), len(ring), sum(records for _parts, records in ring.values()))


def report(arguments, result, warm, after_a_second, end, drain_seconds):
    """`end` is when all is stored and applied, which took `drain_seconds` from the end of the load."""
    accepted, seconds = int(result["requests"] - result["refused"]), result["microseconds"] / 1e6
    objects = end.stored - warm.stored
    backlog = max(end.stored - after_a_second.stored, end.applied - after_a_second.applied)
    rate = accepted / (seconds + drain_seconds)
    print(f"accepted            {accepted} uploads in {seconds:.2f} s: {accepted / seconds:.0f}/s "
          f"({result['refused']:.0f} refused, {result['broken']:.0f} broken off)")
    print(f"answered in         {result['p50']} ms (median), {result['p99']} ms (99 %)")
    print(f"uploads per object  {accepted / objects:.1f}")
    print(f"backlog             {backlog} batches a second after the load, none after {drain_seconds:.1f} s")
    print(f"end to end          {rate:.0f} uploads/s, {rate * arguments.records:.0f} records/s")


def measure(comporta, arguments):
    comporta.settle()
    warm = Progress.of(comporta)
    result = drive(comporta.stack.url(), arguments)
    ended, accepted = time.monotonic(), int(result["requests"] - result["refused"])
    while not (comporta.is_in_step() and Progress.of(comporta).records >= warm.records + accepted * arguments.records):
        time.sleep(0.05)
    drain_seconds = time.monotonic() - ended
    time.sleep(max(0.0, 1 - drain_seconds))
    after_a_second = Progress.of(comporta)
    report(arguments, result, warm, after_a_second, Progress.of(comporta), drain_seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--records", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    (SOURCE / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SOURCE / "build") as directory:
        stack = Stack(directory, driver="s3")
        stack.start()
        try:
            measure(Comporta(stack), arguments)
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
