"""results.json as rows of text: what `make bench` prints and docs/PERFORMANCE.md shows."""

import statistics

from .load import WORKLOADS

OURS = "comporta"
PEERS = ("python", "python-tuned", "bento")
NOT_MEASURED = "not measured"


def number(value, digits=3):
    """1234567.8 -> 1,230,000; 12.345 -> 12.3."""
    if value is None:
        return NOT_MEASURED
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"


def end_to_end(results, target, workload):
    run = results.get("workloads", {}).get(target, {}).get(workload)
    return run and run["end_to_end_records_per_second"]


def _rounds(results, target, workload):
    """End-to-end rates; None for a round whose books differed."""
    return results.get("workloads", {}).get(target, {}).get(workload, {}).get("all_end_to_end", [])


def _median_ratio(results, target, workload, other_target, other_workload):
    """Of the ratios of each round: the two ran within minutes, and the machine's hour was the same for both."""
    pairs = zip(_rounds(results, target, workload), _rounds(results, other_target, other_workload), strict=False)
    each = [one / other for one, other in pairs if one and other]
    return statistics.median(each) if each else None


def ratio(results, workload, peer):
    """Ours ÷ the peer's, end to end; None where one of them was not measured."""
    return _median_ratio(results, OURS, workload.name, peer, workload.against or workload.name)


def ratio_of_ours(results, workload, other):
    """Of two workloads, by their names."""
    return _median_ratio(results, OURS, workload, OURS, other)


def times(value):
    return NOT_MEASURED if value is None else f"{value:.1f}×"


def _runs(results):
    for workload in WORKLOADS:
        for target, runs in results.get("workloads", {}).items():
            if workload.name in runs:
                yield workload, target, runs[workload.name]


def throughput(results):
    head = ("workload", "target", "accepted uploads/s", "end to end records/s", "p50 / p99 / p99.9 ms",
            "uploads an object", "refused")
    return head, [(workload.name, target, number(run["accepted_uploads_per_second"]),
                   number(run["end_to_end_records_per_second"]),
                   " / ".join(number(run[one]) for one in ("p50", "p99", "p999")),
                   number(run["uploads_per_object"]), str(run["refused"])) for workload, target, run in _runs(results)]


def ratios(results):
    head = ("workload", *(f"against {peer}" for peer in PEERS), "against the nearest limit")
    rows = []
    for workload in WORKLOADS:
        if end_to_end(results, OURS, workload.name) and not workload.pause_ms:
            rows.append((workload.name, *(times(ratio(results, workload, peer)) for peer in PEERS),
                         nearest_limit(results, workload)))
    return head, rows


def views_ratios(results):
    """Of those that have views, against peers that compute the same: not against their plain keys."""
    head = ("workload", *(f"against {peer}" for peer in PEERS if peer != "bento"))
    return head, [(workload.name, *(times(_median_ratio(results, OURS, workload.name, peer, workload.name))
                                    for peer in PEERS if peer != "bento"))
                  for workload in WORKLOADS if workload.kind != "plain" and end_to_end(results, OURS, workload.name)]


def nearest_limit(results, workload):
    limits = results.get("raw", {}).get("limits", {}).get(workload.name)
    if not limits:
        return NOT_MEASURED
    name = min(limits, key=limits.get)
    return f"{100 * end_to_end(results, OURS, workload.name) / limits[name]:.0f} % of {name}"


def limits(results):
    head = ("workload", "broker", "store", "redis", "nginx", "Comporta, all at once")
    return head, [(name, *(number(of_it[part]) for part in head[1:5]), number(end_to_end(results, OURS, name)))
                  for name, of_it in results.get("raw", {}).get("limits", {}).items()]


def costs(results):
    head = ("workload", "target", "CPU ms for 1,000 records (peak MB)")
    return head, [(workload.name, target, ", ".join(
        f"{name} {number(cost, 2)} ({run['peak_megabytes'][name]:.0f})"
        for name, cost in run["cpu_ms_per_1000_records"].items())) for workload, target, run in _runs(results)]


def _daemons(of_it):
    return [number(of_it[name], 2) for name in ("ingest-gateway", "storage", "cache")]


def by_size(results):
    head = ("records an upload", "end to end records/s", "gateway", "storage", "cache")
    return head, [(size, number(of_it["end_to_end_records_per_second"]), *_daemons(of_it))
                  for size, of_it in results.get("scaling", {}).get("cost by size", {}).items()]


def by_backlog(results):
    head = ("records waiting", "drained records/s", "gateway", "storage", "cache", "peak MB of these")
    return head, [(f"{int(size):,}", number(of_it["drained_records_per_second"]), *_daemons(of_it),
                   " / ".join(f"{of_it['peak_megabytes'][name]:.0f}" for name in ("ingest-gateway", "storage", "cache")))
                  for size, of_it in results.get("scaling", {}).get("cost by backlog", {}).items()]


def by_storages(results):
    head = ("storage daemons", "objects", "objects/s")
    return head, [(instances, number(of_it["objects"]), number(of_it["objects_per_second"]))
                  for instances, of_it in results.get("scaling", {}).get("drain by storages", {}).items()]


def overload(results):
    head = ("load, who refuses", "", "offered uploads/s", "accepted/s", "refused/s", "p50 / p99 ms of accepted",
            "p50 / p99 ms of refused", "gateway's peak MB (bound)")
    of_it = results.get("overload", {})

    def median(runs, key):
        return number(statistics.median(run[key] for run in runs))
    return head, [(load, name,
                   *(median(runs, f"{which}_uploads_per_second") for which in ("offered", "accepted", "refused")),
                   *(" / ".join(median(runs, f"{prefix}{one}") for one in ("p50", "p99")) for prefix in ("", "refused_")),
                   f"{max(run['peak_megabytes']['ingest-gateway'] for run in runs):.0f} "
                   f"({of_it['memory_bound_megabytes']:.0f})")
                  for load, both in of_it.get("loads", {}).items() for name, runs in both.items()]


def overload_ratios(results):
    compared = {"p50 of accepted": "p50", "p99 of accepted": "p99", "accepted/s": "accepted_uploads_per_second",
                "end to end records/s": "end_to_end_records_per_second"}
    head = ("load, who refuses", *(f"{what}, of that at the sustainable load" for what in compared))
    loads = {load: both.values() for load, both in results.get("overload", {}).get("loads", {}).items()}

    def ratio_of_rounds(calm, over, key):
        return statistics.median(second[key] / first[key] for first, second in zip(calm, over, strict=True))
    return head, [(load, *(f"{ratio_of_rounds(calm, over, key):.2f}" for key in compared.values()))
                  for load, (calm, over) in loads.items()]


def traces(results):
    head = ("uploads traced", "end to end records/s", "of that without", "daemons' CPU of that without", "spans sent", "dropped")
    of_it = results.get("traces", {})

    def rate(run):
        return run["end_to_end_records_per_second"]

    def cpu(run):
        return sum(run["cpu_ms_per_1000_records"][name] for name in ("ingest-gateway", "storage", "cache"))

    def of_those_without(runs, what):
        return f"{statistics.median(what(one) / what(off) for one, off in zip(runs, of_it['off'], strict=True)):.3f}"
    return head, [(sample, number(statistics.median(map(rate, runs))), of_those_without(runs, rate),
                   of_those_without(runs, cpu), *(number(sum(run[which] for run in runs)) for which in ("sent", "dropped")))
                  for sample, runs in of_it.items()]


def functions(results):
    head = ("function / records", "CPU µs a call", "records/s", "MB/s")

    def scaled(value, unit):
        return number(value / unit) if value else ""
    return head, [(name, scaled(of_it["cpu_ns"], 1e3), scaled(of_it["items_per_second"], 1),
                   scaled(of_it["bytes_per_second"], 1e6))
                  for name, of_it in results.get("micro", {}).get("functions", {}).items()]


def redis_costs(results):
    costs_by_load = results.get("micro", {}).get("redis", {})
    plain = costs_by_load.get("plain, new clients")
    return ("load", "µs of Redis' CPU a record", "of plain"), [
        (name, number(cost), f"{cost / plain:.2f}") for name, cost in costs_by_load.items()]


def notes(results):
    return ("void or not measured",), [(note,) for note in results.get("notes", [])]


TABLES = {"throughput": throughput, "ratios": ratios, "views-ratios": views_ratios, "limits": limits, "costs": costs, "by-size": by_size,
          "by-backlog": by_backlog, "by-storages": by_storages, "overload": overload,
          "overload-ratios": overload_ratios, "traces": traces, "functions": functions, "redis": redis_costs,
          "notes": notes}


def print_table(results):
    for name, make in TABLES.items():
        head, rows = make(results)
        if not rows:
            continue
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
        print(f"\n{name}")
        for row in [head, *rows]:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
