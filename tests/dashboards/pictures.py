#!/usr/bin/python3
"""Draws the dashboards into docs/dashboards, by `make dashboard-pictures`: of a whole that works for some minutes."""

import json
import math
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from itertools import count, takewhile
from pathlib import Path

from PIL import Image

SOURCE = Path(__file__).resolve().parents[2]
sys.path.append(str(SOURCE / "tests" / "system"))

from conftest import BUILD, STACKS  # noqa: E402
from comporta_native.sample import SALES  # noqa: E402
from comporta_native.stack import Stack  # noqa: E402
from test_snack_bar import JSON, MENU, SnackBar  # noqa: E402
from watching import DASHBOARDS, filled, watch  # noqa: E402

DATA, PICTURES = SOURCE / "build" / "dashboards.json", SOURCE / "docs" / "dashboards"
SECONDS, STEP = 180, 2  # what is shown, and a point of it
CALM = 8  # seconds at the end, in which what has come gets everywhere: the books are even then
CLIENT = {"name": "Ana", "email": "ana@example.com", "password": "uma senha comprida"}
LOGIN = {"kind": "client", "login": CLIENT["email"], "password": CLIENT["password"]}


def work(comporta, until):
    """Beside what `under_load` does: people buy, order at the snack bar and pay, log in, and try what they may not."""
    bar, unknown = SnackBar(comporta), comporta.connect({"Authorization": "Bearer of-nobody"})
    bar.send(bar.admin, "POST", "menu-item", MENU)
    bar.send(bar.admin, "POST", "client", CLIENT)
    for file in SALES:
        bar.send(bar.admin, "POST", file.parents[1].name, orders := json.loads(file.read_text()))
    for turn in takewhile(lambda _turn: time.time() < until, count()):
        bar.send(bar.admin, "POST", "order", orders * (turn % 3 + 1))
        bar.click("pay", bar.placed()["id"])
        bar.nobody.view("order/sellers")
        for who in (unknown, bar.nobody)[:turn % 2 + 1]:
            who.request("GET", "/api/v1/views/purchase/all")
        if turn % 20 == 0:
            login = LOGIN if turn % 60 else LOGIN | {"password": "a guess"}
            bar.nobody.request("POST", "/api/v1/sessions", json.dumps(login), JSON)


def shown(watched, query, target, start, end):
    """Its series, each with what stands in the legend; of what is shown as it is now, those that are there now."""
    for labels, points in watched.ask_all(query, start, end, STEP):
        name = re.sub(r"{{(\w+)}}", lambda label, labels=labels: labels[label[1]], target["legendFormat"])
        points = [(when * 1000, value if math.isfinite(value) else None) for when, value in points]
        if any(value is not None and (when == end * 1000 or target["range"]) for when, value in points):
            yield {"name": name, "labels": labels, "points": points}


def panels(watched, dashboard, *times):
    for panel in dashboard["panels"]:
        series = [one for target in panel["targets"]
                  for one in shown(watched, filled(dashboard, target["expr"]), target, *times)]
        assert series, f"{dashboard['title']}, {panel['title']}: nothing to show"
        look = panel["fieldConfig"]["defaults"]
        yield {"title": panel["title"], "type": panel["type"], "place": panel["gridPos"], "unit": look["unit"],
               "steps": look["thresholds"]["steps"], "series": series}


def measure(watched):
    """The dashboards after some minutes of work, for draw.mjs."""
    end = (time.time() // 60 + 1) * 60 + SECONDS
    with watched.under_load():
        work(watched.comporta, end - CALM)
    time.sleep(max(0, end + 1 - time.time()))
    for dashboard in DASHBOARDS:
        yield {"name": dashboard["uid"].removeprefix("comporta-"), "title": dashboard["title"],
               "from": (end - SECONDS) * 1000, "to": end * 1000,
               "variables": [variable["name"] for variable in dashboard["templating"]["list"]],
               "panels": list(panels(watched, dashboard, end - SECONDS, end))}


def main():
    STACKS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STACKS) as folder:
        with contextmanager(watch)(partial(Stack, folder, driver="s3", build=BUILD, with_payments=True)) as watched:
            DATA.write_text(json.dumps(list(measure(watched))))
    subprocess.run(["node", Path(__file__).with_name("draw.mjs"), DATA, PICTURES], check=True)
    for picture in PICTURES.glob("*.png"):
        drawn = Image.open(picture).convert("RGB")
        drawn.quantize(256, Image.Quantize.MAXCOVERAGE, dither=0).save(picture, optimize=True)


if __name__ == "__main__":
    main()
