"""Who sends something, what is filled in and what becomes of a password, as it leaves the gateway."""

import json
import re
import shutil
import time

import jwt
import pytest

from client import Comporta, eventually, files_of
from conftest import SOURCE
from listener import Listener

KINDS = SOURCE / "tests" / "data" / "good" / "kinds"
BOOKINGS, MEMBERS = "/api/v1/records/booking", "/api/v1/records/member"
JSON = {"Content-Type": "application/json"}
PASSWORD = "correct horse battery 7391"
NEW_ACCOUNT = {"id": "ana", "email": "ANA@example.com", "password": PASSWORD}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SIGNED = {"OKP": "EdDSA", "oct": "HS256"}


@pytest.fixture(scope="module")
def door(make_stack, tmp_path_factory):
    kinds = tmp_path_factory.mktemp("kinds")
    for name in ("booking", "member", "notice"):
        shutil.copytree(KINDS / name, kinds / name)
    stack = make_stack(settings={"COMPORTA_KINDS": str(kinds), "COMPORTA_LOG_LEVEL": "debug"})
    stack.start()
    comporta = Comporta(stack)
    comporta.listener = Listener(stack)
    yield comporta
    comporta.listener.close()
    stack.discard()


def token(stack, subject, roles=()):
    (key,) = json.loads(stack.secrets.path("token_keys.json").read_text())["keys"]
    now = int(time.time())
    claims = {"iss": "comporta", "aud": "comporta", "sub": subject, "sid": "s", "roles": list(roles), "jti": "t",
              "iat": now, "nbf": now, "exp": now + 600}
    return jwt.encode(claims, jwt.PyJWK(key).key, SIGNED[key["kty"]], headers={"kid": key["kid"]})


def send(door, method, path, records, subject="", roles=(), **headers):
    if subject:
        headers["Authorization"] = "Bearer " + token(door.stack, subject, roles)
    return door.request(method, path, json.dumps(records).encode(), {**JSON, **headers})


def published(door, answer):
    """The part of an upload of one part, as the broker has it."""
    assert answer.status == 202, answer
    (batch,) = answer.json()["batches"]
    eventually(lambda: door.listener.has_heard([batch]), "the message is heard")
    text = door.listener.messages[batch].decode()
    return json.loads(text[text.index('{"upload"'):])


def refused(door):
    _, text = door.private_get("ingest-gateway", "/metrics")
    return float(re.search(r"^comporta_access_refused_total (\S+)$", text, re.MULTILINE)[1])


def test_a_part_says_who_sent_it_and_has_what_is_filled_in(door):
    answer = send(door, "POST", BOOKINGS, [{"table": 1}], "member/ana", ["clerk"])
    part = published(door, answer)
    assert (part["principal"], part["roles"]) == ("member/ana", ["clerk"])
    (record,) = part["records"]
    assert record == {"at": part["received"], "id": record["id"], "who": "ana", "table": 1}
    assert UUID.fullmatch(record["id"])


def test_a_receipt_says_where_the_status_is(door):
    receipt = send(door, "POST", BOOKINGS, [{"table": 1}], "member/ana").json()
    assert receipt["status"] == f"/api/v1/uploads/{receipt['upload']}?batch={receipt['batches'][0]}"


def test_what_comes_again_at_another_gateway_is_the_same(door):
    sent = [door, "POST", BOOKINGS, [{"table": 1}, {"table": 1}], "member/ana"]
    first = published(door, send(*sent, **{"Idempotency-Key": "k"}))
    door.stack.restart("ingest-gateway")
    again = published(door, send(*sent, **{"Idempotency-Key": "k"}))
    assert [part["upload"] for part in (first, again)] == [first["upload"]] * 2
    assert again["digest"] == first["digest"]
    assert [record["id"] for record in again["records"]] == [record["id"] for record in first["records"]]


def test_whoever_may_not_is_told_so_and_nothing_is_published(door):
    before = refused(door)
    notice = {"id": "n", "text": "x"}
    statuses = [send(door, "POST", "/api/v1/records/notice", notice, *who).status
                for who in ((), ("member/ana",), ("member/ana", ["clerk"]))]
    assert statuses == [401, 403, 202]
    eventually(lambda: refused(door) == before + 2, "both are counted")
    assert door.request("POST", BOOKINGS, b"[]", {**JSON, "Authorization": "Bearer x.y.z"}).status == 401


def test_a_password_gets_no_further_than_the_door(door):
    answers = [send(door, "POST", MEMBERS, NEW_ACCOUNT),
               send(door, "PUT", f"{MEMBERS}/ana", NEW_ACCOUNT, "member/ana")]
    records = [record for answer in answers for record in published(door, answer)["records"]]
    assert records[0]["password"] == records[1]["password"], "one account, one password, one hash"
    assert records[0]["email"] == "ana@example.com"
    assert records[0]["password"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    for changes in ({"password": PASSWORD * 10}, {"roles": ["admin"]}, {"email": "nobody"}):
        assert send(door, "POST", MEMBERS, {**NEW_ACCOUNT, **changes}).status == 422
    door.wait_settled([batch for answer in answers for batch in answer.json()["batches"]])
    kept = files_of(door.stack) | door.listener.messages
    assert any("gateway" in name and content for name, content in kept.items())
    assert not [name for name, content in kept.items() if PASSWORD.encode() in content]
