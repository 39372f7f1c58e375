"""Customers of the snack bar place orders while everything breaks, and an employee prepares what has been paid."""

import json
import random
import threading
import time
import uuid
from dataclasses import dataclass

from asking import BROKEN_PAUSE_SECONDS, Asker, in_time
from client import Connection
from uploads import Taken, Upload, digests

CUSTOMERS = 4
THINK_SECONDS = 0.7  # between two orders of a customer, on average
LOOK_SECONDS = 1.0  # of the employee, into the kitchen
NOT_BELIEVED = 401  # as the keys of tokens have just changed
BOSS, COOK = ("employee/boss", ("admin",)), ("employee/cook", ("employee",))
MENU = [{"id": f"burger-{n}", "title": f"X-Burger {n}", "category": "burgers", "price": 1000 + 350 * n}
        for n in range(5)]
STEPS = ("pending", "waiting_burgers", "waiting_sides", "waiting_drinks", "waiting_desserts", "ready_to_place")
LEFT_OUT = frozenset({"customer"})  # of orders: the views fill it in


@dataclass(frozen=True)
class Fate:
    """What becomes of an order, and of its payment, by the payments that are made at the provider: shares of its total,
    each with what the provider says of it."""

    often: int
    state: str
    payment: str | None
    payments: tuple = ()

    @property
    def received(self):
        return sum(share for share, status in self.payments if status == "approved")


WHOLE, HALF, REJECTED = (1, "approved"), (0.5, "approved"), (1, "rejected")
FATES = {
    "paid": Fate(46, "paid", "paid", (WHOLE,)),
    "paid in parts": Fate(12, "paid", "paid", (HALF, HALF)),
    "paid at last": Fate(10, "paid", "paid", (REJECTED, WHOLE)),
    "paid in part": Fate(8, "placed", "partial", (HALF,)),
    "not paid": Fate(6, "placed", "qr", (REJECTED,)),
    "left": Fate(6, "placed", "qr"),
    "cancelled": Fate(6, "cancelled", None),
    "paid and cancelled": Fate(6, "cancelled", "paid", (WHOLE,)),
}


@dataclass(frozen=True)
class Order:
    id: str
    fate: Fate
    total: int  # cents


def draw_id(rng):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def put(rng, kind, name, record, principal="", roles=()):
    """(the upload, the roles of who sends it)."""
    stored = [{**record, "id": name}]
    return Upload(kind, draw_id(rng), "PUT", f"/api/v1/records/{kind}/{name}", json.dumps(record).encode(), 1,
                  digests(stored, LEFT_OUT), LEFT_OUT, principal=principal), roles


def draw_order(rng):
    """An order, and all that is sent for it: by nobody, or by a customer of its own, who may have one that is open."""
    (fate,) = rng.choices(list(FATES.values()), [fate.often for fate in FATES.values()])
    item, quantity = rng.choice(MENU), rng.randint(1, 3)
    order = Order(draw_id(rng), fate, item["price"] * quantity)
    customer = f"snack-customer/{rng.randrange(10 ** 11):011}" if rng.random() < 0.5 else ""

    def move(action, **members):
        return put(rng, "snack-move", draw_id(rng), {"order": order.id, "action": action, **members}, customer)

    uploads = [put(rng, "snack-order", order.id, {}, customer)]
    for state in STEPS:
        if state == "waiting_burgers":
            uploads.append(move("add", item=item["id"], quantity=quantity))
        uploads.append(move("advance", expect=state))
    if fate.state == "cancelled":
        uploads.append(move("cancel"))
    return order, uploads


class SnackBar:
    """Sells from `start` until `finish`. `known_as` gives the headers of a principal; `payers` are told of each order.

    `orders` by id: those that have been placed, `served`: the ids of those that are being prepared; `taken`,
    `violations`. Read them only after finish().
    """

    def __init__(self, comporta, seed, known_as, payers):
        self._port, self._known_as, self._payers = comporta.stack.ports["COMPORTA_PORT"], known_as, payers
        self._stopping = threading.Event()
        self.orders, self.served, self.taken, self.violations = {}, set(), [], []
        works = [*[self._order] * CUSTOMERS, self._serve]
        self._threads = [threading.Thread(target=self._run, args=(work, random.Random(f"{seed} snack bar {number}")))
                         for number, work in enumerate(works)]

    def start(self):
        """The menu is there before anybody orders."""
        rng, asker = random.Random(), Asker(Connection(self._port))
        for item in MENU:
            self._send(asker, *put(rng, "menu-item", item["id"], item, *BOSS))
        for thread in self._threads:
            thread.start()

    def finish(self):
        """Begins no order, and waits until those that were begun are placed."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, work, rng):
        try:
            work(rng, Asker(Connection(self._port)))
        except Exception as error:  # shown by the report
            self.violations.append(f"snack bar: {error!r}")

    def _order(self, rng, asker):
        while not self._stopping.wait(rng.expovariate(1 / THINK_SECONDS)):
            order, uploads = draw_order(rng)
            for one in uploads:
                self._send(asker, *one)
            self.orders[order.id] = order
            self._payers.expect(order)

    def _serve(self, rng, asker):
        """About half of what has been paid."""
        seen = set()
        while not self._stopping.wait(LOOK_SECONDS):
            kitchen = asker.once({200, NOT_BELIEVED}, "GET", "/api/v1/views/snack-order/kitchen", None,
                                 self._known_as(*COOK))
            if kitchen is None or kitchen.status == NOT_BELIEVED:
                continue
            fresh = {one["id"] for one in kitchen.json()["orders"] if one["state"] == "paid"} - seen
            seen |= fresh
            for order in sorted(fresh):
                if rng.random() < 0.5:
                    move = {"order": order, "action": "advance", "expect": "paid", "to": "preparing"}
                    self._send(asker, *put(rng, "snack-move", draw_id(rng), move, *COOK))
                    self.served.add(order)

    def _send(self, asker, upload, roles):
        """Again with its key until it is taken."""
        answer = in_time(lambda: self._try(asker, upload, roles), f"{upload.method} {upload.path} {upload.key}")
        self.taken.append(Taken(upload, answer.json()))

    def _try(self, asker, upload, roles):
        headers = {"Content-Type": "application/json", "Idempotency-Key": upload.key}
        if upload.principal:
            headers |= self._known_as(upload.principal, roles)
        answer = asker.once({202, NOT_BELIEVED}, upload.method, upload.path, upload.body, headers)
        if answer is not None and answer.status == NOT_BELIEVED:
            time.sleep(BROKEN_PAUSE_SECONDS)
            return None
        return answer
