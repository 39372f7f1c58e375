"""What one client uploads, drawn from its seed, and what must have become of it in the end."""

import json
import uuid
from collections import Counter
from dataclasses import dataclass

from clientele import Clientele
from uploads import ACCOUNT_KEY, RECORDS_IN_A_PART, REFUSED, STAMPED, Upload, digests

SELLERS = [f"seller-{n}" for n in range(8)]
PRICES = [150, 2990, 100_000, 299_000]
CARD_NUMBER = "4539578763621486"
LARGEST = 400
MOST_WAITING = 10  # products; what waits for them is bounded (docs/decisions/004), however long the run
BUYERS = 2  # of a shopper from the beginning; more sign up later


@dataclass(frozen=True)
class Order:
    buyer: str
    total: int
    sold: tuple  # (seller, cents) of each product


class Shopper:
    """Draws uploads one after the other; each must be taken before the next is drawn.

    Names begin with the shopper's own, so that shoppers do not get into each other's way, but for login names that
    those of one `rivalry` all want. `orders` are those that count when all is taken, `products` and `records` (by
    kind) what has been sent, `people` who has an account. `replaced` has the keys of uploads whose order waited for
    products, and was then replaced or cancelled, and whether a product was still missing: when it has come, those that
    wait have their turn some time later.
    """

    def __init__(self, name, rng, rivalry="rivals"):
        self.name, self._rng = name, rng
        self.people = Clientele(rng, self._name, rivalry)
        self.orders, self.cancelled, self.products, self.records = {}, {}, {}, Counter()
        self.replaced = {}
        self._own = {}  # order whose name the shopper chose -> of its upload the key, whether it waited, and for what
        self._waiting_products = []  # orders have named them; they are still to come
        self._count = 0

    def first(self):
        """What the others build upon."""
        yield self._post("seller", [{"id": seller, "name": seller.title()} for seller in SELLERS])
        yield self._post("product", [self._new_product() for _ in range(20)])
        for step in [self._contest] + [self._sign_up] * BUYERS:
            yield step()

    def next(self):
        steps = [(self._transactions, 47), (self._late_product, 6), (self._product_again, 4), (self._new_orders, 22),
                 (self._order_of_own_name, 4), (self._change_order, 6), (self._cancel_order, 6),
                 (self._others_order, 2), (self._change_account, 1), (self._sign_up, 0.7), (self._contest, 0.7),
                 (self._others_account, 0.6)]
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

    # -- what anybody may send -------------------------------------------------------------------------------

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
        product = self._waiting_products.pop(0)
        for _key, _has_waited, missing in self._own.values():
            missing.discard(product)
        return self._post("product", [self.products[product]])

    def _known_products(self):
        return [product for product in self.products if product not in self._waiting_products]

    def _product_again(self):
        """Nothing changes but its title: what has been ordered keeps its price."""
        product = self._rng.choice(self._known_products())
        self.products[product] = {**self.products[product], "title": self._name("title")}
        return self._put("product", product, self.products[product])

    # -- what buyers send ------------------------------------------------------------------------------------

    def _order(self, order, buyer):
        """One that counts from now on."""
        known = list(self.products)
        if self._rng.random() < 0.03 and len(self._waiting_products) < MOST_WAITING:
            known = [self._new_product()["id"]]
            self._waiting_products += known
        chosen = [self.products[product] for product in self._rng.choices(known, k=self._rng.randint(1, 4))]
        self.orders[order] = Order(buyer, sum(product["price"] for product in chosen),
                                   tuple((product["seller"], product["price"]) for product in chosen))
        return self._order_record([product["id"] for product in chosen])

    def _order_record(self, products):
        return {"products": [{"product_id": product} for product in products],
                "credit_card": {"card_number": CARD_NUMBER, "card_holder_name": "ANA B SOUZA", "exp_date": "12/29"}}

    def _new_orders(self):
        buyer, names = self.people.draw_buyer(), tuple(self._name("o") for _ in range(min(self._size(), 60)))
        return self._post("order", [self._order(name, buyer) for name in names], sender=buyer, orders=names)

    def _order_of_own_name(self):
        return self._put_order(self._name("o"), self.people.draw_buyer())

    def _put_order(self, order, buyer):
        record = self._order(order, buyer)
        upload = self._put("order", order, record, sender=buyer)
        self._replace(order)
        missing = {product["product_id"] for product in record["products"]}.intersection(self._waiting_products)
        self._own[order] = (upload.key, bool(missing), missing)
        return upload

    def _replace(self, order):
        key, has_waited, missing = self._own.pop(order, (None, False, None))
        if has_waited:
            self.replaced[key] = bool(missing)

    def _change_order(self):
        if not self._own:
            return self._order_of_own_name()
        order = self._rng.choice(list(self._own))
        return self._put_order(order, self.orders[order].buyer)

    def _cancel_order(self):
        if not self._own:
            return self._transactions()
        order = self._rng.choice(list(self._own))
        self._replace(order)
        buyer = self.cancelled[order] = self.orders.pop(order).buyer
        return self._upload("order", "DELETE", f"/{order}", b"", [{"id": order}], sender=buyer)

    def _others_order(self):
        """Somebody tries to change it, or to take it away."""
        if not self._own:
            return self._order_of_own_name()
        order = self._rng.choice(list(self._own))
        options = {"sender": self.people.draw_buyer(other_than=self.orders[order].buyer), "becomes": REFUSED}
        if self._rng.random() < 0.5:
            return self._upload("order", "DELETE", f"/{order}", b"", [{"id": order}], **options)
        return self._put("order", order, self._order_record(self._rng.choices(self._known_products(), k=2)), **options)

    # -- accounts --------------------------------------------------------------------------------------------

    def _sign_up(self):
        record, options = self.people.sign_up()
        return self._post("client", [record], **options)

    def _contest(self):
        record, options = self.people.contest()
        return self._post("client", [record], **options)

    def _change_account(self):
        record, options = self.people.change()
        return self._put("client", ACCOUNT_KEY, record, **options)

    def _others_account(self):
        record, options = self.people.change_anothers()
        return self._put("client", ACCOUNT_KEY, record, **options)

    # -- as requests -----------------------------------------------------------------------------------------

    def _post(self, kind, records, **options):
        return self._upload(kind, "POST", "", json.dumps(records).encode(), records, **options)

    def _put(self, kind, name, record, **options):
        """The name of the address becomes the record's, of an account one that is not known yet."""
        body = json.dumps(record).encode()
        return self._upload(kind, "PUT", f"/{name}", body, [{**record, "id": name}], **options)

    def _upload(self, kind, method, path, body, records, **options):
        """Keys are UUIDv7s, whose time the upload's id takes over, and others."""
        drawn = uuid.UUID(int=self._rng.getrandbits(128), version=4)
        key = str(drawn) if self._rng.random() < 0.5 else str(drawn)[:14] + "7" + str(drawn)[15:]
        self.records[kind] += len(records)
        is_named = kind == "order" and method != "POST"
        left_out = frozenset(STAMPED.get(kind, set()) - ({"id"} if is_named else set()))
        return Upload(kind, key, method, f"/api/v1/records/{kind}{path}", body, len(records),
                      digests(records, left_out), left_out, **options)
