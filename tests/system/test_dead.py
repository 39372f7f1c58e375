"""What cannot be processed is kept with its reason, beside its neighbours, until an operator says what becomes of it."""

import json
import time
import uuid

import lz4.frame
import pika
import pytest

from broker import open_channel
from client import Comporta, eventually, record
from operator_tool import listed, run_tool
from outage import metric

CACHE = "comporta.cache"
RETURNS = 10  # consume.crash_limit


@pytest.fixture(scope="module")
def channel(comporta):
    with open_channel(comporta.stack) as channel:
        yield channel


def new_id():
    made = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + uuid.uuid4().bytes[:10])
    made[6], made[8] = made[6] & 0x0F | 0x70, made[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(made)))


def part_line(records, part=1):
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return json.dumps({"upload": new_id(), "part": part, "parts": part, "received": now, "traceparent": "",
                       "principal": "", "records": records}, separators=(",", ":"))


def publish(channel, *lines, kind="transaction", message_id=None, exchange="", queue=CACHE, encode=str.encode,
            **properties):
    """Straight to the broker, past the gateway that would refuse it; returns the batch's id."""
    message_id = message_id or new_id()
    properties = pika.BasicProperties(message_id=message_id, type=kind, delivery_mode=2, **properties)
    channel.basic_publish(exchange, queue, encode("".join(line + "\n" for line in lines)), properties)
    return message_id


def wait_parked(comporta, *filters, count=1):
    return eventually(lambda: (found := listed(comporta.stack, *filters)) and len(found) == count and found,
                      f"{count} parked: {filters}")


def records_seen(comporta):
    return comporta.connect().request("GET", "/api/v1/recent/transaction").json()["counters"]["records"]


def test_a_bad_part_is_parked_alone_with_all_that_is_known(comporta, channel, rng):
    keys = [f"parked-{rng.getrandbits(40):x}" for _ in range(2)]
    batch = publish(channel, part_line([record(keys[0])]), part_line([{"nobody": 1}]), part_line([record(keys[1])]))
    (parked,) = wait_parked(comporta, "--id", batch)
    assert parked["reason"] == "malformed part: record 0 has no key"
    assert (parked["queue"], parked["kind"], parked["scope"], parked["attempts"]) == (CACHE, "transaction", "part", 1)
    assert abs(time.time() - time.mktime(time.strptime(parked["parked_at"], "%Y-%m-%dT%H:%M:%SZ")) + time.timezone) < 60
    for key in keys:
        assert comporta.get(f"/api/v1/records/transaction/{key}").status == 200
    shown = run_tool(comporta.stack, "dead", "show", "--id", batch)
    assert parked["reason"] in shown and '"nobody":1' in shown


def test_a_part_without_records_is_parked_alone(comporta, channel, rng):
    key = f"beside-none-{rng.getrandbits(40):x}"
    batch = publish(channel, part_line([]), part_line([record(key)]))
    (parked,) = wait_parked(comporta, "--id", batch)
    assert parked["reason"] == "malformed part: there are no records"
    assert comporta.get(f"/api/v1/records/transaction/{key}").status == 200


def test_the_filters_choose_and_a_list_changes_nothing(comporta, channel):
    batches = [publish(channel, part_line([{"n": n}]), kind=kind) for n, kind in enumerate(["transaction", "no-such"])]
    for batch in batches:
        wait_parked(comporta, "--id", batch)
    stack = comporta.stack

    def found(*filters):
        """In an order of their own: the broker's is another once more than 32 have been looked at."""
        return sorted(one["batch"] for one in listed(stack, *filters) if one["batch"] in batches)

    assert found("--kind", "no-such", "--newer", "1h") == [batches[1]]
    assert found("--reason", "unknown kind", "--queue", "cache") == [batches[1]]
    assert found("--older", "1h") == found("--queue", "storage") == []
    assert found() == found() == sorted(batches)
    assert len(listed(stack, "--limit", "1")) == 1
    assert "15m" in run_tool(stack, "dead", "list", "--older", "soon", expect=1)
    assert "nothing parked" in run_tool(stack, "dead", "show", "--id", new_id(), expect=1)


def test_what_is_dropped_is_gone_but_only_on_a_clear_word(comporta, channel):
    batch = publish(channel, part_line([{"n": 1}]))
    wait_parked(comporta, "--id", batch)
    assert "--yes" in run_tool(comporta.stack, "dead", "drop", "--id", batch, expect=1)
    assert len(listed(comporta.stack, "--id", batch)) == 1
    assert "1 dropped" in run_tool(comporta.stack, "dead", "drop", "--id", batch, "--yes")
    assert listed(comporta.stack, "--id", batch) == []


def test_what_is_sent_back_is_applied_once_however_often_it_is_sent(comporta, channel, rng):
    key = f"redriven-{rng.getrandbits(40):x}"
    not_an_id = f"foreign-{rng.getrandbits(40):x}"
    comporta.settle()
    line, before = part_line([record(key)]), records_seen(comporta)
    publish(channel, line, message_id=not_an_id)
    (parked,) = wait_parked(comporta, "--id", not_an_id)
    assert "UUIDv7" in parked["reason"]
    # A copy, as if the tool had died between sending and acknowledging.
    (_method, properties, body) = take_parked(channel, not_an_id)
    for _copy in range(2):
        channel.basic_publish("comporta.dead", CACHE, body, properties)
    wait_parked(comporta, "--id", not_an_id, count=3)
    assert "3 sent back" in run_tool(comporta.stack, "dead", "redrive", "--id", not_an_id)
    eventually(lambda: comporta.get(f"/api/v1/records/transaction/{key}").status == 200, "the part is applied")
    comporta.settle()
    assert records_seen(comporta) == before + 2  # this one, and the sentinel behind it
    assert listed(comporta.stack, "--id", not_an_id) == []


def test_what_a_replay_has_applied_meanwhile_is_not_sent_back(comporta, channel):
    batch = publish(channel, part_line([{"id": "1"}]), part_line([{"id": "2"}]), kind="not-yet")
    first, second = wait_parked(comporta, "--id", batch, count=2)
    mark = f"{second['upload']}:{second['part']}"
    comporta.redis.hset("comporta:applied", batch, f"2026-11-22T14:03:05.123Z,1,1,not-yet\n{mark} views: fault")
    assert "1 sent back, 1 applied meanwhile" in run_tool(comporta.stack, "dead", "redrive", "--id", batch)
    eventually(lambda: [one["upload"] for one in listed(comporta.stack, "--kind", "not-yet")] == [second["upload"]],
               "only the part that was not applied is tried again")


def state_of(comporta, batch):
    said = comporta.get(f"/api/v1/batches/{batch}").json()
    assert said["applied"] == (said["state"] == "applied")
    return said["state"], [(one["upload"], one["part"]) for one in said.get("parked", [])]


def test_a_batch_is_applied_when_what_was_parked_of_it_has_been_sent_back_and_applied(comporta, channel):
    """A conflict is over when the mark of the other upload is: here it is taken away."""
    first, second = (json.loads(part_line([record(f"sent-back-{n}")])) for n in range(2))
    first["digest"], second["digest"], second["upload"] = "a" * 64, "b" * 64, first["upload"]
    beside = part_line([record("sent-back-beside")])
    publish(channel, json.dumps(first, separators=(",", ":")))
    batch = publish(channel, json.dumps(second, separators=(",", ":")), beside)
    wait_parked(comporta, "--id", batch)
    own = [(first["upload"], 1)]
    assert state_of(comporta, batch) == ("partly", own)
    run_tool(comporta.stack, "dead", "redrive", "--id", batch)
    wait_parked(comporta, "--id", first["upload"])
    assert state_of(comporta, batch) == ("partly", own), "it is parked again"
    assert comporta.redis.delete(f"comporta:upload:{first['upload']}:1") == 1
    run_tool(comporta.stack, "dead", "redrive", "--id", first["upload"])
    eventually(lambda: state_of(comporta, batch) == ("applied", []), "all of the batch is applied")


def test_what_a_batch_has_brought_when_it_was_sent_back_counts_among_its_own(comporta, channel):
    """Two lines that are alike come again in one batch, and count once."""
    first = json.loads(part_line([record(f"counted-{new_id()}")]))
    first["digest"] = "a" * 64
    other = json.dumps(first | {"digest": "b" * 64}, separators=(",", ":"))
    publish(channel, json.dumps(first, separators=(",", ":")))
    batch = publish(channel, other, other)
    wait_parked(comporta, "--id", batch, count=2)
    assert counts_of(comporta, batch) == ("parked", 0, 0)
    assert comporta.redis.delete(f"comporta:upload:{first['upload']}:1") == 1
    run_tool(comporta.stack, "dead", "redrive", "--id", batch)
    eventually(lambda: counts_of(comporta, batch) == ("applied", 1, 1), "all of the batch is applied")


def counts_of(comporta, batch):
    said = comporta.get(f"/api/v1/batches/{batch}").json()
    return said["state"], said["parts"], said["records"]


def take_parked(channel, message_id):
    """A copy of what is parked; all of it stays."""
    found = None
    while (got := channel.basic_get(f"{CACHE}.dead"))[0]:
        found = got if got[1].message_id == message_id else found
    channel.basic_nack(0, multiple=True, requeue=True)
    return found


def test_what_the_broker_gave_up_is_told_too(comporta, channel):
    death = {"queue": CACHE, "reason": "delivery_limit", "count": 1, "exchange": "", "routing-keys": [CACHE]}
    batch = publish(channel, part_line([record("given-up")]), queue=f"{CACHE}.dead", headers={"x-death": [death]})
    (parked,) = wait_parked(comporta, "--id", batch)
    assert "returned to the queue too often" in parked["reason"] and parked["scope"] == "message"
    run_tool(comporta.stack, "dead", "redrive", "--id", batch)
    eventually(lambda: batch in comporta.applied(), "it is applied, under its own id")


def packed(text):
    return lz4.frame.compress(text.encode())  # names its content's size, as the daemons want it


def test_a_compressed_message_that_the_broker_gave_up_is_shown_and_sent_back_as_it_was(comporta, channel):
    line = part_line([record("given-up-packed")])
    batch = publish(channel, line, encode=packed, content_encoding="lz4", queue=f"{CACHE}.dead",
                    headers={"x-death": [{"queue": CACHE, "reason": "delivery_limit"}]})
    (parked,) = wait_parked(comporta, "--id", batch)
    assert parked["upload"] == json.loads(line)["upload"] and parked["bytes"] == len(line) + 1
    run_tool(comporta.stack, "dead", "redrive", "--id", batch)
    eventually(lambda: batch in comporta.applied(), "it is applied, under its own id")


@pytest.mark.parametrize("encoding, encode, reason", [
    ("zstd", packed, 'its content-encoding "zstd" is not known'),
    ("lz4", str.encode, "no whole LZ4 frame"),
    ("lz4", lambda text: packed(text)[:-1], "no whole LZ4 frame")])
def test_a_body_that_cannot_be_read_is_parked_as_it_came(comporta, channel, encoding, encode, reason):
    line = part_line([record("unreadable")])
    batch = publish(channel, line, encode=encode, content_encoding=encoding)
    (parked,) = wait_parked(comporta, "--id", batch)
    assert reason in parked["reason"] and parked["scope"] == "message"
    _method, _properties, body = take_parked(channel, batch)
    assert body == encode(line + "\n")


@pytest.fixture
def own_stack(make_stack):
    stack = make_stack()
    stack.start()
    yield stack
    stack.discard()


def test_a_message_that_ends_its_daemon_each_time_is_parked_alone(own_stack):
    comporta = Comporta(own_stack)
    own_stack.kill("cache")
    with open_channel(own_stack) as channel:
        culprit, *others = [publish(channel, part_line([record(f"m{n}")])) for n in range(4)]
    comporta.redis.set("comporta:hold", 1)  # it is in hand for as long as that is there
    for _crash in range(RETURNS):
        own_stack.launch("cache")
        eventually(lambda: delivered(comporta) == 1, "it is taken")
        own_stack.kill("cache")
    comporta.redis.delete("comporta:hold")
    own_stack.launch("cache")
    eventually(lambda: comporta.applied().keys() >= set(others), "the others are applied")
    (parked,) = wait_parked(comporta)
    assert (parked["batch"], parked["attempts"], parked["scope"]) == (culprit, RETURNS + 1, "message")
    assert f"{RETURNS} times" in parked["reason"] and culprit not in comporta.applied()
    run_tool(own_stack, "dead", "redrive")
    eventually(lambda: culprit in comporta.applied(), "what was not to blame after all is applied")


def delivered(comporta):
    try:
        metrics = comporta.private_get("cache", "/metrics")[1]
    except OSError:
        return None
    return next(int(line.split()[1]) for line in metrics.splitlines() if line.startswith("comporta_deliveries_total "))


def test_a_daemon_started_again_for_lack_of_redis_wears_no_message_out(own_stack):
    comporta = Comporta(own_stack)
    own_stack.kill("cache")
    own_stack.stop_part("redis")
    with open_channel(own_stack) as channel:
        batch = publish(channel, part_line([record("patient")]))
    for _start in range(RETURNS + 1):
        own_stack.launch("cache")
        eventually(lambda: connected(comporta), "it has a broker and lacks its Redis")
        own_stack.kill("cache")
    own_stack.restart("redis")
    own_stack.launch("cache")
    eventually(lambda: batch in comporta.applied(), "it is applied")
    assert listed(own_stack) == []


def connected(comporta):
    try:
        return metric(comporta, "cache", r'ready\{condition="broker"\}') == 1
    except OSError:
        return False
