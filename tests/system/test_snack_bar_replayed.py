"""A snack bar whose Redis is made anew from the objects: nobody is asked again for what has an outcome."""

import json

import pytest

from client import Comporta, eventually
from operator_tool import run_tool
from test_snack_bar import TOTAL, while_open

LISTS = ("snack-order/unpaid", "snack-order/kitchen", "payment/list", "payment/refunds")
HIDDEN = "minutes"  # since then


@pytest.fixture(scope="module")
def bar(make_stack):
    yield from while_open(make_stack)


def waiting(bar):
    return [json.loads(line) for line in run_tool(bar.stack, "reactions", "list", "--json").splitlines()]


def wait_answered(bar):
    """Until each question has its answer, also those that what was taken before leads to."""
    Comporta(bar.stack).settle()
    eventually(lambda: not waiting(bar), "each question has its answer")


def make_anew(bar, emptied):
    if emptied:
        Comporta(bar.stack).redis.flushall()
    run_tool(bar.stack, "replay")


def has(bar, order, **members):
    bar.becomes(order, **members)
    return order


def some_orders(bar):
    """In all the states that payments lead to."""
    asked, part, paid, prepared, returned, cancelled = (bar.placed()["id"] for _ in range(6))
    bar.click("pay", part, amount="26.50", forms="webhook-payment")
    has(bar, part, payment="partial")
    for order in (paid, prepared, returned):
        bar.click("pay", order)
        has(bar, order, state="paid")
    assert not bar.move(prepared, "advance", bar.employee, expect="paid", to="preparing")
    bar.click("refund", returned)
    has(bar, returned, payment="refunded")
    assert not bar.move(cancelled, "cancel")
    bar.click("pay", cancelled)
    has(bar, cancelled, received=TOTAL)
    wait_answered(bar)
    return {asked: "placed", part: "placed", paid: "paid", prepared: "preparing", returned: "paid", cancelled: "cancelled"}


def seen(bar, orders):
    lists = {name: bar.employee.view(name, **({} if name.endswith("kitchen") else {"limit": 100})) for name in LISTS}
    for rows in lists["snack-order/unpaid"]["orders"], lists["snack-order/kitchen"]["orders"]:
        for row in rows:
            del row[HIDDEN]
    return lists, {order: bar.order(order) for order in orders}


@pytest.mark.parametrize("emptied", [False, True])
def test_nobody_is_asked_again_for_what_has_an_outcome(bar, emptied):
    orders = some_orders(bar)
    before, asked = seen(bar, orders), bar.at_provider("requests")
    assert {order: shown["state"] for order, shown in before[1].items()} == orders
    make_anew(bar, emptied)
    assert seen(bar, orders) == before
    assert not waiting(bar), "so nobody will be"
    assert bar.at_provider("requests") == asked
    # The life of each goes on.
    part, = (order for order, shown in before[1].items() if shown["payment"] == "partial")
    bar.click("pay", part, amount="26.50", forms="webhook-payment")
    bar.becomes(part, state="paid", received=TOTAL)


@pytest.mark.parametrize("emptied", [False, True])
def test_what_has_no_outcome_yet_is_asked_for_once(bar, emptied):
    paid = bar.placed()["id"]
    bar.click("pay", paid)
    bar.becomes(paid, state="paid")
    wait_answered(bar)
    bar.stack.kill("payments")
    order = bar.place()
    before, = eventually(lambda: [one for one in waiting(bar) if one.get("error")], "it was tried")
    make_anew(bar, emptied)
    after, = waiting(bar)
    assert (after["id"], after["reaction"]) == (before["id"], "snack-move/charge")
    bar.stack.restart("payments")
    bar.stack.wait_ready("payments")
    run_tool(bar.stack, "reactions", "retry", "all")
    bar.becomes(order, payment="qr")
    eventually(lambda: not waiting(bar), "nothing is left of it")
    (request,) = bar.at_provider("requests")
    assert (request["method"], request["path"], request["headers"]["x-idempotency-key"]) == (
        "POST", "/v1/orders", before["id"])
    assert (bar.order(paid)["state"], len(bar.charges(order))) == ("paid", 1)
