#!/usr/bin/python3
"""Draws build/bench/results.json: docs/performance/*.svg."""

import json
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "comporta", "svg.fonttype": "none", "font.family": "sans-serif",
                            "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
                            "grid.alpha": 0.3, "figure.figsize": (6.4, 3.6)})

from matplotlib import pyplot  # noqa: E402

from comporta_bench import SOURCE  # noqa: E402
from comporta_bench.load import WORKLOADS  # noqa: E402

TARGET = SOURCE / "docs" / "performance"
COLOURS = {"comporta": "#0b6e99", "python": "#b5651d", "python-tuned": "#d9a441", "bento": "#6a4c93"}


def save(figure, axes, name, title, x_label, y_label):
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    if axes.get_yscale() == "linear":
        axes.set_ylim(bottom=0)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(TARGET / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)


def single_record_runs(results):
    """Target -> [(connections, run)] of uploads of one record, one after the other."""
    shown = [one for one in WORKLOADS if one.records == 1 and not one.pause_ms]
    return {target: [(one.connections, runs[one.name]) for one in shown if one.name in runs]
            for target, runs in results.get("workloads", {}).items()}


def plot_throughput(results):
    figure, axes = pyplot.subplots()
    for target, points in single_record_runs(results).items():
        axes.plot([connections for connections, _ in points],
                  [run["end_to_end_records_per_second"] for _, run in points], "o-", label=target,
                  color=COLOURS[target])
    axes.set_xscale("log", base=2)
    save(figure, axes, "throughput", "Uploads of one record: stored and applied", "connections", "uploads/s, end to end")


def plot_latency(results):
    figure, axes = pyplot.subplots()
    for target, points in single_record_runs(results).items():
        load = [run["accepted_uploads_per_second"] for _, run in points]
        for percentile, style in (("p50", "o-"), ("p99", "o--")):
            axes.plot(load, [run[percentile] for _, run in points], style, label=f"{target} {percentile}",
                      color=COLOURS[target])
    axes.set_xscale("log")
    axes.set_yscale("log")
    save(figure, axes, "latency", "Uploads of one record: latency against load", "accepted uploads/s", "ms")


def plot_scaling(results, part, field, name, title, x_label, y_label, logarithmic):
    points = results.get("scaling", {}).get(part, {})
    if not points:
        return
    figure, axes = pyplot.subplots()
    fields = field if isinstance(field, tuple) else (field,)
    for one in fields:
        axes.plot([int(x) for x in points], [of_it[one] for of_it in points.values()], "o-",
                  label=one if len(fields) > 1 else None)
    if logarithmic:
        axes.set_xscale("log")
    else:
        axes.set_xticks([int(x) for x in points])
    save(figure, axes, name, title, x_label, y_label)


def main():
    results = json.loads(Path(SOURCE / "build" / "bench" / "results.json").read_text())
    TARGET.mkdir(parents=True, exist_ok=True)
    daemons, cost = ("ingest-gateway", "storage", "cache"), "CPU ms for 1,000 records"
    if "workloads" in results:
        plot_throughput(results)
        plot_latency(results)
    plot_scaling(results, "drain by storages", "objects_per_second", "drain", "Draining a backlog of small messages",
                 "storage daemons", "objects/s", logarithmic=False)
    plot_scaling(results, "cost by size", daemons, "cost-by-size", "What a record costs, by the size of its upload",
                 "records an upload", cost, logarithmic=True)
    plot_scaling(results, "cost by backlog", daemons, "cost-by-backlog", "What a record costs, by what waits",
                 "records waiting", cost, logarithmic=True)


if __name__ == "__main__":
    main()
