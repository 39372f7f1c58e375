"""Requests that are unusual and yet right: they are taken like any other."""

import json

import pytest

from client import UPLOADS, record
from raw import post, send_raw


@pytest.fixture
def door(comporta):
    return comporta.stack.ports["COMPORTA_PORT"]


def body(key):
    return json.dumps([record(key)]).encode()


def test_a_chunked_upload(door):
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, body("chunked")[n:n + 1]) for n in range(len(body("chunked"))))
    head = f"POST {UPLOADS} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nConnection: close\r\n" \
           "Transfer-Encoding: chunked\r\n\r\n"
    (answer,) = send_raw(door, head.encode(), chunks, b"0\r\n\r\n")
    assert answer.status == 202, answer


def test_pipelined_uploads_are_answered_in_order(door):
    first = post(UPLOADS, json.dumps([record("p"), record("q")]).encode()).replace(b"Connection: close\r\n", b"")
    answers = send_raw(door, first + post(UPLOADS, body("r")))
    assert [(answer.status, answer.json()["records"]) for answer in answers] == [(202, 2), (202, 1)]


def test_expect_100_continue(door):
    head, _, content = post(UPLOADS, body("expect"), "Expect: 100-continue").partition(b"\r\n\r\n")
    (answer,) = send_raw(door, head + b"\r\n\r\n", content)
    assert answer.status == 202, answer


def test_one_byte_after_the_other(door):
    request = post(UPLOADS, body("slow"))
    (answer,) = send_raw(door, *(request[n:n + 1] for n in range(len(request))))
    assert answer.status == 202, answer


def test_http_1_0(door):
    request = post(UPLOADS, body("old")).replace(b"HTTP/1.1", b"HTTP/1.0")
    (answer,) = send_raw(door, request)
    assert answer.status == 202, answer
