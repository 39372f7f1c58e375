"""Clients of the earlier shop go on as they did: they log in with a form, buy, and see their purchases and a revenue."""

import json
import urllib.parse

import pytest

FORM, JSON = ({"Content-Type": kind} for kind in ("application/x-www-form-urlencoded", "application/json"))
PASSWORD = "cavalo bateria grampo"
CARD = {"card_number": "4539578763621486", "cvv": "123", "card_holder_name": "ANA B SOUZA", "exp_date": "12/29"}


class EarlierClient:
    """Somebody who has signed up, and is logged in."""

    def __init__(self, comporta, email):
        self._comporta, self._connection = comporta, comporta.connect()
        account = {"name": "Ana", "email": email, "password": PASSWORD}
        assert self._state_of(self._post("/api/v1/records/client", JSON, json.dumps(account))) == "applied"
        login = self._post("/login/", FORM, urllib.parse.urlencode({"username": email, "password": PASSWORD}))
        assert login.status == 200, login
        self._connection = comporta.connect({"Authorization": "JWT " + login.json()["access_token"]})

    def buy(self, *products):
        order = {"products": [{"product_id": product} for product in products], "credit_card": CARD}
        return self._state_of(self._post("/purchase/", JSON, json.dumps(order)))

    def purchases(self):
        answer = self._connection.request("GET", "/purchase/")
        assert answer.status == 200, answer
        return answer.json()["purchases"]

    def _post(self, path, headers, body):
        return self._connection.request("POST", path, body.encode(), headers)

    def _state_of(self, answer):
        assert answer.status == 202, answer
        return self._connection.outcome(answer.json())["state"]


@pytest.fixture
def name(rng):
    return f"{rng.getrandbits(40):x}"


@pytest.fixture
def seller(comporta, name):
    """Of `<name>-pao` and `<name>-cesta`."""
    products = [{"id": f"{name}-{title}", "title": title, "price": price, "seller": name}
                for title, price in (("pao", 150), ("cesta", 2990))]
    comporta.wait_settled(comporta.connect().upload(products, kind="product").json()["batches"])
    return name


def test_their_requests_are_answered_as_ever(comporta, seller):
    ana, jose = (EarlierClient(comporta, f"{who}-{seller}@example.com") for who in ("ana", "jose"))
    assert ana.buy(f"{seller}-pao", f"{seller}-pao", f"{seller}-cesta") == "applied"
    (purchase,) = ana.purchases()
    assert purchase["id"] and purchase["date"]
    assert (purchase["total"], purchase["card"]) == (3290, "**** **** **** 1486")
    assert comporta.get(f"/revenue/{seller}").json() == {"seller_id": seller, "total_received": 3290}
    assert jose.purchases() == []


def test_nobody_buys_or_sees_purchases_without_a_login(comporta):
    for method, body in (("POST", json.dumps({"products": [{"product_id": "pao"}], "credit_card": CARD}).encode()),
                         ("GET", None)):
        for headers in ({}, {"Authorization": "JWT x.y.z"}):
            answer = comporta.request(method, "/purchase/", body, JSON | headers)
            assert answer.status == 401, answer
            assert answer.headers["www-authenticate"]
