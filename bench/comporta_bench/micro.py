"""The hot functions alone, and what a record costs Redis."""

import json
import re
import subprocess

from comporta_native.stack import Stack

from . import SOURCE

PROGRAMS = SOURCE / "build" / "release" / "bench"
FUNCTIONS = ("bench_upload_check", "bench_message", "bench_access", "bench_sigv4")


def measure_functions(min_seconds):
    """Name -> nanoseconds of CPU a call and, where it is about records, records a second."""
    result = {}
    for name in FUNCTIONS:
        output = subprocess.run([str(PROGRAMS / name), "--benchmark_format=json",
                                 f"--benchmark_min_time={min_seconds}"], capture_output=True, text=True,
                                check=True).stdout
        for one in json.loads(output)["benchmarks"]:
            result[one["name"]] = {"cpu_ns": one["cpu_time"], "items_per_second": one.get("items_per_second"),
                                   "bytes_per_second": one.get("bytes_per_second")}
    return result


def measure_redis(directory, parts):
    """Microseconds of Redis' CPU a record, by load, in a Redis of its own."""
    stack = Stack(directory / "redis-stack", only_servers=True, driver="filesystem")
    try:
        stack.restart("redis")
        output = subprocess.run([str(PROGRAMS / "bench_redis_cpu"), str(stack.ports["COMPORTA_REDIS_PORT"]),
                                 str(parts)], capture_output=True, text=True, check=True).stdout
    finally:
        stack.stop()
    lines = re.findall(r"(?m)^(\S.*?) {2,}([\d.]+) us a record", output)
    return {name: float(cost) for name, cost in lines}
