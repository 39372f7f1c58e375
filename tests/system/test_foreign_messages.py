"""What a foreign publisher may send past the gateway: each message ends parked with its reason, in each queue, or
written, where that is right; and the daemons go on."""

import json
from dataclasses import dataclass, field

import lz4.frame
import pika
import pytest

from broker import open_channel
from client import batch_of, eventually, record
from operator_tool import listed
from test_dead import new_id, part_line

WRITTEN = None  # by storage: it keeps whatever has a name, byte for byte
APPLIED = None  # by the cache
NO_PART = "malformed part: "
NO_FRAME = "its content-encoding is lz4, but its body is no whole LZ4 frame"


def changed(*, without=(), **members):
    """A good line but for these members."""
    line = json.loads(part_line([record(f"foreign-{new_id()}")])) | members
    return json.dumps({name: value for name, value in line.items() if name not in without}, separators=(",", ":"))


def keys(count, name="_id"):
    return [{name: f"foreign-{number}"} for number in range(count)]


@dataclass
class Foreign:
    body: str | bytes  # a line, or all of it
    cache: str  # why it is parked there
    storage: str = WRITTEN
    properties: dict = field(default_factory=dict)

    def bytes(self):
        return self.body if isinstance(self.body, bytes) else (self.body + "\n").encode()


GOOD = changed()
MESSAGES = {
    "no bytes": Foreign(b"", "the message is empty", "the message is empty"),
    "no bytes, compressed": Foreign(lz4.frame.compress(b""), NO_FRAME, NO_FRAME, {"content_encoding": "lz4"}),
    "an empty line": Foreign("", NO_PART + "not well-formed JSON"),
    "no JSON": Foreign("nonsense", NO_PART + "not well-formed JSON"),
    "a line cut off": Foreign(GOOD[:50].encode(), NO_PART + "not well-formed JSON"),
    "not UTF-8": Foreign(GOOD.replace("Cliente", "\xff").encode("latin-1"), NO_PART + "a byte that JSON cannot hold"),
    "a list": Foreign(f"[{GOOD}]", NO_PART + "not an object"),
    "no type": Foreign(GOOD, "unknown kind", "the message's type is not the name of a kind", {"type": None}),
    "a type that is a path": Foreign(GOOD, "unknown kind", "the message's type is not", {"type": "../transaction"}),
    "a kind that nobody knows": Foreign(GOOD, "unknown kind", properties={"type": "no-such"}),
    "no message id": Foreign(GOOD, "the message id is not a", "the message's id is not a", {"message_id": None}),
    "a message id that is no UUID": Foreign(GOOD, "the message id is not a", "the message's id is not a",
                                            {"message_id": f"foreign {new_id()}"}),
    "a message id in upper case": Foreign(GOOD, "the message id is not a", "the message's id is not a",
                                          {"message_id": new_id().upper()}),
    "an upload that is no UUID": Foreign(changed(upload="7"), NO_PART + "the upload is not a UUIDv7"),
    "no upload": Foreign(changed(without=["upload"]), NO_PART + "the upload is missing"),
    "a negative part": Foreign(changed(part=-1), NO_PART + "the part is not a number"),
    "part 3 of 2": Foreign(changed(part=3, parts=2), NO_PART + "there are not so many parts"),
    "parts that are no number": Foreign(changed(parts="one"), NO_PART + "a member has the wrong type"),
    "no time of receipt": Foreign(changed(without=["received"]), NO_PART + "the time of receipt is missing"),
    "a time of receipt long ago": Foreign(changed(received="0001-01-01T00:00:00.000Z"), APPLIED),
    "a time of receipt far ahead": Foreign(changed(received="9999-12-31T23:59:59.999Z"), APPLIED),
    "a digest of nothing": Foreign(changed(digest=""), NO_PART + "the digest is malformed"),
    "an action that nobody knows": Foreign(changed(action="sell"), NO_PART + "the action is unknown"),
    "no records": Foreign(changed(without=["records"]), NO_PART + "the records are missing"),
    "an empty list of records": Foreign(changed(records=[]), NO_PART + "there are no records"),
    "an empty list of records to take away": Foreign(changed(records=[], action="delete"), NO_PART + "there are no"),
    "records that are no list": Foreign(changed(records={"_id": "a"}), NO_PART + "a member has the wrong type"),
    "a record that is no object": Foreign(changed(records=["a"]), NO_PART + "record 0 is not an object"),
    "a record without a key": Foreign(changed(records=[{}]), NO_PART + "record 0 has no key"),
    "more records than a part has": Foreign(changed(records=keys(1_001)), NO_PART + "there are more records"),
    "more records than a Function can be called with": Foreign(
        changed(records=keys(9_000, "id")), NO_PART + "there are more records", properties={"type": "seller"}),
    "what its views cannot take": Foreign(changed(records=[{"id": f"o-{new_id()}", "products": 7}]), "views: ",
                                          properties={"type": "order"}),
    "headers of other types": Foreign(GOOD, APPLIED, properties={"headers": {
        "parts": "many", "records": -1, "x-delivery-count": "often", "more": {"a": [1, {"b": None}]}}}),
    "no headers": Foreign(GOOD, APPLIED),
    "an encoding that nobody knows": Foreign(GOOD, 'its content-encoding "gzip" is', 'its content-encoding "gzip" is',
                                             {"content_encoding": "gzip"}),
    "an encoding that it does not have": Foreign(GOOD, NO_FRAME, NO_FRAME, {"content_encoding": "lz4"}),
}


@pytest.fixture(scope="module")
def sent(comporta):
    """The message id of each, by its name. A good one behind them is through: nothing holds it up."""
    ids = {name: message.properties.get("message_id", new_id()) for name, message in MESSAGES.items()}
    with open_channel(comporta.stack) as channel:
        for name, message in MESSAGES.items():
            properties = {"type": "transaction", "delivery_mode": 2, **message.properties, "message_id": ids[name]}
            channel.basic_publish("comporta.records", "", message.bytes(), pika.BasicProperties(**properties))
    comporta.settle()
    return ids


def parked(comporta, queue, ids):
    """`ids`: name of a message -> its id."""
    found = {}

    def missing():
        return {name for name, batch in ids.items() if batch not in found}

    def all_of_them():
        found.update({one["batch"]: one for one in listed(comporta.stack, "--queue", queue)})
        return not missing()

    eventually(all_of_them, lambda: f"parked by {queue}: {missing()}")
    return found


@pytest.fixture(scope="module")
def parked_by(comporta, sent):
    """Queue -> message id -> what is known of it."""
    return {queue: parked(comporta, queue, {name: sent[name] or "" for name, message in MESSAGES.items()
                                            if getattr(message, queue) is not None})
            for queue in ("cache", "storage")}


@pytest.mark.parametrize("name", MESSAGES)
def test_it_is_parked_with_its_reason_or_written(comporta, sent, parked_by, name):
    message, batch = MESSAGES[name], sent[name]
    for queue in ("cache", "storage"):
        reason, found = getattr(message, queue), parked_by[queue].get(batch or "")
        assert (found or {}).get("reason", "").startswith(reason or ""), found
        assert (found is None) == (reason is None)
    if message.storage is WRITTEN:
        (stored,) = [one for one in comporta.object_names() if batch_of(one) == batch]
        assert comporta.read_object(stored) == message.bytes()


@pytest.mark.parametrize("name", [name for name, message in MESSAGES.items() if message.storage is WRITTEN])
def test_its_batch_says_what_became_of_it(comporta, sent, parked_by, name):
    said = comporta.get(f"/api/v1/batches/{sent[name]}").json()
    reason = MESSAGES[name].cache
    assert (said["state"], said["applied"]) == (("applied", True) if reason is APPLIED else ("parked", False))
    assert reason is APPLIED or [one["reason"].startswith(reason) for one in said["parked"]] == [True]
