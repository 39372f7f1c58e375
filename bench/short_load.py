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
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SOURCE / "deploy" / "native"), str(SOURCE / "tests" / "system")]

from client import Comporta, record  # noqa: E402
from comporta_native.stack import Stack  # noqa: E402


def drive(url, arguments):
    """Runs wrk; its result by name."""
    command = ["wrk", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds}s", "--timeout", "10s",
               "-s", str(SOURCE / "bench" / "upload.lua"), url]
    output = subprocess.run(command, env={**os.environ, "RECORDS": str(arguments.records)}, capture_output=True,
                            text=True, check=True).stdout
    (line,) = [line for line in output.splitlines() if line.startswith("RESULT ")]
    return {name: float(value) for name, value in (word.split("=") for word in line.split()[1:])}


def progress(comporta):
    """(objects stored, batches applied, records applied), without what warming up brought."""
    ring = comporta.applied()
    return len(comporta.object_names()), len(ring), sum(records for _parts, records in ring.values())


def measure(comporta, arguments):
    comporta.settle()
    warm = progress(comporta)
    result = drive(comporta.stack.url(), arguments)
    ended = time.monotonic()
    time.sleep(1)
    after_a_second = progress(comporta)
    accepted = int(result["requests"] - result["refused"])
    comporta.settle()
    settled = time.monotonic() - ended
    objects, batches, records = (now - then for now, then in zip(progress(comporta), warm))
    left = max(progress(comporta)[0] - 1 - after_a_second[0], progress(comporta)[1] - 1 - after_a_second[1])
    seconds = result["microseconds"] / 1e6
    print(f"accepted            {accepted} uploads in {seconds:.2f} s, {accepted / seconds:.0f}/s; "
          f"refused {result['refused']:.0f}, broken off {result['broken']:.0f}")
    print(f"answered in         {result['p50']} ms (half of them), {result['p99']} ms (99 %)")
    print(f"uploads per object  {accepted / (objects - 1):.1f}")
    print(f"after one second    {max(left, 0)} batches were not yet stored and applied")
    print(f"end to end          at least {accepted / (seconds + 1):.0f} uploads/s, {accepted * arguments.records / (seconds + 1):.0f} "
          f"records/s" if left <= 0 else f"end to end          {accepted / (seconds + settled):.0f} uploads/s")
    assert records - 1 >= accepted * arguments.records, "something accepted was not applied"


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
