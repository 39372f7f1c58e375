"""Addresses that clients of earlier systems know lead to the queries of kinds."""

import pytest

from callers import as_admin
from client import eventually

ALIASES = {
    "/check-fraud?transactionId=cliente1": "transaction/check-fraud?transactionId=cliente1",
    "/revenue/3": "order/revenue?seller=3",
    "/revenue/Padaria%20do%20Ze": "order/revenue?seller=Padaria+do+Ze",
    "/revenue/jo%C3%A3o%26filhos%2F2+3": "order/revenue?seller=jo%C3%A3o%26filhos%2F2%2B3",
    "/revenue/a+b&c%25?seller=4": "order/revenue?seller=a%2Bb%26c%25",
    "/revenue/a%2Bb": "order/revenue?seller=a%2Bb",
    "/revenue/3?seller=4": "order/revenue?seller=3",
    "/revenue/3&seller=4": "order/revenue?seller=3%26seller%3D4",
    "/products/": "product/list",
    "/products?limit=2": "product/list?limit=2",
    "/seller": "seller/list",
    "/seller/": "seller/list",
    "/purchase/?client=ana": "order/purchases?client=ana",
    "/purchase/?client=ana+maria": "order/purchases?client=ana%20maria",
    "/check-fraud?transactionId=a+b": "transaction/check-fraud?transactionId=a%20b",
}


@pytest.fixture(scope="module", autouse=True)
def at_rest(comporta):
    """Nothing of other tests is applied between two questions."""
    comporta.settle()


def answered(answer):
    """All but what differs between any two requests."""
    return answer.status, {name: value for name, value in answer.json().items() if name not in ("trace_id", "instance")}


@pytest.mark.parametrize("alias", ALIASES)
def test_an_alias_answers_as_its_query(comporta, alias):
    target = f"/api/v1/views/{ALIASES[alias]}"
    connection = comporta.connect(as_admin(comporta.stack))
    answer, direct = connection.request("GET", alias), connection.request("GET", target)
    assert answered(answer) == answered(direct)
    if answer.status >= 400:
        assert answer.json()["instance"].startswith(target.partition("?")[0])
    assert answer.headers["cache-control"] == direct.headers["cache-control"]


@pytest.mark.parametrize("path", ["/check-fraud/", "/checkfraud", "/revenue", "/revenue/", "/products/1",
                                  "/sellers", "/purchases"])
def test_nothing_else_is_an_alias(comporta, path):
    answer = comporta.get(path)
    assert answer.status == 404 and answer.json()["instance"] == path


@pytest.mark.parametrize("method, path, allow", [
    ("GET", "/login/", "POST"),
    ("GET", "/model/predict", "POST"),
    ("PUT", "/model/predict/", "POST"),
    ("DELETE", "/login?all=true", "POST"),
    ("PUT", "/login/", "POST"),
    ("PUT", "/purchase/", "GET, HEAD, POST"),
    ("DELETE", "/purchase?limit=2", "GET, HEAD, POST"),
    ("POST", "/products/", "GET, HEAD"),
    ("POST", "/seller", "GET, HEAD"),
    ("POST", "/revenue/padaria", "GET, HEAD"),
    ("POST", "/check-fraud", "GET, HEAD"),
])
def test_an_alias_knows_its_methods(comporta, method, path, allow):
    answer = comporta.request(method, path)
    assert (answer.status, answer.headers.get("allow")) == (405, allow), answer
    assert answer.json()["status"] == 405


def test_who_was_asked_about_is_not_logged(comporta):
    paths = ('"path":"/revenue/*"', '"path":"/check-fraud"')

    def logged():
        log = comporta.stack.processes["nginx"].log.read_text()
        return log, [log.count(path) for path in paths]

    _log, before = logged()
    comporta.get("/revenue/somebody-in-person")
    comporta.get("/check-fraud?transactionId=somebody-in-person")
    eventually(lambda: all(now > then for now, then in zip(logged()[1], before)), "both are logged")
    assert "somebody-in-person" not in logged()[0]
