"""Balances what was taken against what is stored and what is applied. Pure: it is given all that was read."""

import json
import re
from collections import Counter, namedtuple
from dataclasses import dataclass, field

from uploads import as_compared, digest

BY_THEMSELVES = ("payment", "payment-notice")  # kinds of what no client of the campaign has sent
TIME_OF_RECEIPT = re.compile(rb'"date":"[^"]*"')  # stamped anew when an upload comes again


@dataclass
class Balance:
    """Counted in records. `lost` and `doubled` are what must be zero; `findings` say where and what."""

    records: int = 0
    lines: int = 0
    repeats: int = 0  # lines that say again what another one says
    lost: int = 0
    doubled: int = 0
    findings: list = field(default_factory=list)

    def lose(self, records, what):
        self.lost += records
        self.findings.append(f"lost: {what}")

    def double(self, records, what):
        self.doubled += records
        self.findings.append(f"doubled: {what}")

    def differ(self, what, expected, found):
        """Too few of something is lost, too many is doubled."""
        if found < expected:
            self.lose(expected - found, f"{what}: {found} instead of {expected}")
        elif found > expected:
            self.double(found - expected, f"{what}: {found} instead of {expected}")

    @property
    def is_even(self):
        return not (self.lost or self.doubled or self.findings)


Line = namedtuple("Line", "says principal")  # the bytes of its records, and who sent them


class Ledger:
    """The lines of all objects, by upload and part."""

    def __init__(self, balance):
        self._balance = balance
        self._found = {}  # (kind, upload, part) -> Line

    def add_object(self, name, body):
        kind = name.partition("/")[0]
        for text in body.splitlines():
            entry, self._balance.lines = json.loads(text), self._balance.lines + 1
            part = (kind, entry["upload"], entry["part"])
            line = Line(text[text.index(b'"records":'):], entry["principal"])
            before = self._found.setdefault(part, line)
            if before != line and (kind != "order" or _without_time(before) != _without_time(line)):
                self._balance.double(len(entry["records"]), f"{part} says something else in {name}")

    def check(self, taken, keys):
        """Every part of what was taken is there as it was sent, and nothing else is. `keys`: of buyers' accounts."""
        balance, expected = self._balance, {}
        for one in taken:
            balance.records += one.upload.records
            for number, part in enumerate(one.upload.parts, start=1):
                expected[one.upload.kind, one.receipt["upload"], number] = (part, one.upload)
        balance.repeats = balance.lines - len(self._found)
        for part in expected.keys() - self._found.keys():
            balance.lose(1, f"{part} is in no object")
        for part, line in self._found.items():
            if part[0] in BY_THEMSELVES:
                continue
            records = self.records(part)
            if part not in expected:
                balance.double(len(records), f"{part} is in an object, and nobody was told so")
            elif not _is_as_sent(records, line, keys, *expected[part]):
                balance.lose(len(records), f"{part} is not stored as it was sent")

    def records(self, part):
        line = self._found.get(part)
        return json.loads(b"{" + line.says)["records"] if line else []

    def senders(self, kind):
        """Who has sent how many uploads of it."""
        return Counter(line.principal for part, line in self._found.items() if part[0] == kind)

    def ids_of_orders(self, taken):
        """Those that the service made, by the names that the orders were drawn with."""
        return {name: record["id"] for one in taken if one.upload.orders for name, record
                in zip(one.upload.orders, self.records(("order", one.receipt["upload"], 1)))}


def _without_time(line):
    return TIME_OF_RECEIPT.sub(b"", line.says), line.principal


def _is_as_sent(records, line, keys, part, upload):
    sender = f"client/{keys.get(upload.sender)}" if upload.sender else upload.principal
    said = digest([as_compared(record) for record in records], upload.left_out)
    return said == part and line.principal == sender and all(_is_filled_in(one, keys, upload) for one in records)


def _is_filled_in(record, keys, upload):
    """With whose order or account it is. Nobody knows the key of an account that never got its login name."""
    if upload.kind == "order" and upload.method != "DELETE":
        return record.get("client") == keys.get(upload.sender) and record.get("date") and record.get("id")
    if upload.kind == "client":
        key = record.get("id")
        return key and key == keys.get(upload.victim or upload.account, key)
    return True


def check_parked(balance, sent, queues, found):
    """What can never be processed lies in each of the queues with its reason, and nothing else does.

    `sent`: message id -> what its reason must say. `found`: (queue, message id, reason); some may lie there twice, as
    whoever parks may die before it acknowledges.
    """
    reasons = {(queue, name): reason for queue, name, reason in found}
    for queue in queues:
        for name, says in sent.items():
            if says not in reasons.get((queue, name), ""):
                balance.lose(1, f"{name} is not in {queue} as `{says}`, but {reasons.get((queue, name), 'vanished')}")
    for (queue, name), reason in reasons.items():
        if name not in sent:
            balance.lose(1, f"{name} is in {queue}: {reason}")


@dataclass
class Views:
    """What the queries answered."""

    counters: dict  # kind -> of `recent`
    sellers: dict  # seller -> (orders, cents)
    purchases: dict  # account -> {order: cents}
    day_totals: list  # cents
    refused: list
    flags: list
    products: dict  # id -> record


def expected_views(shoppers, keys, ids):
    """The same, counted by hand. `keys`: of buyers' accounts, `ids`: of orders that were sent without one."""
    records, sellers, orders_of, purchases, products = Counter(), Counter(), Counter(), {}, {}
    for shopper in shoppers:
        records.update(shopper.records)
        products.update(shopper.products)
        for name, order in shopper.orders.items():
            purchases.setdefault(keys.get(order.buyer, order.buyer), {})[ids.get(name, name)] = order.total
            for seller, cents in order.sold:
                sellers[seller] += cents
            orders_of.update({seller for seller, _cents in order.sold})
    totals = sum(sellers.values())
    return Views(counters={kind: {"records": count} for kind, count in records.items()},
                 sellers={seller: (orders_of[seller], cents) for seller, cents in sellers.items()},
                 purchases=purchases, day_totals=[totals], refused=[], flags=[], products=products)


def check_views(balance, expected, found):
    for kind, counters in expected.counters.items():
        balance.differ(f"records applied of kind {kind}", counters["records"], found.counters[kind]["records"])
    for seller in expected.sellers.keys() | found.sellers.keys():
        for place, what in enumerate(("orders", "cents")):
            one, other = (views.sellers.get(seller, (0, 0))[place] for views in (expected, found))
            balance.differ(f"{what} of {seller}", one, other)
    balance.differ("cents of all days", sum(expected.day_totals), sum(found.day_totals))
    for buyer in expected.purchases.keys() | found.purchases.keys():
        check_same(balance, f"purchases of {buyer}", expected.purchases.get(buyer, {}), found.purchases.get(buyer, {}))
    check_same(balance, "products", expected.products, found.products)
    check_same(balance, "refused orders", dict.fromkeys(expected.refused), dict.fromkeys(found.refused))
    check_same(balance, "flags", dict.fromkeys(expected.flags), dict.fromkeys(found.flags))


def check_same(balance, what, expected, found):
    """Two dictionaries by the names of records."""
    for name in expected.keys() - found.keys():
        balance.lose(1, f"{what}: {name} is missing")
    for name in found.keys() - expected.keys():
        balance.double(1, f"{what}: {name} should not be there")
    for name in expected.keys() & found.keys():
        if expected[name] != found[name]:
            balance.lose(1, f"{what}: {name} is {found[name]} instead of {expected[name]}")
