"""One record at its own address: PUT sets it, DELETE takes it away."""

import json

import pytest

from client import UPLOADS, eventually, record
from test_smoke import applied_batch, stored_lines

JSON = {"Content-Type": "application/json"}
KEY = "um só/ção"
ADDRESS = f"{UPLOADS}/um%20s%C3%B3%2F%C3%A7%C3%A3o"


def put(comporta, **changes):
    answer = comporta.request("PUT", ADDRESS, json.dumps(record(KEY, **changes)).encode(), JSON)
    assert answer.status == 202, answer
    return answer.json()


def delete(comporta, **headers):
    answer = comporta.request("DELETE", ADDRESS, None, headers)
    assert answer.status == 202, answer
    return answer.json()


def test_a_record_is_set_changed_and_taken_away(comporta):
    for city in ("Cidade A", "Cidade B"):
        applied_batch(comporta, put(comporta, cliente=city))
        assert comporta.get(ADDRESS).json()["record"]["cliente"] == city
    receipt = delete(comporta)
    applied_batch(comporta, receipt)
    assert comporta.get(ADDRESS).status == 404
    line = stored_lines(comporta, receipt)[0]
    assert (line["action"], line["records"]) == ("delete", [{"_id": KEY}])


def test_what_is_not_there_can_be_taken_away(comporta):
    applied_batch(comporta, delete(comporta))
    applied_batch(comporta, delete(comporta))
    assert comporta.get(ADDRESS).status == 404


def test_a_repeated_key_is_one_deletion(comporta):
    """The record set in between stays: the repeat has been answered before."""
    first = delete(comporta, **{"Idempotency-Key": "take it away"})
    applied_batch(comporta, put(comporta))
    again = delete(comporta, **{"Idempotency-Key": "take it away"})
    assert again["upload"] == first["upload"]
    applied_batch(comporta, again)
    assert eventually(lambda: comporta.get(ADDRESS).status == 200, "the record is there")


@pytest.mark.parametrize("method, path, status, allow", [
    ("POST", ADDRESS, 405, "GET, HEAD, PUT, DELETE"),
    ("PATCH", ADDRESS, 405, "GET, HEAD, PUT, DELETE"),
    ("PUT", UPLOADS, 405, "POST"),
    ("DELETE", UPLOADS, 405, "POST"),
    ("DELETE", f"{UPLOADS}/%ff", 400, None),
    ("DELETE", f"{UPLOADS}/{'k' * 129}", 422, None),
    ("PUT", f"{UPLOADS}/another", 422, None),
])
def test_what_makes_no_sense_is_refused(comporta, method, path, status, allow):
    body = None if method == "DELETE" else json.dumps(record(KEY)).encode()
    answer = comporta.request(method, path, body, JSON)
    assert (answer.status, answer.headers.get("allow")) == (status, allow), answer
    assert answer.headers["content-type"] == "application/problem+json"
