"""What is no token is none to any daemon, as it comes through the door: nothing is read by it, and nothing written."""

import base64
import json
import time
from types import SimpleNamespace

import jwt
import pytest

import callers
from comporta_native.daemons import token_keys
from comporta_native.part import Secrets
from conftest import SOURCE
from logins import by_hand
from members import UPLOADS
from raw import send_raw
from test_dead import new_id

AUTHORIZATION = "Authorization: Bearer {}"
LEEWAY_SECONDS = 60


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Another installation, as far as its keys go."""
    secrets = Secrets(tmp_path_factory.mktemp("elsewhere") / "secrets")
    token_keys(SOURCE, secrets, {})
    return SimpleNamespace(secrets=secrets)


def first_key(stack):
    return json.loads(stack.secrets.path("token_keys.json").read_text())["keys"][0]


def attacks(stack, elsewhere):
    """By name: the lines that are sent, and what is answered."""
    key, good = first_key(stack), callers.token(stack, "member/ana", ["admin"])
    kid, claims = key["kid"], jwt.decode(good, options={"verify_signature": False})
    head, payload, signature = good.split(".")
    public = base64.urlsafe_b64decode(f"{key['x']}==")
    foreign = jwt.PyJWK(first_key(elsewhere)).key
    yield "two of them", [AUTHORIZATION.format(good)] * 2, 400
    yield "a good and a bad one", [AUTHORIZATION.format(good), AUTHORIZATION.format("x.y.z")], 400
    yield "two in one line", [f"{AUTHORIZATION.format(good)}, Bearer {good}"], 401
    yield "16 KiB", [AUTHORIZATION.format("a" * (16 << 10))], 431
    yield "16 KiB that are signed", [AUTHORIZATION.format(signed({**claims, "more": "a" * (12 << 10)}, key))], 431
    yield "nearly 8 KiB", [AUTHORIZATION.format(signed({**claims, "more": "a" * 5500}, key))], 401
    yield "of another installation", [AUTHORIZATION.format(callers.token(elsewhere, "member/ana", ["admin"]))], 401
    yield "of another installation by our key's name", [AUTHORIZATION.format(
        jwt.encode(claims, foreign, "EdDSA", headers={"kid": kid}))], 401
    yield "not signed", [AUTHORIZATION.format(by_hand({"alg": "none", "kid": kid, "typ": "JWT"}, claims))], 401
    yield "the public key as a secret", [AUTHORIZATION.format(
        jwt.encode(claims, public, "HS256", headers={"kid": kid}))], 401
    yield "another's claims", [AUTHORIZATION.format(f"{head}.{payload[:-2]}AA.{signature}")], 401
    now = int(time.time())
    yield "over", [AUTHORIZATION.format(signed({**claims, "exp": now - LEEWAY_SECONDS - 1}, key))], 401
    yield "of tomorrow", [AUTHORIZATION.format(signed({**claims, "nbf": now + 86400}, key))], 401
    yield "of another issuer", [AUTHORIZATION.format(signed({**claims, "iss": "other"}, key))], 401
    yield "for somebody else", [AUTHORIZATION.format(signed({**claims, "aud": "other"}, key))], 401
    yield "of no scheme", [f"Authorization: {good}"], 401
    yield "a name and a password", ["Authorization: Basic YW5hOmFuYQ=="], 401


def signed(claims, key):
    return jwt.encode(claims, jwt.PyJWK(key).key, "EdDSA", headers={"kid": key["kid"]})


def request(method, path, lines, body=b""):
    head = [f"{method} {path} HTTP/1.1", "Host: test", "Connection: close", "Content-Type: application/json",
            f"Content-Length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode() + body


def test_what_is_no_token_reads_and_writes_nothing(members, elsewhere):
    port, key = members.stack.ports["COMPORTA_PORT"], new_id()
    note = json.dumps({"id": key, "member": "ana", "text": "x"}).encode()
    questions = [("POST", UPLOADS("note"), note), ("PUT", f"{UPLOADS('note')}/{key}", note),
                 ("DELETE", f"{UPLOADS('note')}/{key}", b""), ("GET", f"{UPLOADS('note')}/{key}", b""),
                 ("GET", "/api/v1/views/note/board", b""), ("GET", f"/api/v1/uploads/{key}", b""),
                 ("GET", "/api/v1/me", b""), ("GET", "/api/v1/objects/note", b""), ("DELETE", "/api/v1/sessions", b"")]
    wrong = []
    for name, lines, expected in attacks(members.stack, elsewhere):
        for method, path, body in questions:
            (answer,) = send_raw(port, request(method, path, lines, body))
            if answer.status != expected or answer.headers["content-type"] != "application/problem+json":
                wrong.append((name, method, path, answer))
    assert wrong == []
    members.applied(members.send("note", {"id": f"{key}-after", "member": "ana"}, token=members.admin()), members.admin())
    assert members.ask("GET", f"{UPLOADS('note')}/{key}", token=members.admin()).status == 404


def test_the_token_that_they_are_made_of_is_good(members):
    good = callers.token(members.stack, "member/ana", ["admin"])
    port = members.stack.ports["COMPORTA_PORT"]
    for line in (f"Authorization: Bearer {good}", f"authorization: JWT {good}"):
        for path in ("/api/v1/objects/note", "/api/v1/recent/note"):
            (answer,) = send_raw(port, request("GET", path, [line]))
            assert answer.status == 200, answer
