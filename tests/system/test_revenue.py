"""The sellers' revenue after a random history, against a plain count of the same history."""

from collections import Counter, defaultdict

import pytest

from callers import as_admin

OPERATIONS = 10_000
IN_ONE_UPLOAD = 200
CARD_NUMBER = "4539578763621486"
CARD = {"card_number": CARD_NUMBER, "cvv": "987", "card_holder_name": "ANA B SOUZA", "exp_date": "12/29"}


class PlainShop:
    """What a reader of the rules would count by hand. Orders of unknown products wait; one that says what was counted
    of it stays as it is."""

    def __init__(self):
        self.products, self.counted, self.waiting = {}, {}, {}

    def set_product(self, product):
        self.products[product["id"]] = product
        for order in [order for order in self.waiting.values() if product["id"] in order["products"]]:
            self.set_order(order)

    def set_order(self, order):
        self.waiting.pop(order["id"], None)
        said = order["client"], order["products"]
        if self.counted.get(order["id"], [None])[0] == said:
            return
        if any(product not in self.products for product in order["products"]):
            self.waiting[order["id"]] = order
            return
        sold = Counter()
        for product in order["products"]:
            sold[self.products[product]["seller"]] += self.products[product]["price"]
        self.counted[order["id"]] = (said, sold)

    def cancel(self, order):
        self.waiting.pop(order, None)
        self.counted.pop(order, None)

    def revenue(self):
        totals = defaultdict(int)
        for _said, sold in self.counted.values():
            for seller, cents in sold.items():
                totals[seller] += cents
        return totals

    def purchases(self):
        totals = defaultdict(dict)
        for order, ((client, _products), sold) in self.counted.items():
            totals[client][order] = sum(sold.values())
        return totals


class Shop:
    """The same, by an admin's uploads and deletions in the order of the calls."""

    def __init__(self, comporta):
        self.comporta, self.connection, self.batches = comporta, comporta.connect(as_admin(comporta.stack)), set()

    def upload(self, kind, records, key=None):
        self._taken(self.connection.upload(records, key, kind=kind))

    def cancel(self, order):
        self._taken(self.connection.delete("order", order))

    def _taken(self, answer):
        assert answer.status == 202, answer
        self.batches.update(answer.json()["batches"])

    def settle(self):
        self.comporta.wait_settled(self.batches)

    def revenue_of(self, seller):
        return self.connection.request("GET", f"/revenue/{seller}").json()


class History:
    """Random operations, done to both shops. What names anything begins with `name`."""

    def __init__(self, rng, name, real):
        self.rng, self.name, self.real, self.plain = rng, name, real, PlainShop()
        self.sellers = [f"{name}s{n}" for n in range(12)]
        self.products = [f"{name}p{n}" for n in range(60)]
        self.known = self.products[:50]
        self.orders, self.batch = [], []

    def run(self, operations):
        for product in self.known:
            self.set_product(product)
        steps = [(self.order_anew, 70), (self.order_again, 15), (self.cancel, 14), (self.change_price, 1)]
        for step in self.rng.choices(*zip(*steps), k=operations):
            step()
        for product in self.products:
            self.set_product(product)
        self.real.settle()

    def order_anew(self):
        self.orders.append(f"{self.name}o{len(self.orders)}")
        self.set_order(self.orders[-1])

    def order_again(self):
        if self.orders:
            self.set_order(self.rng.choice(self.orders))

    def set_order(self, order):
        choice = self.products if self.rng.random() < 0.02 else self.known
        record = {"id": order, "client": f"{self.name}c{self.rng.randrange(300)}", "credit_card": CARD,
                  "products": self.rng.choices(choice, k=self.rng.randint(1, 5))}
        self.plain.set_order(record)
        self.batch.append(record)
        if len(self.batch) == IN_ONE_UPLOAD:
            self.send()

    def send(self):
        """The upload, and now and then once more, as after an answer that was lost."""
        if not self.batch:
            return
        key = f"{self.name}{self.rng.getrandbits(64):x}"
        for _time in range(self.rng.choice([1, 1, 2])):
            self.real.upload("order", self.batch, key)
        self.batch = []

    def cancel(self):
        if self.orders and self.rng.random() < 0.5:
            order = self.rng.choice(self.orders)
            self.send()
            self.real.cancel(order)
            self.plain.cancel(order)

    def change_price(self):
        self.set_product(self.rng.choice(self.known))

    def set_product(self, product):
        self.send()
        # The last seller sells nothing.
        record = {"id": product, "title": product, "price": self.rng.choice([150, 2990, 100000, 299000]),
                  "seller": self.rng.choice(self.sellers[:-1])}
        self.real.upload("product", [record])
        self.plain.set_product(record)


def test_a_random_history_counts_as_by_hand(comporta, rng):
    history = History(rng, f"{rng.getrandbits(40):x}-", Shop(comporta))
    history.run(OPERATIONS)
    expected = history.plain.revenue()
    assert expected and not history.plain.waiting
    for seller in history.sellers:
        assert history.real.revenue_of(seller) == {"seller_id": seller, "total_received": expected.get(seller)}
    assert history.real.revenue_of(history.sellers[-1])["total_received"] is None
    for client, totals in history.plain.purchases().items():
        listed = list(history.real.connection.pages("order/purchases", "purchases", client=client, limit=100))
        assert {entry["id"]: entry["total"] for entry in listed} == totals
        assert {entry["card"] for entry in listed} == {"**** **** **** " + CARD_NUMBER[-4:]}


@pytest.fixture
def little_shop(comporta, rng):
    """A shop with one product of 2990 cents; returns it with the names of seller and product."""
    name, shop = f"{rng.getrandbits(40):x}", Shop(comporta)
    shop.upload("product", [{"id": f"p{name}", "title": "t", "price": 2990, "seller": f"s{name}"}])
    return shop, f"s{name}", f"p{name}"


def order_of(product, **changes):
    return {"id": f"order-of-{product}", "client": "ana", "products": [product], "credit_card": CARD, **changes}


def test_an_order_counts_once_however_often_it_comes(little_shop):
    shop, seller, product = little_shop
    for key in ("one", "one", "another", None):
        shop.upload("order", [order_of(product)], key and f"{seller}-{key}")
    shop.settle()
    assert shop.revenue_of(seller)["total_received"] == 2990
    shop.cancel(order_of(product)["id"])
    shop.settle()
    assert shop.revenue_of(seller)["total_received"] is None


def test_an_order_that_comes_again_keeps_its_prices(little_shop):
    shop, seller, product = little_shop
    shop.upload("order", [order_of(product)])
    shop.upload("product", [{"id": product, "title": "t", "price": 4000, "seller": f"{seller}-other"}])
    shop.upload("order", [order_of(product)])
    shop.settle()
    assert shop.revenue_of(seller)["total_received"] == 2990
    shop.upload("order", [order_of(product, products=[product, product])])
    shop.settle()
    assert shop.revenue_of(seller)["total_received"] is None
    assert shop.revenue_of(f"{seller}-other")["total_received"] == 8000


def test_an_order_of_an_unknown_product_waits_in_sight(little_shop):
    shop, seller, product = little_shop
    order = order_of(product, products=[product, f"new-{product}"])
    shop.upload("order", [order])
    shop.settle()
    assert shop.revenue_of(seller)["total_received"] is None
    (refused,) = [one for one in refused_orders(shop) if one["key"] == order["id"]]
    assert refused["waits_for"] == {"kind": "product", "key": f"new-{product}"} and refused["reason"]
    shop.upload("product", [{"id": f"new-{product}", "title": "t", "price": 150, "seller": seller}])
    shop.settle()
    assert shop.revenue_of(seller)["total_received"] == 3140
    assert order["id"] not in {one["key"] for one in refused_orders(shop)}


def refused_orders(shop):
    return shop.connection.pages("order/refused", "records", limit=100)
