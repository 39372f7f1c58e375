"""Each panel of each dashboard shows something of a whole that works, and the books of one that loses show it."""

import json
import math
import subprocess
import sys

import pytest

from broker import open_channel
from client import eventually, record
from conftest import SOURCE
from watching import DASHBOARDS, EVEN, FILES, FOLDER, filled, watch

sys.path.append(str(SOURCE / "build" / "tools" / "grafana"))  # deploy/native/install test

from grafana_foundation_sdk.cog.encoder import JSONEncoder  # noqa: E402
from grafana_foundation_sdk.models.dashboard import Dashboard as Model  # noqa: E402

QUERIES = [pytest.param(dashboard, target["expr"], id=f"{dashboard['uid']}: {panel['title']} {target['refId']}")
           for dashboard in DASHBOARDS for panel in dashboard["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def watched(make_stack):
    yield from watch(make_stack)


@pytest.fixture
def under_load(watched):
    with watched.under_load():
        yield watched


def test_the_files_are_what_the_description_makes():
    """Otherwise: `make dashboards`."""
    show = "import json, dashboards; print(json.dumps(dashboards.files()))"
    made = subprocess.run([sys.executable, "-c", show], cwd=FOLDER, capture_output=True, text=True, check=True)
    assert json.loads(made.stdout) == {file.name: file.read_text() for file in FILES}


def unknown_to(model, shown, path=""):
    """What a file has that the model has lost."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            yield from unknown_to((model or {}).get(name), value, f"{path}/{name}")
    elif isinstance(shown, list):
        for number, value in enumerate(shown):
            yield from unknown_to(model[number] if model else None, value, f"{path}/{number}")
    elif shown != model:
        yield path


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard["uid"])
def test_grafana_knows_all_that_is_in_it(dashboard):
    model = json.loads(JSONEncoder().encode(Model.from_json(dashboard)))
    assert list(unknown_to(model, dashboard)) == []
    assert list(unknown_to(model, dashboard | {"nothing": 1})) == ["/nothing"]


def test_there_are_five_and_the_first_has_five_questions():
    assert len(DASHBOARDS) == 5
    promise, = (dashboard for dashboard in DASHBOARDS if dashboard["title"] == "Is the promise kept")
    assert len([panel for panel in promise["panels"] if panel["gridPos"]["y"] == 0]) == 5


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard["uid"])
def test_no_panel_lies_on_another(dashboard):
    cells = [(x, y) for panel in dashboard["panels"] for place in [panel["gridPos"]]
             for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]
    assert len(cells) == len(set(cells)) and max(x for x, _y in cells) < 24


@pytest.mark.parametrize(("dashboard", "query"), QUERIES)
def test_a_panel_shows_something(under_load, dashboard, query):
    asked = filled(dashboard, query)
    eventually(lambda: any(math.isfinite(value) for _labels, value in under_load.ask(asked)), f"there is {asked}")


def test_under_load_no_alert_fires(under_load):
    assert under_load.ask('count_over_time(ALERTS{alertstate="firing"}[15s])') == []


def test_records_that_are_lost_are_missing_in_the_books(watched):
    """The cache's queue is unbound: what is accepted then is stored, and nobody applies it."""
    comporta = watched.comporta
    watched.until(EVEN, "nothing is missing of what was accepted before")
    assert not watched.ask("max_over_time(stage:comporta_records_missing:sum[1h]) > 0"), "and never was"
    with open_channel(watched.stack) as channel:
        channel.queue_unbind("comporta.cache", "comporta.records", routing_key="")
    answer = comporta.connect().upload([record(f"lost-{n}") for n in range(9)])
    assert answer.status == 202
    missing = watched.until("stage:comporta_records_missing:sum == 9", "nine are missing")
    assert {labels["stage"] for labels, _value in missing} == {"applied"}
    watched.until('ALERTS{alertname="ComportaRecordsMissing",alertstate="firing",stage="applied"}', "it is told")
