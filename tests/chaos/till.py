"""Counts the snack bar's till: what its orders have become, against what was paid and charged at the provider."""

import json
import subprocess
import time
from collections import Counter
from dataclasses import dataclass

import books
import reading
from payers import at_page
from rollcall import check_outcome
from snack_bar import COOK
from uploads import APPLIED

SETTLE_SECONDS = 300  # behind an outage of the gateway an outcome may wait for minutes
LOOK_SECONDS = 1.0


@dataclass
class Till:
    """What was found."""

    orders: dict  # id -> as the view shows it
    paid: Counter  # by order: how often it has become paid
    refunds: dict  # order -> cents that are to be given back
    charges: list  # of the provider
    keys: Counter  # by order and idempotency key: how often a charge was asked for
    outcomes: Counter  # by reaction: how many records tell of it
    notices: int  # that were applied
    late: int  # of them: a newer one about the same had been applied, and has led to the question
    waiting: list  # reactions without an outcome


def waiting(stack):
    told = subprocess.run([*stack.operator_command, "reactions", "list", "--json"], env=stack.operator_environment(),
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    return [json.loads(line) for line in told.splitlines()]


def settle(stack):
    """Waits until everything is stored and applied that will be, and every reaction has its outcome, but not for ever.
    Returns what is left in queues."""
    left, deadline = reading.drain(stack), time.monotonic() + SETTLE_SECONDS
    while waiting(stack) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        if not waiting(stack):
            left = reading.drain(stack)
    return left


def read(comporta, orders, ledger, counters, known_as):
    """`orders`: ids; `counters`: of notices."""
    def as_cook():
        return known_as(*COOK)

    reader, cook = reading.Reader(comporta), reading.Caller(comporta, as_cook)
    views, histories = ({order: answer.json() for order, (_path, answer) in zip(orders, reader.get_all(
        [f"/api/v1/views/snack-order/{view}?order={order}" for order in orders], [as_cook] * len(orders)))}
        for view in ("order", "history"))
    asked = [one for one in at_page(comporta.stack, "requests")
             if (one["method"], one["path"]) == ("POST", "/v1/orders") and one["body"].endswith("}")]  # as a whole
    return Till(
        orders=views,
        paid=Counter(order for order, history in histories.items() for move in history.get("moves", ())
                     if move["to"] == "paid"),
        refunds={one["id"]: one["due"] for one in cook.pages("payment/refunds", "orders", limit=100)},
        charges=at_page(comporta.stack, "charges"),
        keys=Counter((json.loads(one["body"])["external_reference"], one["headers"]["x-idempotency-key"])
                     for one in asked),
        outcomes=ledger.senders("payment"), waiting=waiting(comporta.stack),
        notices=counters["records"], late=counters.get("late", 0))


def check(balance, orders, served, told, till):
    """`orders` by id, `served`: ids, `told`: how many notices somebody has listened to."""
    for order in orders.values():
        _check_order(balance, order, served, till)
    charges, keys = Counter(one["reference"] for one in till.charges), Counter(order for order, _key in till.keys)
    for order in orders.keys() | charges.keys() | keys.keys():
        balance.differ(f"charges of {order}", int(order in orders), charges[order])
        balance.differ(f"keys by which {order} is charged", int(order in orders), keys[order])
    due = {order.id: order.total for order in orders.values()
           if order.fate.state == "cancelled" and order.fate.payments}
    books.check_same(balance, "refunds", due, till.refunds)
    for one in till.waiting:
        balance.lose(1, f"a reaction has no outcome: {one}")
    for sender, count in till.outcomes.items():
        balance.differ(f"outcomes by {sender}", int(sender.startswith("reaction/")), count)
    balance.differ("outcomes of charges and of notices", len(orders) + till.notices - till.late, len(till.outcomes))
    if till.notices < told:
        balance.lose(told - till.notices, f"notices: {till.notices} are applied of {told} that were taken")


def _check_order(balance, order, served, till):
    found, fate = till.orders.get(order.id, {}), order.fate
    state = "preparing" if order.id in served else fate.state
    received = order.total * fate.received if fate.payment else None
    expected = {"state": state, "payment": fate.payment, "total": order.total, "received": received}
    shown = {name: found.get(name) for name in expected}
    if shown != expected:
        balance.lose(1, f"snack order {order.id}: {shown} instead of {expected}")
    balance.differ(f"how often {order.id} becomes paid", int(fate.state == "paid"), till.paid[order.id])


def check_uploads(comporta, taken, known_as, balance):
    """All that was sent is legal, and so applied."""
    senders = [lambda one=one: known_as(one.upload.principal) if one.upload.principal else {} for one in taken]
    for link, answer in reading.Reader(comporta).get_all([one.receipt["status"] for one in taken], senders):
        check_outcome(balance, link, answer, [(APPLIED, "")])
