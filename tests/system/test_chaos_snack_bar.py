"""How `make chaos` finds out about the snack bar: what is charged, paid, told and shown, against what was drawn."""

import copy
import random
import sys
from collections import Counter

import pytest

from conftest import SOURCE

sys.path.append(str(SOURCE / "tests" / "chaos"))

import books  # noqa: E402
import till  # noqa: E402
from snack_bar import FATES, Order, draw_order  # noqa: E402

ORDERS = {fate: Order(fate, FATES[fate], 2000) for fate in FATES}
SERVED = {"paid at last"}
TOLD = 3


def shown(order):
    state = "preparing" if order.id in SERVED else order.fate.state
    money = {} if order.fate.payment is None else {"payment": order.fate.payment,
                                                   "received": int(order.fate.received * order.total)}
    return {"id": order.id, "state": state, "total": order.total, **money}


@pytest.fixture
def counted():
    """What is found when all is well."""
    outcomes = [f"reaction/{n}" for n in range(len(ORDERS) + TOLD)]
    return till.Till(
        orders={name: shown(order) for name, order in ORDERS.items()},
        paid=Counter(["paid", "paid in parts", "paid at last"]), refunds={"paid and cancelled": 2000},
        charges=[{"reference": name} for name in ORDERS], keys=Counter((name, f"key of {name}") for name in ORDERS),
        outcomes=Counter(outcomes), notices=TOLD, late=0, waiting=[])


def balance_of(counted):
    balance = books.Balance()
    till.check(balance, ORDERS, SERVED, TOLD, counted)
    return balance


def test_a_till_in_which_everything_is_once_is_even(counted):
    assert balance_of(counted).is_even, balance_of(counted).findings


@pytest.mark.parametrize("spoil", [
    lambda one: one.orders["paid"].update(state="placed", payment="qr", received=0),
    lambda one: one.orders["left"].update(state="paid", payment="paid"),
    lambda one: one.orders["paid in part"].update(received=0), lambda one: one.orders["left"].update(payment="failed"),
    lambda one: one.orders["paid"].update(total=1000), lambda one: one.orders["paid at last"].update(state="paid"),
    lambda one: one.orders.update(paid={}),
    lambda one: one.paid.update(["paid"]), lambda one: one.paid.update(["left"]), lambda one: one.paid.pop("paid"),
    lambda one: one.refunds.clear(), lambda one: one.refunds.update({"paid": 1000}),
    lambda one: one.charges.pop(), lambda one: one.charges.append(one.charges[0]),
    lambda one: one.charges.append({"reference": "of nobody"}), lambda one: one.keys.update([("paid", "another key")]),
    lambda one: one.outcomes.update(["reaction/0"]), lambda one: one.outcomes.popitem(),
    lambda one: one.outcomes.update(["client/ana"]),
    lambda one: (setattr(one, "notices", TOLD - 1), one.outcomes.popitem()),
    lambda one: one.waiting.append({"id": "reaction"})])
def test_what_is_lost_or_doubled_is_found(counted, spoil):
    spoiled = copy.deepcopy(counted)
    spoil(spoiled)
    balance = balance_of(spoiled)
    assert balance.lost + balance.doubled > 0


def test_a_charge_that_is_asked_for_again_under_its_key_is_one(counted):
    counted.keys.update(list(counted.keys)[:2])
    assert balance_of(counted).is_even


def test_what_somebody_has_taken_though_they_could_not_say_so_may_be_there(counted):
    """A notice comes again then, as another upload."""
    counted.notices += 1
    counted.outcomes["reaction/of it"] += 1
    assert balance_of(counted).is_even


def test_a_notice_behind_a_newer_one_about_the_same_leads_to_no_question_of_its_own(counted):
    counted.late = 1
    assert balance_of(counted).doubled == 1
    counted.outcomes.popitem()
    assert balance_of(counted).is_even


def test_a_seed_draws_the_same_orders_again_and_every_fate():
    one, other = random.Random(7), random.Random(7)
    drawn = [draw_order(one) for _ in range(200)]
    assert drawn == [draw_order(other) for _ in range(200)]
    assert {order.fate for order, _uploads in drawn} == set(FATES.values())
    assert {bool(uploads[0][0].principal) for _order, uploads in drawn} == {True, False}
