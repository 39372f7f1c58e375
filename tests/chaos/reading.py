"""Reads everything back: every object from the store and at the door, every view, every batch. `as_admin` and the
like are functions that give headers."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import books
from asking import Caller
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

    def get(self, path, headers=dict):
        if not hasattr(self._own, "connection"):
            self._own.connection = self._comporta.connect()
        return eventually(lambda: self._answer(path, headers), f"an answer to {path}")

    def _answer(self, path, headers):
        """Nothing while it is one that says to come again."""
        answer = self._own.connection.request("GET", path, None, headers())
        return answer if answer.status != 503 else None

    def get_all(self, paths, headers=()):
        """`headers`: of those who ask, in the order of the paths; none: nobody has logged in."""
        with ThreadPoolExecutor(READERS) as pool:
            yield from zip(paths, pool.map(self.get, paths, headers or [dict] * len(paths)))


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


def check_lists(comporta, kinds, as_admin, balance):
    """The store's objects are those that an admin is told of."""
    admin, told = Caller(comporta, as_admin), []
    for kind in kinds:
        path = f"/api/v1/objects/{kind}?all_days=true"
        page = admin.request("GET", path).json()
        told += page["objects"]
        while page["next"]:
            page = admin.request("GET", f"{path}&cursor={page['next']}").json()
            told += page["objects"]
    books.check_same(balance, "objects that are listed", dict.fromkeys(comporta.object_names()),
                     dict.fromkeys(one["name"] for one in told))


def check_receipts(comporta, taken, as_admin, balance):
    """What a receipt names can be had: the upload's lines, and that its batches were applied."""
    links = {link: one for one in taken for link in one.receipt["links"]["objects"]}
    for link, answer in Reader(comporta).get_all(list(links), [as_admin] * len(links)):
        upload = links[link].receipt["upload"].encode()
        if answer.status != 200 or upload not in answer.body:
            balance.lose(1, f"GET {link}: {answer.status}")
        if b'"password"' in answer.body:
            balance.lose(1, f"GET {link} shows what became of a password")
    batches = [f"/api/v1/batches/{batch}" for batch in remembered_batches(taken)]
    for link, answer in Reader(comporta).get_all(batches):
        if answer.status != 200 or not answer.json()["applied"]:
            balance.lose(1, f"GET {link}: {answer.status} {answer.body}")


def read_views(comporta, kinds, buyers, as_admin):
    """`buyers`: account -> the function that gives its headers."""
    admin, nobody = Caller(comporta, as_admin), comporta.connect()
    return books.Views(
        counters={kind: admin.request("GET", f"/api/v1/recent/{kind}").json()["counters"] for kind in kinds},
        sellers={one["seller_id"]: (one["orders"], one["total_received"])
                 for one in nobody.view("order/sellers", limit=100)["sellers"]},
        purchases={key: {one["id"]: one["total"] for one in
                         Caller(comporta, headers).pages("order/purchases", "purchases", limit=100)}
                   for key, headers in buyers.items()},
        day_totals=[day["total"] for day in nobody.view("order/by-day", limit=366)["days"]],
        refused=[one["key"] for one in admin.pages("order/refused", "records", limit=100)],
        flags=[one["transactionId"] for one in nobody.pages("transaction/flags", "flags", limit=100)],
        products={one["id"]: one for one in nobody.pages("product/list", "products", limit=100)})
