"""What is sent back is never lost on its way: not by a broker that refuses it, nor by a tool that dies."""

from pathlib import Path

import pika
import pytest

from broker import open_channel, rabbitmqctl
from client import eventually, record
from conftest import while_running
from operator_tool import finish_tool, listed, run_tool, start_tool
from test_dead import CACHE, new_id, part_line, publish, records_seen, wait_parked

KILLED = -9
DYING_TOOL = Path(__file__).parent / "dying_tool.py"


@pytest.fixture(scope="module")
def comporta(make_stack):
    """A stack whose cache may be killed, and its queue be refused."""
    yield from while_running(make_stack())


@pytest.fixture(scope="module", autouse=True)
def no_daemon_ends():
    """Of the shared stack there is nothing here."""


@pytest.fixture
def channel(comporta):
    with open_channel(comporta.stack) as channel:
        yield channel


def park(channel, scope="message"):
    """The batch, and its record's key. A part has no digest by which it would be recognised."""
    key = f"parked-{new_id()}"
    headers = {"reason": "views: of a test", "scope": scope}
    return publish(channel, part_line([record(key)]), queue=f"{CACHE}.dead", headers=headers), key


def wait_record(comporta, key):
    eventually(lambda: comporta.get(f"/api/v1/records/transaction/{key}").status == 200, "it is applied")


@pytest.fixture
def nobody_consumes(comporta):
    """Nor looks at the cache's queue, and makes it again."""
    names = ("cache", "ingest-gateway")
    for name in names:
        comporta.stack.kill(name)
    yield
    for name in names:
        comporta.stack.launch(name)
    for name in names:
        comporta.stack.wait_ready(name)


@pytest.fixture
def no_queue(nobody_consumes, channel):
    channel.queue_delete(CACHE)
    return "there is no such queue"


@pytest.fixture
def full_queue(comporta, nobody_consumes):
    rabbitmqctl(comporta.stack, "set_policy", "full", f"^{CACHE}$", '{"max-length":1}', "--apply-to", "queues")
    with open_channel(comporta.stack) as filling, pytest.raises(pika.exceptions.NackError):
        filling.confirm_delivery()
        while True:
            publish(filling, part_line([record(f"fills-{new_id()}")]))
    yield "the queue is full"
    rabbitmqctl(comporta.stack, "clear_policy", "full")


@pytest.mark.parametrize("refusal", ["no_queue", "full_queue"])
def test_what_the_broker_does_not_take_stays_parked(comporta, channel, refusal, request):
    batch, _key = park(channel)
    reason = request.getfixturevalue(refusal)
    assert reason in run_tool(comporta.stack, "dead", "redrive", "--id", batch, expect=1)
    assert len(listed(comporta.stack, "--id", batch)) == 1


@pytest.mark.parametrize("scope", ["message", "part"])
def test_a_tool_killed_before_it_acknowledges_has_sent_it_and_sent_twice_it_counts_once(comporta, channel, scope):
    comporta.settle()
    before = records_seen(comporta)
    batch, key = park(channel, scope)
    finish_tool(start_tool(comporta.stack, "dead", "redrive", "--id", batch, program=DYING_TOOL), expect=KILLED)
    wait_record(comporta, key)
    wait_parked(comporta, "--id", batch)  # the broker has noticed that the tool is gone
    assert "1 sent back" in run_tool(comporta.stack, "dead", "redrive", "--id", batch)
    comporta.settle()
    assert records_seen(comporta) == before + 2  # this one, and the sentinel
    assert listed(comporta.stack, "--id", batch) == []


def test_a_note_of_what_was_sent_back_undoes_nothing_that_is_being_applied(comporta, channel, nobody_consumes):
    """The cache watches the entries while it applies; here nobody else changes them."""
    batch, _key = park(channel, "part")
    ((upload, part),) = [(one["upload"], one["part"]) for one in listed(comporta.stack, "--id", batch)]
    entry = f"2026-11-22T14:03:05.123Z,0,0,transaction\n{upload}:{part} views: of a test"
    forgotten = new_id()
    comporta.redis.hset("comporta:applied", batch, entry)
    comporta.redis.hset("comporta:sent-back", forgotten, f"1 {new_id()}")
    with comporta.redis.pipeline() as applying:
        applying.watch("comporta:applied")
        assert "1 sent back" in run_tool(comporta.stack, "dead", "redrive", "--id", batch)
        applying.multi()
        applying.hdel("comporta:applied", batch)
        assert applying.execute() == [1]
    assert comporta.redis.hkeys("comporta:sent-back") == [batch.encode()], "and of what is forgotten there is no note"
