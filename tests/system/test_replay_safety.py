"""A replay that is held up, or would miss something, ends with nothing changed."""

import contextlib
import time
from types import SimpleNamespace

import pytest

from client import batch_of, eventually, record
from comporta_native.ports import Instances
from conftest import SOURCE, while_running
from operator_tool import finish_tool, kill_tools, listed, paused, run_tool, start_tool, wait_said
from outage import metric
from slow_storage import SlowStorage
from test_dead import CACHE, new_id, open_channel, part_line, publish

HOLD = "comporta:hold"
OWNER = "comporta-replay:owner"
UNCHANGED = "nothing has been changed"
REPLAY = ("replay", "--kind", "transaction")
STORAGE = ("storage", "storage-2")


@pytest.fixture(scope="module")
def comporta(make_stack):
    """Reading goes to the first storage daemon; the second one may hang, and takes more than its first message alone."""
    for comporta in while_running(make_stack(instances=Instances(storage=2))):
        wait_at_work(comporta)
        yield comporta


def wait_at_work(comporta):
    """Until each storage daemon has had its first message."""
    for name in STORAGE:
        comporta.stack.wait_ready(name)
        eventually(lambda: upload(comporta) and metric(comporta, name, "acknowledged_total"), f"{name} has had one")
    comporta.settle()


@pytest.fixture(scope="module", autouse=True)
def no_daemon_ends():
    """Of the shared stack there is nothing here."""


@pytest.fixture(autouse=True)
def nothing_stays_behind(comporta):
    """However a replay ends: no hold on the cache, and nothing that it has built. A test that fails may have left one
    under way, which is to hold up no other test."""
    yield
    if kill_tools():
        eventually(lambda: not comporta.redis.delete(HOLD, *comporta.redis.keys("comporta-replay*")), "all is away")
    eventually(lambda: not comporta.redis.exists(HOLD), "the hold is over, and does not lapse", 1)
    assert comporta.redis.keys("comporta-replay*") == []
    comporta.settle()


@pytest.fixture
def operator(comporta, monkeypatch):
    """The tool's own parts."""
    monkeypatch.syspath_prepend(SOURCE / "deploy" / "operator")
    for name, value in comporta.stack.operator_environment().items():
        monkeypatch.setenv(name, value)
    from comporta_operator.hold import Hold
    from comporta_operator.settings import OperatorError, read_settings
    from comporta_operator.shadow_keys import ShadowKeys
    return SimpleNamespace(settings=read_settings(), Error=OperatorError, Hold=Hold, ShadowKeys=ShadowKeys)


@pytest.fixture
def unconfirmed(comporta):
    """A batch that was applied and is in no object, which a replay looks for while it holds the cache."""
    with open_channel(comporta.stack) as channel:
        batch = publish(channel, part_line([record(f"unconfirmed-{new_id()}")]))
    eventually(lambda: batch in comporta.applied(), "it is applied")


@pytest.fixture
def slow(comporta):
    with SlowStorage(comporta.stack) as storage:
        yield storage


@contextlib.contextmanager
def held(comporta, storage):
    """A replay that holds the cache, and comes no further in this block: it waits for storage to answer."""
    with storage.silent(when=lambda: comporta.redis.exists(HOLD)):
        tool = start_tool(comporta.stack, *REPLAY, COMPORTA_STORAGE_URL=storage.url)
        storage.wait_asked()
        yield tool


def upload(comporta, count=1):
    """The new records' keys, and their batches, one each."""
    connection, keys = comporta.connect(), [f"safe-{new_id()}" for _ in range(count)]
    answers = [connection.upload([record(key)]) for key in keys]
    assert {answer.status for answer in answers} == {202}
    return keys, {batch for answer in answers for batch in answer.json()["batches"]}


def has(comporta, keys):
    return all(comporta.get(f"/api/v1/records/transaction/{key}").status == 200 for key in keys)


def wait_applied(comporta, batches):
    eventually(lambda: comporta.applied().keys() >= batches, "it is applied")


# -- the hold ------------------------------------------------------------------------------------------


def test_a_hold_that_has_lapsed_is_not_taken_again(comporta, unconfirmed, slow):
    with held(comporta, slow) as tool, paused(tool):
        comporta.redis.pexpire(HOLD, 1)
        keys, batches = upload(comporta)
        wait_applied(comporta, batches)
    assert UNCHANGED in finish_tool(tool, expect=1)
    assert has(comporta, keys), "what was applied when the cache had gone on is still there"


def test_reading_the_objects_may_take_longer_than_the_hold(comporta, unconfirmed, slow):
    with held(comporta, slow) as tool:
        keys, batches = upload(comporta)
        comporta.redis.pexpire(HOLD, 20_000)
        eventually(lambda: comporta.redis.pttl(HOLD) > 20_000, "it is prolonged")
        assert not batches & comporta.applied().keys()
    finish_tool(tool)
    wait_applied(comporta, batches)
    assert has(comporta, keys)


def test_a_hold_is_left_to_who_has_it(comporta, operator):
    with operator.Hold(operator.settings, "ours", 60):
        assert comporta.redis.get(HOLD) == b"ours"
        comporta.redis.set(HOLD, "another")
    assert comporta.redis.get(HOLD) == b"another"
    with pytest.raises(operator.Error, match=UNCHANGED), operator.Hold(operator.settings, "ours", 60):
        pass
    assert comporta.redis.getdel(HOLD) == b"another"


def test_what_another_replay_builds_is_left_to_it(comporta, operator):
    built = {OWNER: "another", "comporta-replay:record:transaction:x": "built"}
    with operator.ShadowKeys(operator.settings, "comporta-replay"):
        comporta.redis.mset(built)
    assert {key: comporta.redis.getdel(key).decode() for key in built} == built


@pytest.mark.parametrize("hold, owner", [(None, "ours"), ("another", "ours"), ("ours", "another"), ("ours", None)])
def test_the_swap_itself_asks_whose_all_is(comporta, operator, hold, owner):
    keys, batches = upload(comporta)
    wait_applied(comporta, batches)
    with operator.ShadowKeys(operator.settings, "comporta-replay") as shadow:
        comporta.redis.delete(OWNER)
        for key, whose in ((HOLD, hold), (OWNER, owner)):
            if whose:
                comporta.redis.set(key, shadow.token if whose == "ours" else whose)
        with pytest.raises(operator.Error, match=UNCHANGED):
            shadow.swap({"transaction"})
        comporta.redis.delete(HOLD)
        comporta.redis.set(OWNER, shadow.token)
    assert has(comporta, keys)


def test_what_was_sent_back_of_a_batch_that_a_replay_brings_is_part_of_it_again(comporta, operator):
    brought, beside = new_id(), new_id()
    entry = "2026-11-22T14:03:05.123Z,0,0,transaction\n- a fault"
    with operator.ShadowKeys(operator.settings, "comporta-replay") as shadow:
        comporta.redis.hset("comporta:sent-back", mapping={batch: f"1 {new_id()}" for batch in (brought, beside)})
        comporta.redis.hset("comporta-replay:applied", brought, entry)
        comporta.redis.set(HOLD, shadow.token)
        shadow.swap({"of-no-records"})
    assert comporta.redis.hkeys("comporta:sent-back") == [beside.encode()]
    comporta.redis.delete("comporta:sent-back")


# -- storage that is behind ----------------------------------------------------------------------------


@contextlib.contextmanager
def hanging_storage(comporta):
    """The second daemon hangs. Yields a function that uploads until it has some in hand: returns keys, and how many."""
    def fill():
        keys, batches = upload(comporta, 4)
        while not (in_hand := not_stored(comporta, batches)):
            batches |= upload(comporta, 4)[1]
        wait_applied(comporta, batches | in_hand)
        return keys, len(in_hand)

    with paused(comporta.stack.processes["storage-2"]):
        yield fill


def not_stored(comporta, batches):
    """Which of them and of others behind them are not, though the last one is, and no other is after some seconds."""
    left = set()
    while True:
        before, (_keys, last) = left, upload(comporta)
        batches = batches | last
        time.sleep(3)
        left = batches - set(map(batch_of, comporta.object_names()))
        if left == before and not left & last:
            return left


def test_a_replay_waits_for_what_storage_has_not_acknowledged(comporta):
    with hanging_storage(comporta) as fill:
        keys, in_hand = fill()
        comporta.redis.flushall()
        tool = start_tool(comporta.stack, *REPLAY)
        wait_said(tool, f"waiting for storage: 0 messages wait, {in_hand} are not acknowledged")
    finish_tool(tool)
    assert has(comporta, keys)


def test_a_replay_gives_up_on_what_storage_does_not_acknowledge(comporta):
    with hanging_storage(comporta) as fill:
        keys, _in_hand = fill()
        given_up = run_tool(comporta.stack, *REPLAY, "--wait", "1s", expect=1)
        assert "storage is behind" in given_up and UNCHANGED in given_up
        assert has(comporta, keys)


@pytest.fixture
def new_daemons_at_work(comporta):
    """What a test has started anew is for the next one as all began."""
    yield
    wait_at_work(comporta)


@contextlib.contextmanager
def no_storage(comporta):
    for name in STORAGE:
        comporta.stack.kill(name)
    try:
        yield
    finally:
        for name in STORAGE:
            comporta.stack.launch(name)


def test_a_replay_waits_for_what_waits_for_storage(comporta, new_daemons_at_work):
    with no_storage(comporta):
        keys, batches = upload(comporta, 3)
        wait_applied(comporta, batches)
        given_up = run_tool(comporta.stack, *REPLAY, "--wait", "1s", expect=1)
        assert "storage is behind" in given_up and UNCHANGED in given_up
        assert has(comporta, keys)
        comporta.redis.flushall()
        tool = start_tool(comporta.stack, *REPLAY)
        wait_said(tool, "waiting for storage: 3 messages wait")
    finish_tool(tool)
    assert has(comporta, keys)


def test_storage_that_falls_behind_while_a_replay_runs_changes_nothing(comporta, slow):
    with hanging_storage(comporta) as fill:
        with slow.silent():
            tool = start_tool(comporta.stack, *REPLAY, "--wait", "1s", COMPORTA_STORAGE_URL=slow.url)
            slow.wait_asked()  # it has seen that storage was not behind
            keys, _in_hand = fill()
        given_up = finish_tool(tool, expect=1)
        assert "storage is behind" in given_up and UNCHANGED in given_up
        assert not comporta.redis.exists(HOLD), "the cache is let go at once"
        assert has(comporta, keys)


def test_what_is_parked_for_storage_is_no_object_either(comporta):
    key, batch = f"parked-{new_id()}", new_id()
    with open_channel(comporta.stack) as channel:
        line = part_line([record(key)])
        publish(channel, line, message_id=batch)
        publish(channel, line, message_id=batch, queue="comporta.storage.dead", headers={"reason": "came back"})
    wait_applied(comporta, {batch})
    given_up = run_tool(comporta.stack, *REPLAY, expect=1)
    assert "1 messages that are parked for storage" in given_up and UNCHANGED in given_up
    assert has(comporta, [key])
    run_tool(comporta.stack, "dead", "redrive", "--id", batch)
    eventually(lambda: batch in map(batch_of, comporta.object_names()), "it is stored")


def test_without_a_console_nobody_knows_how_far_storage_is_behind(comporta):
    away = run_tool(comporta.stack, *REPLAY, expect=1, COMPORTA_AMQP_CONSOLE_URL="http://127.0.0.1:1")
    assert "console at http://127.0.0.1:1 " in away


def test_nothing_is_sent_back_while_a_replay_may_apply_the_same(comporta, slow):
    with open_channel(comporta.stack) as channel:
        batch = publish(channel, part_line([{"nobody": 1}]), queue=f"{CACHE}.dead", headers={"reason": "views: fault"})
    with slow.silent():
        tool = start_tool(comporta.stack, *REPLAY, COMPORTA_STORAGE_URL=slow.url)
        slow.wait_asked()
        assert "under way" in run_tool(comporta.stack, "dead", "redrive", "--id", batch, expect=1)
        tool.kill()
        tool.communicate()
    assert len(listed(comporta.stack, "--id", batch)) == 1
    run_tool(comporta.stack, "dead", "drop", "--id", batch, "--yes")
    comporta.redis.delete(*comporta.redis.keys("comporta-replay:*"))
