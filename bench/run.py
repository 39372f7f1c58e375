#!/usr/bin/python3
"""Measures Comporta, its peers and the parts they share; writes build/bench/results.json and prints a table.

    bench/run.py [--quick] [--rounds N] [--workload TEXT] [PART ...]     parts: all of PARTS
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from comporta_bench import SOURCE, micro, overload, raw, scaling, traces
from comporta_bench.load import WORKLOADS
from comporta_bench.measure import BooksDiffer, measure, median_run
from comporta_bench.ours import Comporta, start_stack
from comporta_bench.peers import BentoPeer, PythonPeer, TunedPythonPeer, find_bento, install_python_packages
from comporta_bench.table import print_table

RESULTS = SOURCE / "build" / "bench" / "results.json"
PARTS = ("workloads", "raw", "scaling", "overload", "traces", "micro")


@dataclass(frozen=True)
class Size:
    """How long everything takes."""

    rounds: int
    seconds: int  # of each load
    raw_seconds: int
    backlogs: tuple  # records
    overload_seconds: int
    overload_rounds: int
    micro_seconds: float
    redis_parts: int  # of 1,000 records


FULL = Size(rounds=3, seconds=4, raw_seconds=2, backlogs=(10_000, 100_000, 1_000_000),
            overload_seconds=8, overload_rounds=5, micro_seconds=0.5, redis_parts=20)
QUICK = Size(rounds=1, seconds=2, raw_seconds=1, backlogs=(5_000, 20_000), overload_seconds=5, overload_rounds=1,
             micro_seconds=0.05, redis_parts=2)


def describe_machine():
    cpu = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=SOURCE, capture_output=True,
                            text=True).stdout.strip()
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gigabytes": round(memory / 2**30),
            "system": platform.freedesktop_os_release()["PRETTY_NAME"], "kernel": platform.release(),
            "commit": commit, "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
            "load_before": os.getloadavg()[0]}


def run_once(target, workload, seconds, notes):
    """The run, or nothing when its books differ: then a second try, and a note."""
    for _ in range(2):
        try:
            return measure(target, workload, seconds)
        except BooksDiffer as void:
            notes.append(str(void))
            print(f"void: {void}", file=sys.stderr)
    return None


def run_workloads(targets, size, wanted, notes):
    """Target -> workload -> its median run. Rounds of all, so that none has the machine's better hour."""
    runs = {target.name: {} for target in targets}
    for number in range(size.rounds):
        for workload in (one for one in WORKLOADS if wanted in one.name):
            for target in targets:
                if workload.kind not in target.kinds:
                    continue
                print(f"round {number + 1}: {workload.name}, {target.name}", file=sys.stderr)
                run = run_once(target, workload, size.seconds, notes)
                runs[target.name].setdefault(workload.name, []).append(run)
    return {name: {workload: median_run(of_it) for workload, of_it in all_of_it.items() if any(of_it)}
            for name, all_of_it in runs.items()}


def make_peers(stack, directory, notes):
    """Not yet started."""
    install_python_packages()
    peers = [PythonPeer(stack, directory), TunedPythonPeer(stack, directory)]
    if find_bento():
        peers.append(BentoPeer(stack, directory))
    else:
        notes.append("Bento: not measured, there is no `bento` on PATH")
    return peers


def run_on_main_stack(parts, size, wanted, directory, results):
    stack = start_stack(directory)
    peers = []
    try:
        target = Comporta(stack)
        if "workloads" in parts:
            peers = make_peers(stack, directory, results["notes"])
            for peer in peers:
                peer.start()
            results["workloads"] = run_workloads([target, *peers], size, wanted, results["notes"])
        if "raw" in parts:
            runs = results.get("workloads", {}).get("comporta", {})
            results["raw"] = raw.measure_raw(target, directory, runs, size.raw_seconds)
    finally:
        for peer in peers:
            peer.stop()
        stack.stop()


def run_scaling(size, directory, results):
    stack = start_stack(directory, storage_instances=3)
    try:
        results["scaling"] = scaling.measure_scaling(Comporta(stack), size.backlogs, size.raw_seconds)
    finally:
        stack.stop()


def run_overload(size, directory, results):
    stack = start_stack(directory)
    try:
        results["overload"] = overload.measure_overload(Comporta(stack), directory, size.overload_seconds,
                                                        size.overload_rounds)
    except BooksDiffer as void:
        results["notes"].append(str(void))
    finally:
        stack.stop()


def run_traces(size, directory, results):
    stack = start_stack(directory)
    try:
        results["traces"] = traces.measure_traces(Comporta(stack), size.seconds, size.rounds)
    except BooksDiffer as void:
        results["notes"].append(str(void))
    finally:
        stack.stop()


def save(results):
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def run_all(parts, size, wanted, base):
    results = {"machine": describe_machine(), "quick": size.seconds == QUICK.seconds, "rounds": size.rounds,
               "seconds": size.seconds, "notes": []}
    steps = {"main": lambda directory: run_on_main_stack(parts, size, wanted, directory, results),
             "scaling": lambda directory: run_scaling(size, directory, results),
             "overload": lambda directory: run_overload(size, directory, results),
             "traces": lambda directory: run_traces(size, directory, results)}
    for name, step in steps.items():
        if name in parts or (name == "main" and {"workloads", "raw"} & set(parts)):
            with tempfile.TemporaryDirectory(dir=base) as directory:
                step(Path(directory))
            save(results)
    if "micro" in parts:
        with tempfile.TemporaryDirectory(dir=base) as directory:
            results["micro"] = {"functions": micro.measure_functions(size.micro_seconds),
                                "redis": micro.measure_redis(Path(directory), size.redis_parts)}
    return results


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--quick", action="store_true", help="to see that it works; the figures mean little")
    parser.add_argument("--rounds", type=int, help="of the workloads, of which the median is shown; 3 without")
    parser.add_argument("--workload", default="", help="only those with this text in their name")
    return parser.parse_args()


def main():
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended; what was started is stopped again"))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    base = SOURCE / "build" / "bench" / "private"
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir()
    begin = time.monotonic()
    size = QUICK if arguments.quick else FULL
    results = run_all(arguments.parts or PARTS, replace(size, rounds=arguments.rounds or size.rounds),
                      arguments.workload, base)
    results["took_seconds"] = round(time.monotonic() - begin)
    save(results)
    print_table(results)


if __name__ == "__main__":
    main()
