#!/usr/bin/python3
"""Writes the figures of build/bench/results.json into docs/PERFORMANCE.md and docs/SCALE.md, or only into those that are
named: `bench/report.py SCALE`. No figure of a measurement stands there otherwise."""

import json
import sys

from comporta_bench import SOURCE
from comporta_bench.goals import goals
from comporta_bench.load import LONE_PAUSE_MS
from comporta_bench.pages import as_markdown, write_figures
from comporta_bench.scale import scale_blocks
from comporta_bench.table import TABLES, number


def machine(results):
    of_it = results["machine"]
    quick = " **A quick run: the figures mean little.**" if results["quick"] else ""
    return (f"{of_it['date']} UTC, commit {of_it['commit']}: {of_it['cores']} cores ({of_it['cpu']}), "
            f"{of_it['memory_gigabytes']} GiB, {of_it['system']}, Linux {of_it['kernel']}; load average before the "
            f"start {of_it['load_before']:.1f}. {results['rounds']} rounds of {results['seconds']} s each, the median "
            f"is shown; all of it took {results['took_seconds']} s.{quick}\n")


def front(results):
    raw = results.get("raw")
    if not raw:
        return "Not measured.\n"
    return (f"A confirm of the broker takes {number(raw['lone confirm']['median_ms'])} ms (median) if one is asked for "
            f"every {LONE_PAUSE_MS} ms, {number(raw['confirm in a row']['median_ms'])} ms in a row. nginx and the "
            f"gateway with nothing to publish answer {number(raw['without publishing']['uploads_per_second'])} uploads/s "
            f"at 256 connections.\n")


def main():
    results = json.loads((SOURCE / "build" / "bench" / "results.json").read_text())
    blocks = {"machine": machine(results), "front": front(results), "goals": as_markdown(goals(results)),
              **{name: as_markdown(make(results)) for name, make in TABLES.items()}}
    pages = {"PERFORMANCE": lambda: blocks, "SCALE": lambda: {"machine": blocks["machine"], **scale_blocks(results)}}
    for name in sys.argv[1:] or pages:
        write_figures(SOURCE / "docs" / f"{name}.md", pages[name]())


if __name__ == "__main__":
    main()
