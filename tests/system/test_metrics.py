"""What the daemons tell of themselves is named by Prometheus' rules, documented, and true of an upload."""

import subprocess
import urllib.request

import pytest

import metrics_page
from client import eventually, record

DAEMONS = ["ingest-gateway", "storage", "cache", "nginx"]


def metrics_of(comporta, name):
    with urllib.request.urlopen(comporta.stack.private_url(name, "/metrics"), timeout=60) as answer:
        return answer.read().decode()


@pytest.mark.parametrize("name", DAEMONS)
def test_promtool_finds_nothing_to_say_of_it(comporta, name):
    checked = subprocess.run(["promtool", "check", "metrics"], input=metrics_of(comporta, name), capture_output=True,
                             text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_the_page_lists_them_as_they_are(comporta):
    """Otherwise: `make metrics-page`."""
    assert metrics_page.listed() == metrics_page.table({name: metrics_of(comporta, name) for name in DAEMONS})


def value(comporta, daemon, sample):
    """Of the sample of that name and those labels."""
    lines = metrics_of(comporta, daemon).splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.rpartition(" ")[0] == sample)


COUNTED = [("ingest-gateway", 'comporta_records_accepted_total{kind="transaction"}', 3),
           ("ingest-gateway", 'comporta_http_requests_total{code="202",kind="transaction"}', 1),
           ("storage", "comporta_records_stored_total", 3),
           ("storage", "comporta_stored_seconds_count", 1),
           ("cache", 'comporta_records_applied_total{kind="transaction"}', 3),
           ("cache", "comporta_applied_seconds_count", 1),
           ("cache", "comporta_records_parked_total", 0)]


def test_an_upload_is_counted_at_each_stage(comporta):
    comporta.settle()
    eventually(lambda: not any(value(comporta, daemon, "comporta_unsettled_messages") for daemon in ("storage", "cache")),
               "what came before is counted")
    before = [value(comporta, daemon, sample) for daemon, sample, _more in COUNTED]
    answer = comporta.connect().upload([record(f"counted-{n}") for n in range(3)])
    assert answer.status == 202
    comporta.wait_settled(set(answer.json()["batches"]))
    expected = [count + more for count, (_daemon, _sample, more) in zip(before, COUNTED, strict=True)]
    eventually(lambda: [value(comporta, daemon, sample) for daemon, sample, _more in COUNTED] == expected,
               "it is counted once at each")
    eventually(lambda: value(comporta, "cache", "comporta_oldest_unsettled_timestamp_seconds") == 0, "nothing is in hand")
