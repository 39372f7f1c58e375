"""What one client uploads, drawn from its seed, and what must have become of it in the end."""

import hashlib
import json
import uuid
from collections import Counter
from dataclasses import dataclass

RECORDS_IN_A_PART = 1_000  # what docs/decisions/002-upload-identity.md fixes
BUYERS = 10
SELLERS = [f"seller-{n}" for n in range(8)]
PRICES = [150, 2990, 100_000, 299_000]
CARD_NUMBER = "4539578763621486"
MASKED_CARD_NUMBER = "**** **** **** 1486"
LARGEST = 400
MOST_WAITING = 10  # products; what waits for them is bounded (docs/decisions/004), however long the run


def digest(records):
    """Of what the records say, however they are written."""
    return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Upload:
    """One request. It is repeated with its key until it gets a 202."""

    kind: str
    key: str  # Idempotency-Key
    method: str
    path: str
    body: bytes
    records: int
    parts: tuple  # the digest of each part, as it is to be stored


@dataclass(frozen=True)
class Order:
    buyer: str
    total: int
    sold: tuple  # (seller, cents) of each product


class Shopper:
    """Draws uploads one after the other; each must be taken before the next is drawn.

    Names begin with the shopper's own, so that shoppers do not get into each other's way. `orders` are those
    that count when all is taken, `products` and `records` (by kind) what has been sent.
    """

    def __init__(self, name, rng):
        self.name, self._rng = name, rng
        self.orders, self.cancelled, self.products, self.records = {}, set(), {}, Counter()
        self._waiting_products = []  # orders have named them; they are still to come
        self._count = 0

    def first(self):
        """What the others build upon."""
        yield self._post("seller", [{"id": seller, "name": seller.title()} for seller in SELLERS])
        yield self._post("product", [self._new_product() for _ in range(20)])

    def next(self):
        steps = [(self._transactions, 50), (self._new_orders, 24), (self._change_order, 8), (self._cancel_order, 8),
                 (self._late_product, 6), (self._product_again, 4)]
        (step,) = self._rng.choices(*zip(*steps))
        return step()

    def last(self):
        """What orders still wait for."""
        while self._waiting_products:
            yield self._late_product()

    def _name(self, what):
        self._count += 1
        return f"{self.name}-{what}-{self._count}"

    def _size(self):
        if self._rng.random() < 0.01:
            return self._rng.randint(RECORDS_IN_A_PART, 2 * RECORDS_IN_A_PART + 500)
        return round(LARGEST ** self._rng.random())

    def _transactions(self):
        name = self._name("t")
        return self._post("transaction", [
            {"_id": f"{name}-{n}", "isActive": True, "cliente": "Cliente", "email": "cliente@example.com",
             "endereco": "Cidade A, Estado A, 1000", "datatrasancao": "2024-03-11T12:00:00 +00:00"}
            for n in range(self._size())])

    def _new_product(self):
        product = {"id": self._name("p"), "title": "Produto", "price": self._rng.choice(PRICES),
                   "seller": self._rng.choice(SELLERS)}
        self.products[product["id"]] = product
        return product

    def _late_product(self):
        """One that an order waits for, if there is one."""
        if not self._waiting_products:
            return self._post("product", [self._new_product()])
        return self._post("product", [self.products[self._waiting_products.pop(0)]])

    def _product_again(self):
        """Nothing changes but its title: what has been ordered keeps its price."""
        product = self._rng.choice([p for p in self.products if p not in self._waiting_products])
        self.products[product] = {**self.products[product], "title": self._name("title")}
        return self._put("product", self.products[product])

    def _order(self, order):
        known = list(self.products)
        if self._rng.random() < 0.03 and len(self._waiting_products) < MOST_WAITING:
            known = [self._new_product()["id"]]
            self._waiting_products += known
        chosen = [self.products[product] for product in self._rng.choices(known, k=self._rng.randint(1, 4))]
        buyer = f"{self.name}-buyer-{self._rng.randrange(BUYERS)}"
        self.orders[order] = Order(buyer, sum(product["price"] for product in chosen),
                                   tuple((product["seller"], product["price"]) for product in chosen))
        return {"id": order, "client": buyer, "products": [product["id"] for product in chosen],
                "credit_card": {"card_number": CARD_NUMBER, "card_holder_name": "ANA B SOUZA", "exp_date": "12/29"}}

    def _new_orders(self):
        return self._post("order", [self._order(self._name("o")) for _ in range(min(self._size(), 60))])

    def _change_order(self):
        order = self._rng.choice(list(self.orders)) if self.orders else self._name("o")
        return self._put("order", self._order(order))

    def _cancel_order(self):
        if not self.orders:
            return self._transactions()
        order = self._rng.choice(list(self.orders))
        del self.orders[order]
        self.cancelled.add(order)
        return self._upload("order", "DELETE", f"/{order}", b"", [{"id": order}])

    def _post(self, kind, records):
        return self._upload(kind, "POST", "", json.dumps(records).encode(), records)

    def _put(self, kind, record):
        return self._upload(kind, "PUT", f"/{record['id']}", json.dumps(record).encode(), [record])

    def _upload(self, kind, method, path, body, records):
        """Keys are UUIDv7s, whose time the upload's id takes over, and others."""
        stored = [_as_stored(record) for record in records]
        parts = [stored[begin:begin + RECORDS_IN_A_PART] for begin in range(0, len(stored), RECORDS_IN_A_PART)]
        drawn = uuid.UUID(int=self._rng.getrandbits(128), version=4)
        key = str(drawn) if self._rng.random() < 0.5 else str(drawn)[:14] + "7" + str(drawn)[15:]
        self.records[kind] += len(records)
        return Upload(kind, key, method, f"/api/v1/records/{kind}{path}", body, len(records), tuple(map(digest, parts)))


def _as_stored(record):
    """A card's number is masked at the door."""
    if "credit_card" not in record:
        return record
    return {**record, "credit_card": {**record["credit_card"], "card_number": MASKED_CARD_NUMBER}}
