"""What an operator does with what the daemons cannot, from a container of its own."""

import json

import pytest

from client import eventually
from project import OPERATOR, UP, fetch
from test_first_start import keys_of

BATCH = "01a20429-0232-7215-831e-a940bbffb1f8"
NO_PART = '{"nobody":1}'
SELLER = {"id": "anew", "name": "ANA"}
QUESTIONS = ("/api/v1/records/seller/anew", "/api/v1/views/seller/list")


@pytest.fixture
def parked(project):
    """One message that nobody can ever process, as the tool lists it."""
    publish(project, NO_PART)
    return eventually(lambda: listed(project), "it is parked")


def publish(project, line):
    """Into the cache's queue through RabbitMQ's console, for its other ports are not published."""
    url = f"http://127.0.0.1:{project.ports['COMPORTA_AMQP_CONSOLE_PORT']}/api/exchanges/%2f/amq.default/publish"
    login = (project.secrets.value(name) for name in ("amqp_user", "amqp_password"))
    properties = {"message_id": BATCH, "type": "transaction", "delivery_mode": 2}
    status, answer = fetch(url, *login, {"properties": properties, "routing_key": "comporta.cache",
                                         "payload": f"{line}\n", "payload_encoding": "string"})
    assert (status, json.loads(answer)) == (200, {"routed": True})


def listed(project):
    return [json.loads(line) for line in project.run(f"{OPERATOR} dead list --json").splitlines()]


def test_nothing_is_parked_where_nothing_went_wrong(project):
    assert "0 parked" in project.run(f"{OPERATOR} dead list 2>&1").splitlines()


def test_what_is_parked_is_listed_shown_and_dropped(project, parked):
    (one,) = parked
    assert (one["queue"], one["kind"], one["batch"]) == ("comporta.cache", "transaction", BATCH)
    assert one["reason"].startswith("malformed part: ")
    assert one["reason"] in project.run(f"{OPERATOR} dead list")
    shown = project.run(f"{OPERATOR} dead show --id {BATCH}").splitlines()
    assert NO_PART in shown and f"reason     {one['reason']}" in shown
    assert "1 dropped" in project.run(f"{OPERATOR} dead drop --id {BATCH} --yes")
    assert listed(project) == []


def test_an_emptied_redis_is_made_anew(project):
    comporta = project.comporta()
    comporta.wait_settled(comporta.connect().upload([SELLER], kind="seller").json()["batches"])
    before = [comporta.get(question).json() for question in QUESTIONS]
    comporta.redis.flushall()
    assert comporta.get(QUESTIONS[0]).status == 404
    assert "replayed client, order, product, seller" in project.run(f"{OPERATOR} replay --kind seller")
    assert [comporta.get(question).json() for question in QUESTIONS] == before


def test_an_upload_is_followed(project):
    comporta = project.comporta()
    receipt = comporta.connect().upload([SELLER], kind="seller").json()
    comporta.wait_settled(receipt["batches"])
    lines = project.run(f"{OPERATOR} trace {receipt['upload']}").splitlines()
    assert {line.split()[1] for line in lines} == {"accepted", "published", "stored", "applied"}


def test_tokens_get_a_new_key(project):
    before = keys_of(project, "cache", "people/token_keys.json")
    said = project.run(f"{OPERATOR} tokens rotate")
    after = keys_of(project, "cache", "people/token_keys.json")
    assert after[1] == before[0] and after[0]["kid"] in said and after[0]["d"] not in said
    known = keys_of(project, "ingest-gateway", "tokens/token_keys_public.json")
    assert [key["kid"] for key in known] == [after[1]["kid"], after[0]["kid"]]
    assert project.run(f"{OPERATOR} tokens issue").count(".") == 2


def test_it_is_of_the_version_that_was_started_last(project):
    tool = project.directory / "deploy" / "operator" / "comporta.py"
    tool.write_text(tool.read_text().replace('prog="comporta"', 'prog="newer"'))
    project.run(UP)
    assert project.run(f"{OPERATOR} --help").startswith("usage: newer ")
