"""What an operator plans, nobody notices: upgrades, pods that are taken away, more and fewer of them."""

import pytest

from client import eventually
from load import check_everything_once, drive, plan
from steady import steady

BACKLOG = 2_000


@pytest.mark.parametrize("part", ["ingest-gateway", "storage", "cache", "nginx"])
def test_a_rolling_update_under_load_is_not_noticed(cluster, comporta, before, rng, part):
    with steady(comporta, rng) as load:
        cluster.restart(part)
    assert not load.missed
    check_everything_once(comporta, load.run, before)


@pytest.mark.parametrize("part", ["ingest-gateway", "storage", "cache", "nginx"])
def test_a_pod_that_is_taken_away_is_not_noticed(cluster, comporta, before, rng, part):
    with steady(comporta, rng) as load:
        oldest = cluster.pods(part)[0]
        cluster.delete(oldest)
        cluster.wait_gone([oldest])
        cluster.wait_ready(part)
    assert not load.missed
    check_everything_once(comporta, load.run, before)


def test_storage_is_scaled_up_and_down_under_load(cluster, comporta, before, rng):
    cluster.scale("storage", 1)
    with steady(comporta, rng) as load:
        cluster.scale("storage", 3)
        eventually(lambda: len(load.run.uploads) > 400, "the load goes on")
        cluster.scale("storage", 1)
    assert not load.missed
    check_everything_once(comporta, load.run, before)
    cluster.scale("storage", 2)


def test_a_backlog_is_shared(cluster, comporta, before, rng):
    cluster.scale("storage", 0)
    backlog = plan(rng, BACKLOG, keyed=True, largest=1)
    drive(comporta, backlog, clients=4)
    cluster.scale("storage", 3)
    check_everything_once(comporta, backlog, before)
    cluster.scale("storage", 2)
