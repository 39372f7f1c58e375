"""What an Idempotency-Key names: one upload of one kind, whatever the key looks like and whichever gateway gets it."""

import uuid

import pytest

from client import Comporta
from conftest import while_running
from test_dead import new_id
from test_smoke import stored_lines

KEYS = {"a UUIDv7": new_id, "another UUID": lambda: str(uuid.uuid4()), "any text": lambda: f"run {new_id()}"}


@pytest.fixture(scope="module")
def running(make_stack):
    yield from while_running(make_stack())


@pytest.fixture(params=KEYS.values(), ids=KEYS)
def key(request):
    return request.param()


def taken(comporta, kind, record, key):
    answer = comporta.connect().upload([record], key=key, kind=kind)
    assert answer.status == 202, answer
    return answer.json()


def forget_keys(running):
    """Another gateway is like this one started again: it remembers nothing."""
    running.stack.kill("ingest-gateway")
    running.stack.restart("ingest-gateway")


@pytest.mark.parametrize("another_gateway", [False, True])
def test_one_key_for_two_kinds_is_two_uploads(running: Comporta, key, another_gateway):
    seller = {"id": new_id(), "name": "Padaria"}
    product = {"id": new_id(), "title": "Pão", "price": 150, "seller": seller["id"]}
    sellers = taken(running, "seller", seller, key)
    if another_gateway:
        forget_keys(running)
    products = taken(running, "product", product, key)
    assert sellers["upload"] != products["upload"]
    running.wait_settled(sellers["batches"] + products["batches"])
    for receipt, record in ((sellers, seller), (products, product)):
        batch = running.get(receipt["links"]["batches"][0]).json()
        assert (batch["state"], batch["applied"], batch["parts"], batch["records"]) == ("applied", True, 1, 1)
        assert [line["records"] for line in stored_lines(running, receipt)] == [[record]]
        cached = running.get(f"/api/v1/records/{receipt['kind']}/{record['id']}")
        assert cached.status == 200, cached


def deleted(comporta, record, key):
    answer = comporta.request("DELETE", f"/api/v1/records/seller/{record['id']}", None, {"Idempotency-Key": key})
    return answer.status, answer.json()


def test_a_deletion_under_the_key_of_an_upload_is_refused_or_parked(running: Comporta, key):
    seller = {"id": new_id(), "name": "Padaria"}
    first = taken(running, "seller", seller, key)
    assert deleted(running, seller, key)[0] == 409
    forget_keys(running)
    status, second = deleted(running, seller, key)
    assert (status, second["upload"]) == (202, first["upload"])
    running.wait_settled(first["batches"] + second["batches"])
    batch = running.get(second["links"]["batches"][0]).json()
    (parked,) = batch["parked"]
    assert (batch["state"], batch["applied"], batch["parts"], batch["records"]) == ("parked", False, 0, 0)
    assert (parked["upload"], parked["part"]) == (first["upload"], 1) and parked["reason"].startswith("conflict: ")
    assert running.get(f"/api/v1/records/seller/{seller['id']}").status == 200
