#!/usr/bin/python3
"""Compares this tree with an earlier commit, side by side and in turns, and prints what the earlier one is multiplied by.

    bench/compare.py BASE [--rounds N] [--seconds S] [--workload TEXT ...]

Each is built (release) and has a stack of its own; what one does while the other is measured is nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "deploy" / "native"))

from comporta_native.earlier import build_daemons, checkout  # noqa: E402

WORKLOADS = ("lone upload", "1 record x 64", "100 records x 32", "5000 records x 8, plain", "5000 records x 8, few flags")
# Runs in the tree that it measures, with that tree's own bench: names of workloads come in, results go out.
SIDE = """
import json, sys
from pathlib import Path
sys.path.insert(0, "bench")
from comporta_bench.load import WORKLOADS
from comporta_bench.measure import BooksDiffer, measure
from comporta_bench.ours import Comporta, start_stack
stack = start_stack(Path(sys.argv[1]))
try:
    target = Comporta(stack)
    print("ready", flush=True)
    for line in sys.stdin:
        workload = next(one for one in WORKLOADS if one.name == line.strip())
        try:
            run = measure(target, workload, int(sys.argv[2]))
            print(json.dumps({"rate": run["end_to_end_records_per_second"], "p50": run["p50"], "p99": run["p99"], "cpu": run["cpu_ms_per_1000_records"]}), flush=True)
        except BooksDiffer as void:
            print(json.dumps({"void": str(void)}), flush=True)
finally:
    stack.stop()
"""


class Side:
    def __init__(self, folder, directory, seconds):
        self._process = subprocess.Popen([sys.executable, "-c", SIDE, str(directory), str(seconds)], cwd=folder,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_ready(self):
        if self._process.stdout.readline().strip() != "ready":
            sys.exit("a side did not start; see above")

    def measure(self, workload):
        """Nothing if the run was void."""
        print(workload, file=self._process.stdin, flush=True)
        result = json.loads(self._process.stdout.readline() or '{"void": "the side ended"}')
        if "void" in result:
            print(f"void: {result['void']}", file=sys.stderr)
        return None if "void" in result else result

    def stop(self):
        self._process.stdin.close()
        self._process.wait()


def compare(base, here, workload, rounds):
    """Of each round the ratios of rate and p50, and of the processors' time that each process took for a record. Who is first changes, so that none has the machine's better half."""
    ratios = []
    for number in range(rounds):
        order = (base, here) if number % 2 == 0 else (here, base)
        results = {side: side.measure(workload) for side in order}
        if all(results.values()):
            one, other = results[here], results[base]
            cpu = {name: used / other["cpu"][name] for name, used in one["cpu"].items() if other["cpu"].get(name)}
            ratios.append((one["rate"] / other["rate"], one["p50"] / other["p50"], cpu))
    return ratios


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="a commit")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=4, help="of each load")
    parser.add_argument("--workload", nargs="+", default=WORKLOADS)
    return parser.parse_args()


def main():
    arguments = parse()
    folder = SOURCE / "build" / "bench" / "base"
    sha = checkout(SOURCE, arguments.base, folder)
    for tree in (folder, SOURCE):
        build_daemons(tree, "release")
    with tempfile.TemporaryDirectory() as directory:
        sides = []
        for name, tree in (("base", folder), ("here", SOURCE)):
            (Path(directory) / name).mkdir()
            sides.append(Side(tree, Path(directory) / name, arguments.seconds))
        try:
            for side in sides:
                side.wait_ready()
            print(f"against {sha[:12]}, {arguments.rounds} rounds of {arguments.seconds} s, load {os.getloadavg()[0]:.1f}")
            for workload in arguments.workload:
                ratios = compare(*sides, workload, arguments.rounds)
                rates, latencies, cpus = zip(*ratios) if ratios else ((), (), ())
                told = (f"{statistics.median(rates):.3f} ({' '.join(f'{one:.2f}' for one in rates)}), p50 "
                        f"{statistics.median(latencies):.2f}") if rates else "void"
                print(f"{workload:32} {told}", flush=True)
                names = sorted(set().union(*cpus))
                print("    cpu " + ", ".join(f"{name} {statistics.median(cpu.get(name, 1) for cpu in cpus):.2f}"
                                             for name in names), flush=True)
        finally:
            for side in sides:
                side.stop()


if __name__ == "__main__":
    main()
