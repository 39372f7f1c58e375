"""GET /api/v1/status: what the parts say of themselves to those who use the whole, in every kind of trouble."""

import re

import pytest

from client import eventually
from conftest import while_running

STATUS = "/api/v1/status"
FINE = {"door": "works", "storage": "works", "views": "works"}


@pytest.fixture(scope="module")
def alone(make_stack):
    yield from while_running(make_stack())


def status(comporta):
    answer = comporta.get(STATUS)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "application/json"), answer
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def states(comporta):
    return {part: said["state"] for part, said in status(comporta).items()}


def wait_states(comporta, **changed):
    wanted = FINE | changed
    eventually(lambda: states(comporta) == wanted, lambda: f"it is said to be {wanted}: {status(comporta)}")
    return status(comporta)


def test_all_works_and_says_since_when(gated):
    said = wait_states(gated)
    for part in said.values():
        assert set(part) == {"state", "since", "lag_seconds", "words"} and part["words"].endswith(".")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", part["since"])


@pytest.mark.parametrize("server, part, words", [("minio", "storage", "object store"), ("redis", "views", "Redis")])
def test_a_store_that_is_away_stops_its_part_alone_and_what_waits_grows_old(gated, uploads, server, part, words):
    before = status(gated)[part]["since"]
    gated.gates[server].refuse()
    assert uploads.send().status == 202
    said = wait_states(gated, **{part: "stopped"})[part]
    assert words in said["words"] and said["since"] > before
    eventually(lambda: status(gated)[part]["lag_seconds"] >= 2, "what waits grows old")
    gated.gates[server].open()
    assert wait_states(gated)[part]["since"] > said["since"]


def test_a_broker_that_is_away_stops_all_of_them(gated, uploads):
    gated.gates["rabbitmq"].refuse()
    gated.gates["rabbitmq"].cut()
    said = wait_states(gated, door="stopped", storage="stopped", views="stopped")
    assert all("broker" in part["words"] for part in said.values())
    gated.gates["rabbitmq"].open()
    wait_states(gated)


@pytest.mark.parametrize("name, part", [("ingest-gateway", "door"), ("storage", "storage"), ("cache", "views")])
def test_of_a_part_that_does_not_answer_the_front_door_says_so(alone, name, part):
    alone.stack.kill(name)
    assert wait_states(alone, **{part: "away"})[part] == {
        "state": "away", "since": None, "lag_seconds": None, "words": "It does not answer at the moment."}
    alone.stack.restart(name)
    wait_states(alone)


def test_parts_are_asked_through_it_alone(comporta):
    for path in (f"{STATUS}/door", f"{STATUS}/views", f"{STATUS}.json", "/api/status.json"):
        assert comporta.get(path).status == 404, path
    for method in ("POST", "DELETE"):
        answer = comporta.request(method, STATUS)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
