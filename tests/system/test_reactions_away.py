"""Reactions while something is away: who asks, who is asked, who keeps what is to be asked."""

import pytest

from client import eventually
from operator_tool import run_tool
from provider import Reply, json_reply
from reacting import CACHES, while_reacting


@pytest.fixture(scope="module")
def running(make_stack, tmp_path_factory):
    yield from while_reacting(make_stack, tmp_path_factory.mktemp("reactions"), first_pause="300ms")


@pytest.fixture
def reacting(running):
    return running.from_anew()


def test_a_cache_that_is_killed_between_call_and_outcome_asks_again_under_the_same_key(reacting):
    order, holder = reacting.order_asked_about()
    reacting.stack.kill(holder)
    try:
        reacting.provider.release()
        reacting.wait_said(order, "open")
        keys = reacting.keys(order)
        assert len(keys) == 1 and sum(keys.values()) == 2, keys
        assert reacting.holder() != holder
    finally:
        reacting.stack.restart(holder)
        reacting.stack.wait_ready(holder)
    eventually(reacting.nothing_waits, "nothing is left of it")


def test_what_was_said_is_uploaded_by_who_goes_on_and_nobody_is_asked_again(reacting):
    order, holder = reacting.order_asked_about()
    reacting.stack.kill("ingest-gateway")
    try:
        reacting.provider.release()
        eventually(lambda: any("outcome" in one for one in reacting.waiting()), "what was said is kept")
        reacting.stack.kill(holder)
    finally:
        for name in ("ingest-gateway", holder):
            reacting.stack.restart(name)
            reacting.stack.wait_ready(name)
    reacting.wait_said(order, "open")
    assert list(reacting.keys(order).values()) == [1]


def test_a_provider_that_is_away_is_asked_until_it_is_there(reacting):
    reacting.provider.stop()
    order = reacting.order(ask="insist")
    try:
        eventually(lambda: [one for one in reacting.waiting() if one.get("error")], "it was tried")
    finally:
        reacting.provider.start()
    reacting.wait_said(order, "open")
    assert list(reacting.keys(order).values()) == [1]


def test_reactions_outlive_redis(reacting):
    reacting.provider.hold()
    order = reacting.order()
    eventually(lambda: reacting.keys(order), "it is asked about")
    reacting.stack.kill("redis")
    reacting.provider.release()
    reacting.stack.restart("redis")
    for name in CACHES:
        reacting.stack.wait_ready(name)
    reacting.wait_said(order, "open")
    assert len(reacting.keys(order)) == 1


def test_a_replay_calls_nobody_for_what_has_an_outcome_and_keeps_what_waits(reacting):
    done = [reacting.order() for _ in range(3)]
    for order in done:
        reacting.wait_said(order, "open")
    eventually(reacting.nothing_waits, "nothing is left of them")
    reacting.provider.answer = lambda path: Reply(503)
    waiting = reacting.order(ask="look")
    before, = eventually(lambda: [one for one in reacting.waiting() if one.get("tries")], "it was tried")
    run_tool(reacting.stack, "replay")
    after, = reacting.waiting()
    assert after["id"] == before["id"] and after["tries"] >= before["tries"]
    assert all(reacting.said(order)["said"] == ["open"] for order in done)
    run_tool(reacting.stack, "reactions", "retry", before["id"])
    reacting.provider.answer = lambda path: json_reply({"status": "found"})
    reacting.wait_said(waiting, "found")
    eventually(reacting.nothing_waits, "nothing is left of it")
    assert all(list(reacting.keys(order).values()) == [1] for order in done)
    assert list(reacting.keys(waiting)) == [before["id"]]


def test_caches_are_ready_while_a_provider_is_away(reacting):
    reacting.provider.stop()
    try:
        reacting.order(ask="insist")
        eventually(lambda: [one for one in reacting.waiting() if one.get("error")], "it was tried")
        assert {reacting.comporta.private_get(name, "/readyz")[0] for name in CACHES} == {200}
    finally:
        reacting.provider.start()
