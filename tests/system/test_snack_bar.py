"""The snack bar and its provider of payments: whatever is told, in whatever order, form and number, an order is paid once
when it has been paid for, and not otherwise."""

import json
import urllib.parse
import urllib.request
import uuid

import pytest

from callers import token
from client import Comporta, eventually

JSON = {"Content-Type": "application/json"}
MENU = [{"id": "x-burger", "title": "X-Burger", "category": "burgers", "price": 2650}]
TOTAL = 5300
STEPS = ("pending", "waiting_burgers", "waiting_sides", "waiting_drinks", "waiting_desserts", "ready_to_place")


class SnackBar:
    """Of a running stack, with what somebody does at its provider's page."""

    def __init__(self, comporta):
        self.stack, self.nobody = comporta.stack, comporta.connect()
        self.employee, self.admin = (
            comporta.connect({"Authorization": "Bearer " + token(comporta.stack, f"employee/{role}", [role])})
            for role in ("employee", "admin"))

    def send(self, who, method, path, body):
        """"" if it was applied, or why not."""
        answer = who.request(method, f"/api/v1/records/{path}", json.dumps(body).encode(), JSON)
        assert answer.status == 202, answer
        said = who.outcome(answer.json())
        assert said["state"] in ("applied", "refused"), said
        return "" if said["state"] == "applied" else said["records"][0]["reason"]

    def move(self, order, action, who=None, **members):
        return self.send(who or self.nobody, "POST", "snack-move", {"order": order, "action": action, **members})

    def place(self):
        """An order of somebody who does not say who they are."""
        order = str(uuid.uuid4())
        assert not self.send(self.nobody, "PUT", f"snack-order/{order}", {})
        for state in STEPS:
            if state == "waiting_sides":
                assert self.move(order, "add", item="x-burger") == "it is chosen at another step"
            if state == "waiting_burgers":
                assert not self.move(order, "add", item="x-burger", quantity=2)
            assert not self.move(order, "advance", expect=state)
        return order

    def placed(self):
        """The same, with its QR code."""
        order = self.place()
        return eventually(lambda: (got := self.order(order)).get("qr") and got, f"{order} has a QR code")

    def order(self, order):
        return self.nobody.view("snack-order/order", order=order)

    def becomes(self, order, **members):
        what = f"{order} becomes {members}"
        return eventually(lambda: (got := self.order(order)).items() >= members.items() and got, what)

    def click(self, action, order, **values):
        """At the provider."""
        body = urllib.parse.urlencode({"charge": order, **values}).encode()
        request = urllib.request.Request(f"{self.stack.payment_page}control/{action}", body)
        with urllib.request.urlopen(request, timeout=120):
            pass

    def at_provider(self, what):
        with urllib.request.urlopen(f"{self.stack.payment_page}control/{what}", timeout=120) as answer:
            return json.load(answer)

    def charges(self, order):
        return [charge for charge in self.at_provider("charges") if charge["reference"] == order]


def while_open(make_stack, **settings):
    """For the `yield from` of a fixture: a snack bar with a menu, and a provider."""
    stack = make_stack(settings=settings, with_payments=True)
    stack.start()
    made = SnackBar(Comporta(stack))
    assert not made.send(made.admin, "POST", "menu-item", MENU)
    yield made
    stack.discard()


@pytest.fixture(scope="module", params=["orders", "qrs"])
def bar(make_stack, request):
    yield from while_open(make_stack, COMPORTA_PAYMENT_MODE=request.param)


def test_an_order_is_charged_once_and_paid_by_that(bar):
    order = bar.placed()
    assert (order["payment"], order["total"]) == ("qr", TOTAL)
    assert [charge["total"] for charge in bar.charges(order["id"])] == ["53.00"]
    assert bar.move(order["id"], "pay", bar.employee) == "it is paid by its QR code"
    bar.click("pay", order["id"])
    bar.becomes(order["id"], state="paid", payment="paid", received=TOTAL)
    assert bar.move(order["id"], "cancel") == "it has been paid: it cannot be cancelled any more"
    assert bar.move(order["id"], "advance", expect="paid") == "only employees prepare and hand out orders"
    assert not bar.move(order["id"], "advance", bar.employee, expect="paid", to="preparing")
    assert len(bar.charges(order["id"])) == 1


@pytest.mark.parametrize("form", ["ipn-merchant-order", "ipn-payment", "webhook-payment", "webhook-merchant-order"])
def test_each_form_of_a_notice_is_enough(bar, form):
    order = bar.placed()["id"]
    bar.click("pay", order, forms=form)
    bar.becomes(order, state="paid")


def test_parts_that_are_told_many_times_and_in_any_order_make_one_whole(bar):
    order = bar.placed()["id"]
    bar.click("pay", order, status="rejected")
    bar.click("pay", order, amount="26.50", times="3", shuffle="7", forms="ipn-payment,webhook-payment,ipn-merchant-order")
    bar.becomes(order, state="placed", payment="partial", received=TOTAL // 2)
    bar.click("pay", order, amount="26.50", times="3", shuffle="8", forms="webhook-merchant-order,webhook-payment")
    bar.becomes(order, state="paid", received=TOTAL)
    moves = bar.employee.view("snack-order/history", order=order)["moves"]
    assert [move["to"] for move in moves] == ["placed", "paid"]


def test_what_is_paid_for_a_cancelled_order_is_shown_until_it_is_given_back(bar):
    order = bar.placed()["id"]
    assert not bar.move(order, "cancel")
    bar.click("pay", order)

    def due():
        return {one["id"]: one["due"] for one in bar.employee.view("payment/refunds")["orders"]}.get(order)

    assert eventually(due, "it is to be given back") == TOTAL
    assert bar.order(order)["state"] == "cancelled"
    bar.click("refund", order)
    eventually(lambda: due() is None, "it has been given back")


def test_a_charge_back_is_seen_and_the_order_stays_where_it_is(bar):
    order = bar.placed()["id"]
    bar.click("pay", order)
    bar.becomes(order, state="paid")
    bar.click("charge-back", order, forms="webhook-payment")
    bar.becomes(order, state="paid", payment="charged_back")
    unclear = bar.employee.view("payment/list", status="unclear")["payments"]
    assert order in [one["order"] for one in unclear if one["status"] == "charged_back"]
