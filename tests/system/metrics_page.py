#!/usr/bin/env python3
"""Writes the list of metrics in docs/OPERATIONS.md: by `make metrics-page`, from what the daemons say of them."""

import os
import re
import sys
import urllib.request
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "OPERATIONS.md"
MARK = "<!-- metrics -->"
HEAD = "| metric | type | unit | labels | of | what it tells |\n|---|---|---|---|---|---|\n"
UNITS = {"seconds": "s", "bytes": "bytes"}
SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? \S+$', re.MULTILINE)


def families(texts):
    """By name: its type, its labels, who has it and its help. `texts`: /metrics by daemon."""
    found = {}
    for daemon, text in texts.items():
        for name, help_text in re.findall(r"^# HELP (\w+) (.*)$", text, re.MULTILINE):
            family = found.setdefault(name, {"help": help_text, "labels": set(), "of": []})
            assert family["help"] == help_text, f"{name} means two things"
            family["of"].append(daemon)
        for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE):
            found[name]["type"] = kind
        for name, labels in SAMPLE.findall(text):
            owner = name if name in found else re.sub(r"_(bucket|sum|count)$", "", name)
            found[owner]["labels"] |= set(re.findall(r'(\w+)="', labels)) - {"le"}
    return found


def unit_of(name):
    """By Prometheus' rules the name says it."""
    last = name.removesuffix("_total").rpartition("_")[2]
    return UNITS.get(last, "")


def table(texts):
    """The rows of all of them, by name."""
    rows = (f"| `{name}` | {family['type']} | {unit_of(name)} | {', '.join(sorted(family['labels']))} "
            f"| {', '.join(family['of'])} | {family['help'].rstrip('.')} |\n"
            for name, family in sorted(families(texts).items()))
    return HEAD + "".join(rows)


def listed():
    """What the page has."""
    return PAGE.read_text().split(MARK)[1].strip() + "\n"


def main():
    texts = {}
    for entry in os.environ["COMPORTA_METRICS"].split():
        daemon, _, url = entry.partition("=")
        with urllib.request.urlopen(url, timeout=10) as answer:
            texts[daemon] = answer.read().decode()
    before, _, after = PAGE.read_text().split(MARK)
    PAGE.write_text(f"{before}{MARK}\n{table(texts)}{MARK}{after}")


if __name__ == "__main__":
    sys.exit(main())
