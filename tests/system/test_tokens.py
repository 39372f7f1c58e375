"""Access tokens, held against another library: what it signs is taken here, what is signed here it takes, and what
nobody who holds the key has signed, as it stands, is no token."""

import json
import time

import jwt
import pytest
from jwt import PyJWKSet

from client import Comporta
from logins import PASSWORD, Key, Logins, argon2id, by_hand, settings_with

CHECKS = {"algorithms": ["EdDSA"], "audience": "comporta", "issuer": "comporta", "leeway": 60}


@pytest.fixture(scope="module")
def logins(make_stack, tmp_path_factory):
    key = Key("first")
    stack = make_stack(settings=settings_with(tmp_path_factory.mktemp("logins"), key))
    stack.start()
    logins = Logins(Comporta(stack), key)
    logins.put("c1", "ana@example.com", argon2id(PASSWORD), ["cook"])
    yield logins
    stack.discard()


@pytest.fixture(scope="module")
def token(logins):
    return logins.log_in("ana@example.com", PASSWORD).json()["access_token"]


@pytest.fixture(scope="module")
def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture(scope="module")
def their_key(logins):
    """What the other library makes of the keys that are shown."""
    shown = logins.request("GET", "/.well-known/jwks.json")
    assert shown.headers["content-type"] == "application/jwk-set+json"
    (key,) = PyJWKSet.from_dict(shown.json()).keys
    return key


def sign(claims, key, algorithm="EdDSA", name="first", **headers):
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": name, **headers})


def test_what_is_signed_here_the_other_library_takes(token, their_key):
    claims = jwt.decode(token, their_key.key, **CHECKS)
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "EdDSA", "kid": their_key.key_id}
    assert (claims["sub"], claims["roles"]) == ("client/c1", ["cook"])
    assert claims["exp"] - claims["iat"] == 600 and claims["nbf"] == claims["iat"]
    assert len(claims["sid"]) == 22 and claims["jti"]


def test_what_the_other_library_signs_is_taken_here(logins, claims):
    answer = logins.me(sign(claims, logins.key.private))
    assert answer.status == 200, answer
    assert answer.json() == {"kind": "client", "key": "c1", "login": "ana@example.com", "roles": ["cook"],
                             "record": {"email": "ana@example.com"}}


def test_two_tokens_of_one_session_differ(logins):
    session = logins.log_in("ana@example.com", PASSWORD).json()
    assert logins.refresh(session["refresh_token"]).json()["access_token"] != session["access_token"]


def forgeries(key, claims):
    """By name, tokens that the other library refuses, too."""
    now, stranger = int(time.time()), Key("first")
    yield "not signed", by_hand({"typ": "JWT", "alg": "none", "kid": "first"}, claims)
    yield "of no algorithm", jwt.encode(claims, None, algorithm="none", headers={"kid": "first"})
    yield "with the public key as a secret", sign(claims, key.public_bytes, "HS256")
    yield "of another installation", sign(claims, stranger.private)
    yield "of another issuer", sign({**claims, "iss": "other"}, key.private)
    yield "of no issuer", sign({name: claims[name] for name in claims if name != "iss"}, key.private)
    yield "for another audience", sign({**claims, "aud": "other"}, key.private)
    yield "before its time", sign({**claims, "nbf": now + 3600}, key.private)
    yield "after its time", sign({**claims, "exp": now - 61}, key.private)
    yield "with a time that is none", sign({**claims, "exp": "soon"}, key.private)
    yield "without its signature", by_hand({"typ": "JWT", "alg": "EdDSA", "kid": "first"}, claims)
    yield "in two pieces", "a.b"
    yield "of 15 KiB", sign({**claims, "more": "a" * 11000}, key.private)[:15000]


def test_what_the_other_library_refuses_is_refused_here(logins, claims, their_key):
    for name, forged in forgeries(logins.key, claims):
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(forged, their_key.key, **CHECKS)
        answer = logins.me(forged)
        assert answer.status == 401, (name, answer)
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_16_kib_is_no_header(logins):
    assert logins.me("a" * 16384).status == 431


def odd_ones(key, claims):
    """By name, tokens that are signed well and yet none that is written here."""
    yield "of another type", sign(claims, key.private, typ="at+jwt")
    yield "of another key's name", sign(claims, key.private, name="second")
    yield "of no key's name", jwt.encode(claims, key.private, algorithm="EdDSA")
    yield "with more in its header", sign(claims, key.private, jku="https://evil.example/keys.json")
    yield "of more than 4 KiB", sign({**claims, "more": "a" * 4096}, key.private)
    yield "for two audiences", sign({**claims, "aud": ["comporta", "other"]}, key.private)
    for name in claims:
        yield f"without {name}", sign({one: claims[one] for one in claims if one != name}, key.private)
    yield "of no kind", sign({**claims, "sub": "c1"}, key.private)
    yield "of another account's session", sign({**claims, "sub": "client/c2"}, key.private)
    yield "of a session that is none", sign({**claims, "sid": "x" * 22}, key.private)


def test_what_is_not_written_here_is_refused_though_it_is_signed(logins, claims):
    for name, odd in odd_ones(logins.key, claims):
        answer = logins.me(odd)
        assert answer.status == 401, (name, answer)


def test_no_bit_may_be_another(logins, token):
    connection = logins.connect()
    for at in range(len(token)):
        for bit in (1, 2, 4, 8, 16, 32):
            changed = token[:at] + chr(ord(token[at]) ^ bit) + token[at + 1:]
            if changed[at] < "!" or changed[at] > "~":
                continue
            answer = connection.request("GET", "/api/v1/me", None, {"Authorization": f"Bearer {changed}"})
            assert answer.status == 401, (at, bit)


def test_there_is_one_header_of_a_known_scheme(logins, token):
    for scheme in ("Bearer", "bearer", "JWT"):
        assert logins.request("GET", "/api/v1/me", None, {"Authorization": f"{scheme} {token}"}).status == 200
    for value in (token, f"Basic {token}", f"Bearer {token}, Bearer {token}", f"Bearer {token} {token}", "Bearer", ""):
        assert logins.request("GET", "/api/v1/me", None, {"Authorization": value}).status == 401, value
    connection = logins.connect()._connection
    connection.putrequest("GET", "/api/v1/me")
    for _ in range(2):
        connection.putheader("Authorization", f"Bearer {token}")
    connection.endheaders()
    assert connection.getresponse().status == 401
