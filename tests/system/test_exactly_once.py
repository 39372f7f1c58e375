"""Every record that was said yes to is stored once and applied once, also when a daemon dies meanwhile."""

import pytest

from client import eventually
from comporta_native.ports import Instances
from conftest import while_running
from load import check_everything_once, drive, plan

UPLOADS = 1_000


@pytest.fixture(scope="module", params=[1, 3], ids=["one-storage", "three-storages"])
def running(request, make_stack):
    yield from while_running(make_stack(instances=Instances(storage=request.param)))


@pytest.fixture
def before(running):
    """What was there before the test."""
    return running.object_names(), running.applied()


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
            eventually(lambda: run.done >= moment or run.failures, "the load goes on")
            running.stack.kill(victim)
            running.stack.restart(victim)

    drive(running, run, meanwhile=kill_twice)
    check_everything_once(running, run, before)
