"""Reads everything back: every object from the store and at the door, every view, every batch."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from books import Views
from client import eventually
from poison import open_connection

READERS = 4
QUEUES = ["comporta.storage", "comporta.cache"]
DEAD_QUEUES = [f"{queue}.dead" for queue in QUEUES]
CONSUMERS = ["storage", "cache"]
DRAIN_SECONDS = 240
BATCHES_REMEMBERED = 50_000  # half of redis.applied_batches: what is older reads as not applied


class Reader:
    """Many requests at the door, a connection for each thread."""

    def __init__(self, comporta):
        self._comporta, self._own = comporta, threading.local()

    def get(self, path):
        if not hasattr(self._own, "connection"):
            self._own.connection = self._comporta.connect()
        return eventually(lambda: self._answer(path), f"an answer to {path}")

    def _answer(self, path):
        """Nothing while it is one that says to come again."""
        answer = self._own.connection.request("GET", path)
        return answer if answer.status != 503 else None

    def get_all(self, paths):
        with ThreadPoolExecutor(READERS) as pool:
            yield from zip(paths, pool.map(self.get, paths))


def ready_messages(stack):
    """Waiting in each queue, without those that a consumer holds."""
    with open_connection(stack) as connection:
        channel = connection.channel()
        return {queue: channel.queue_declare(queue, passive=True).method.message_count for queue in QUEUES}


def read_parked(stack):
    """(queue, message id, reason) of everything parked; all of it stays."""
    found = []
    with open_connection(stack) as connection:
        channel = connection.channel()
        for queue in DEAD_QUEUES:
            while (got := channel.basic_get(queue))[0]:
                found.append((queue, got[1].message_id, (got[1].headers or {}).get("reason", "the broker gave it up")))
    return found


def remembered_batches(taken):
    """The latest ones, which the cache must know: their names begin with their time."""
    return sorted({batch for one in taken for batch in one.receipt["batches"]})[-BATCHES_REMEMBERED:]


def drain(stack):
    """Waits until everything is stored and applied that will be. Returns what is left in queues.

    Whoever consumes is stopped, and started again: what it held and did not finish is in the queue then.
    """
    consumers = [name for name in stack.parts if name.partition("-")[0] in CONSUMERS]
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        eventually(lambda: not any(ready_messages(stack).values()), "the queues drain", DRAIN_SECONDS)
        for name in consumers:
            stack.stop_part(name)
        left = ready_messages(stack)
        for name in consumers:
            stack.restart(name)
        if not any(left.values()) or time.monotonic() > deadline:
            return left


def read_objects(comporta, ledger):
    names = sorted(comporta.object_names())
    with ThreadPoolExecutor(READERS) as pool:
        for name, body in zip(names, pool.map(comporta.read_object, names)):
            ledger.add_object(name, body)
    return len(names)


def check_receipts(comporta, taken, balance):
    """What a receipt names can be had: the upload's lines, and that its batches were applied."""
    links = {link: one for one in taken for link in one.receipt["links"]["objects"]}
    for link, answer in Reader(comporta).get_all(list(links)):
        upload = links[link].receipt["upload"].encode()
        if answer.status != 200 or upload not in answer.body:
            balance.lose(1, f"GET {link}: {answer.status}")
    batches = [f"/api/v1/batches/{batch}" for batch in remembered_batches(taken)]
    for link, answer in Reader(comporta).get_all(batches):
        if answer.status != 200 or not answer.json()["applied"]:
            balance.lose(1, f"GET {link}: {answer.status} {answer.body}")


def check_orders(comporta, shoppers, balance):
    """Each order that counts can be read, and none that was cancelled."""
    there = {f"/api/v1/records/order/{order}": shopper.orders[order].buyer for shopper in shoppers
             for order in shopper.orders}
    for path, answer in Reader(comporta).get_all(list(there)):
        if answer.status != 200 or answer.json()["record"]["client"] != there[path]:
            balance.lose(1, f"GET {path}: {answer.status}")
    gone = [f"/api/v1/records/order/{order}" for shopper in shoppers for order in shopper.cancelled]
    for path, answer in Reader(comporta).get_all(gone):
        if answer.status != 404:
            balance.double(1, f"GET {path}: {answer.status}, and yet it was deleted")


def read_views(comporta, kinds, buyers):
    connection = comporta.connect()
    sellers = connection.view("order/sellers", limit=100)["sellers"]
    return Views(
        counters={kind: connection.request("GET", f"/api/v1/recent/{kind}").json()["counters"] for kind in kinds},
        sellers={one["seller_id"]: (one["orders"], one["total_received"]) for one in sellers},
        purchases={buyer: {one["id"]: one["total"] for one in
                           connection.pages("order/purchases", "purchases", client=buyer, limit=100)}
                   for buyer in buyers},
        day_totals=[day["total"] for day in connection.view("order/by-day", limit=366)["days"]],
        refused=[one["key"] for one in connection.pages("order/refused", "records", limit=100)],
        flags=[one["transactionId"] for one in connection.pages("transaction/flags", "flags", limit=100)],
        products={one["id"]: one for one in connection.pages("product/list", "products", limit=100)})
