"""Every record that was said yes to is stored once and applied once, also when a daemon dies meanwhile."""

import pytest

from client import SENTINEL, Comporta, eventually
from load import count_objects, drive, plan

UPLOADS = 1_000


@pytest.fixture(scope="module", params=[1, 3], ids=["one-storage", "three-storages"])
def running(request, make_stack):
    stack = make_stack(storage_instances=request.param)
    stack.start()
    yield Comporta(stack)
    stack.stop()


@pytest.fixture
def before(running):
    """What was there before the test."""
    return running.object_names(), running.applied()


def expected_keys(run):
    return {f"{run.name}-{upload.number}-{n}" for upload in run.uploads for n in range(upload.size)}


def check_everything_once(comporta, run, before):
    """Returns the account of the objects, for what more a test wants to know."""
    names_before, applied_before = before
    comporta.wait_settled(run.batches())
    comporta.settle()  # whatever a killed daemon left behind came before this one record
    account = count_objects(comporta, comporta.object_names() - names_before)
    keys = account.keys()
    assert keys.pop(SENTINEL) == 1
    lost, doubled = expected_keys(run) - keys.keys(), [key for key, times in keys.items() if times > 1]
    assert (len(lost), len(doubled), len(account.differing)) == (0, 0, 0), (list(lost)[:3], doubled[:3])
    assert keys.total() == run.record_count
    applied = [counts for batch, counts in comporta.applied().items() if batch not in applied_before]
    assert sum(records for _parts, records in applied) == run.record_count + 1
    return account


def test_each_record_is_in_one_line_and_cached(running, before, rng):
    run, cached_before = plan(rng, UPLOADS, keyed=False), running.cached_records()
    drive(running, run)
    account = check_everything_once(running, run, before)
    assert account.lines == len(account.parts)  # no line twice
    assert running.cached_records() - cached_before == run.record_count + 1


@pytest.mark.parametrize("victim", ["ingest-gateway", "storage", "cache"])
def test_a_daemon_killed_meanwhile_loses_and_doubles_nothing(running, before, rng, victim):
    run = plan(rng, UPLOADS, keyed=True)
    moments = [UPLOADS // 4, UPLOADS // 2]

    def kill_twice():
        for moment in moments:
            eventually(lambda: run.done >= moment or run.failures, "the load goes on", 120)
            running.stack.kill(victim)
            running.stack.restart(victim)

    drive(running, run, meanwhile=kill_twice)
    check_everything_once(running, run, before)
