"""Records that lead to a call, and to the record that it becomes. Calls are counted, and nothing is timed."""

import base64
import hashlib
import hmac
import json

import pytest

from callers import token
from client import eventually
from operator_tool import run_tool
from provider import Reply, json_reply
from reacting import HOOK_SECRET, TOKEN, while_reacting


@pytest.fixture(scope="module")
def running(make_stack, tmp_path_factory):
    yield from while_reacting(make_stack, tmp_path_factory.mktemp("reactions"))


@pytest.fixture
def reacting(running):
    return running.from_anew()


def test_an_order_is_charged_and_what_is_said_becomes_a_record(reacting):
    order = reacting.order(items=["pão", "\"bolo\""])
    said = reacting.wait_said(order, "open")
    assert said["qr"] == "00020126"
    (path, headers), = reacting.provider.asked
    assert path.startswith(f"/v1/orders/{order}?on=20")
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    body = json.loads(reacting.provider.bodies[0])
    assert body == {"reference": order, "note": f"Order {order}: 2 items", "items": ["pão", "\"bolo\""],
                    "fixed": [True, 1, 2]}
    payment = reacting.comporta.get(f"/api/v1/records/payment/{headers['X-Idempotency-Key']}").json()["record"]
    assert payment["order"] == order and payment["count"] == 1
    eventually(reacting.nothing_waits, "nothing is left of it")


def test_the_same_upload_that_comes_again_is_charged_once_and_a_later_record_again(reacting):
    order = reacting.order()
    reacting.wait_said(order, "open")
    reacting.order(order)
    reacting.wait_said(order, "open", "open")
    assert sorted(reacting.keys(order).values()) == [1, 1]


def test_the_outcome_is_stored_under_the_name_of_its_reaction(reacting):
    order = reacting.order()
    reacting.wait_said(order, "open")
    reaction, = reacting.keys(order)
    def lines():
        names = reacting.comporta.object_names()
        return [line for name in names if name.startswith("payment/")
                for line in reacting.comporta.read_object(name).decode().splitlines() if reaction in line]
    line, = eventually(lines, "it is stored")
    part = json.loads(line)
    assert (part["principal"], part["roles"]) == (f"reaction/{reaction}", ["reactor"])


def test_nobody_else_sends_outcomes(reacting):
    record = json.dumps([{"id": "forged", "order": "o", "status": "paid"}]).encode()
    for headers in ({}, {"Authorization": "Bearer " + token(reacting.stack, "someone/s")}):
        answer = reacting.comporta.request("POST", "/api/v1/records/payment", record,
                                           {"Content-Type": "application/json", **headers})
        assert answer.status in (401, 403), answer


def test_a_webhook_is_signed(reacting):
    order = reacting.order(ask="tell")
    reacting.wait_said(order, "told")
    (_path, headers), = reacting.provider.asked
    signed = ".".join((headers["webhook-id"], headers["webhook-timestamp"], reacting.provider.bodies[0].decode()))
    key = base64.b64decode(HOOK_SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert json.loads(reacting.provider.bodies[0]) == {"type": "order.placed", "order": order}


def test_what_only_asks_asks(reacting):
    reacting.provider.answer = lambda path: json_reply({"status": "paid"})
    order = reacting.order(ask="look")
    reacting.wait_said(order, "paid")
    assert reacting.provider.paths() == [f"/v1/orders/{order}"] and not reacting.provider.bodies


@pytest.mark.parametrize("reply, reason", [
    (Reply(503), "it answers 503"), (Reply(200, b"<html>"), "its answer is not JSON"),
    (Reply(302, b"", {"Location": "/elsewhere"}), "it answers 302"), (Reply(429), "it answers 429")])
def test_who_fails_is_asked_a_few_times_under_one_key_and_then_that_is_the_record(reacting, reply, reason):
    reacting.provider.answer = lambda path: reply
    order = reacting.order()
    assert reacting.wait_said(order, "failed")["reason"] == reason
    assert list(reacting.keys(order).values()) == [3]


def test_a_refusal_is_final(reacting):
    reacting.provider.answer = lambda path: json_reply({"message": "no"}, 422)
    order = reacting.order()
    assert reacting.wait_said(order, "failed")["reason"] == "it answers 422"
    assert list(reacting.keys(order).values()) == [1]


def test_an_answer_that_is_no_record_is_a_failure(reacting):
    reacting.provider.answer = lambda path: json_reply({"status": ["no", "text"]})
    order = reacting.order()
    assert "is refused: 422" in reacting.wait_said(order, "failed")["reason"]


def test_a_value_leads_to_no_other_address(reacting):
    reacting.order("..", ask="look")
    reacting.wait_said("..", "failed")
    order = reacting.order("a/../../x?y=@host#", ask="look")
    eventually(reacting.nothing_waits, "it is asked about")
    assert reacting.provider.paths() == ["/v1/orders/a%2F..%2F..%2Fx%3Fy%3D%40host%23"], order


def test_records_are_not_held_up_by_a_provider_that_is_slow(reacting):
    reacting.provider.hold()
    orders = [reacting.order() for _ in range(12)]
    eventually(reacting.provider.paths, "it is asked")
    admin = {"Authorization": "Bearer " + token(reacting.stack, "system/operator", ["admin"])}
    for order in orders:
        assert reacting.comporta.request("GET", f"/api/v1/records/order/{order}", None, admin).status in (200, 404)
    last = reacting.comporta.connect(admin).upload([{"id": "unasked"}], kind="order")
    assert reacting.comporta.connect(admin).outcome(last.json())["state"] == "applied"
    reacting.provider.release()
    for order in orders:
        reacting.wait_said(order, "open")
        assert len(reacting.keys(order)) == 1


def test_an_operator_sees_what_waits_tries_again_and_gives_up(reacting):
    reacting.provider.hold()
    orders = {reacting.order(ask="insist"), reacting.order(ask="insist")}
    waiting = eventually(lambda: len(now := reacting.waiting()) == 2 and now, "they wait")
    assert {one["record"] for one in waiting} == orders and {one["reaction"] for one in waiting} == {"order/insist"}
    eventually(lambda: reacting.metric("comporta_reactions_waiting", reaction="insist") == 2, "both are counted")
    assert "order/insist" in run_tool(reacting.stack, "reactions", "list")
    assert "no reaction nobody" in run_tool(reacting.stack, "reactions", "give-up", "nobody", expect=1)
    run_tool(reacting.stack, "reactions", "give-up", waiting[0]["id"])
    reacting.provider.answer = lambda path: Reply(503)
    reacting.provider.release()
    assert reacting.wait_said(waiting[0]["record"], "failed")["reason"] in ("given up", "it answers 503")
    reacting.provider.answer = lambda path: Reply(503)
    run_tool(reacting.stack, "reactions", "give-up", "all", expect=0)


def test_outcomes_are_counted(reacting):
    before = reacting.metric("comporta_reactions_total", outcome="done", reaction="charge")
    reacting.wait_said(reacting.order(), "open")
    eventually(lambda: reacting.metric("comporta_reactions_total", outcome="done", reaction="charge") == before + 1,
               "it is counted")
