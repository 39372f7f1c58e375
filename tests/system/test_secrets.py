"""What a kind drops, masks or hashes gets no further than the door, and no password does: they are looked for wherever
anything is kept, and in whatever is answered."""

import gzip
import hashlib
import hmac
import json

import pytest

from callers import token
from client import Comporta, eventually, files_of
from conftest import SOURCE
from listener import Listener
from provider import Provider, json_reply

KINDS = SOURCE / "tests" / "data" / "good" / "kinds-with-secrets"
UPLOADS, MEMBERS, SESSIONS = "/api/v1/records/payment", "/api/v1/records/member", "/api/v1/sessions"
JSON, FORM = "application/json", {"Content-Type": "application/x-www-form-urlencoded"}
NUMBER, CVV, CPF = "4111222233334444", "cvv-7391", "15350946056"
PASSWORD = "-horse-battery-7391"
# Of a lookup: of whom something is known, of whom nothing is, and what the provider is sent.
LOOKUP, UNKNOWN_CPF, TOKEN = "/api/v1/lookups/payment/credit", "11144477735", "lookup-token-7391"
SECRETS = [text.encode() for text in (NUMBER, "4111 2222", NUMBER[:12], CVV, CPF, PASSWORD, UNKNOWN_CPF, TOKEN)]
HASH = b"$argon2id$"
SHOWN = "**** **** **** 4444"


def payment(key, number=NUMBER, **card):
    return {"id": key, "cpf": CPF, "card": {"number": number, "cvv": CVV, "holder": "Ana", **card}}


def body_of(*records):
    return json.dumps(records).encode()


def escaped(text):
    return "".join(f"\\u{ord(character):04x}" for character in text)


def hidden_in_escapes(key):
    return body_of(payment(key)).decode().replace(NUMBER, escaped(NUMBER)).replace('"cvv"', f'"{escaped("cvv")}"')


def account(key, which, **members):
    """`which` of its passwords."""
    return json.dumps({"id": key, "email": f"{key}@example.com", "password": which + PASSWORD, **members}).encode()


def login(which, **members):
    return json.dumps({"kind": "member", "login": "ana@example.com", "password": which + PASSWORD, **members}).encode()


def form(which):
    return f"username=ana%40example.com&password={which}{PASSWORD}".encode()


ACCEPTED = {
    "an array": ("POST", UPLOADS, body_of(payment("a"), payment("b", "4111 2222 3333 4444")), {}),
    "lines": ("POST", UPLOADS, b"\n".join(json.dumps(payment(key)).encode() for key in "cd"),
              {"Content-Type": "application/x-ndjson"}),
    "gzip": ("POST", UPLOADS, gzip.compress(body_of(payment("e"))), {"Content-Encoding": "gzip"}),
    "a large one": ("POST", UPLOADS, body_of(*(payment(f"f{n}") for n in range(2_500))), {}),
    "a key": ("POST", UPLOADS, body_of(payment("g")), {"Idempotency-Key": "payment g"}),
    "escapes": ("POST", UPLOADS, hidden_in_escapes("h").encode(), {}),
    "one record": ("PUT", f"{UPLOADS}/i", json.dumps(payment("i")).encode(), {}),
    "one taken away": ("DELETE", f"{UPLOADS}/b", None, {}),
    "a sign-up": ("POST", MEMBERS, account("ana", "first"), {}),
    "another password": ("PUT", f"{MEMBERS}/ana", account("ana", "second"), {"Authorization": "member/ana"}),
    "a name that is taken": ("POST", MEMBERS, account("eva", "third", email="ANA@example.com"), {}),
    "somebody else's": ("POST", MEMBERS, account("ana", "fourth"), {}),
    "one that waits": ("POST", MEMBERS, account("waits", "fifth"), {}),
    "a sign-up in gzip": ("POST", MEMBERS, gzip.compress(account("bia", "sixth")), {"Content-Encoding": "gzip"}),
    "in escapes": ("POST", MEMBERS, account("cai", "").replace(PASSWORD.encode(), escaped(PASSWORD).encode()), {}),
}
# Of those that publish nothing, and are no fault either.
ASKED = {
    "a dry run": ("POST", f"{MEMBERS}?dry_run=true", account("dry", "rehearsed"), {}),
    "a login": ("POST", SESSIONS, login("second"), {}),
    "a form": ("POST", f"{SESSIONS}?kind=member", form("second"), FORM),
    "a lookup": ("GET", f"{LOOKUP}?cpf={CPF}", None, {}),
}
REFUSED = {
    "not JSON": ("POST", UPLOADS, body_of(payment("x"))[:-1] + b"!", {}),
    "another key": ("PUT", f"{UPLOADS}/y", json.dumps(payment("x")).encode(), {}),
    "a bad number": ("POST", UPLOADS, body_of(payment("x", f"{NUMBER}{NUMBER}")), {}),
    "a bad code": ("POST", UPLOADS, body_of(payment("x", cvv=CVV * 4)), {}),
    "a number that is no text": ("POST", UPLOADS, body_of(payment("x", int(NUMBER))), {}),
    "a member too many": ("POST", UPLOADS, body_of(payment("x", pin=CVV)), {}),
    "the same twice": ("POST", UPLOADS, body_of(payment("x")).replace(b'"holder"', b'"cvv"'), {}),
    "too large": ("POST", UPLOADS, body_of(payment("x", holder=NUMBER * 20_000)), {}),
    "another type": ("POST", UPLOADS, body_of(payment("x")), {"Content-Type": "text/csv"}),
    "the key of another": ("POST", UPLOADS, body_of(payment("x")), {"Idempotency-Key": "payment g"}),
    "a role": ("POST", MEMBERS, account("x", "seventh", roles=["admin"]), {}),
    "a short password": ("POST", MEMBERS, account("x", "").replace(PASSWORD.encode(), PASSWORD[-11:].encode()), {}),
    "a long password": ("POST", MEMBERS, account("x", "long" * 100), {}),
    "a password that is the name": ("POST", MEMBERS, account("x", "same", email=f"same{PASSWORD}"), {}),
    "a sign-up with more": ("POST", MEMBERS, account("x", "eighth", pin=PASSWORD), {}),
    "a sign-up that is no JSON": ("POST", MEMBERS, account("x", "ninth")[:-1] + b"!", {}),
    "a hash": ("POST", MEMBERS, account("x", "$argon2id$"), {}),
    "a dry run of a fault": ("POST", f"{MEMBERS}?dry_run=true", account("x", "tenth", roles=["admin"]), {}),
    "a wrong password": ("POST", SESSIONS, login("wrong"), {}),
    "a password before": ("POST", f"{SESSIONS}?kind=member", form("first"), FORM),
    "a password in the address": ("POST", f"{SESSIONS}?kind=member&password=asked{PASSWORD}", form("second"), FORM),
    "a login that is no JSON": ("POST", SESSIONS, login("second")[:-1] + b"!", {}),
    "a login of no accounts": ("POST", SESSIONS, login("second", kind="payment"), {}),
    "too large a login": ("POST", SESSIONS, login("second" * 1000), {}),
    "a lookup that fails": ("GET", f"{LOOKUP}?cpf={UNKNOWN_CPF}", None, {}),
    "a lookup of no number": ("GET", f"{LOOKUP}?cpf={CPF}0", None, {}),
}


def send(comporta, request):
    """`Authorization` is the principal who asks."""
    method, path, body, headers = request
    if "Authorization" in headers:
        headers = {**headers, "Authorization": "Bearer " + token(comporta.stack, headers["Authorization"])}
    return comporta.request(method, path, body, {"Content-Type": JSON, **headers})


def say_credit(path):
    """The provider repeats what it was sent."""
    return json_reply({"credit": 1, "sent": [path, TOKEN]}, 500 if UNKNOWN_CPF in path else 200)


@pytest.fixture(scope="module")
def traffic(make_stack, tmp_path_factory):
    """Uploads, logins and lookups with secrets, and all that was answered."""
    folder = tmp_path_factory.mktemp("provider")
    provider = Provider(folder, say_credit)
    (folder / "provider_token").write_text(TOKEN)
    stack = make_stack(settings={"COMPORTA_KINDS": str(KINDS), "COMPORTA_LOG_LEVEL": "debug",
                                 "COMPORTA_TEST_PROVIDER": provider.host, "COMPORTA_SECRETS_DIR": str(folder),
                                 "COMPORTA_LOOKUPS_CA_FILE": str(provider.authority),
                                 "COMPORTA_LOOKUPS_PRIVATE_HOSTS": "localhost"})
    stack.start()
    comporta = Comporta(stack)
    comporta.listener = Listener(stack)
    comporta.receipts = {name: send(comporta, request) for name, request in ACCEPTED.items()}
    assert {name for name, answer in comporta.receipts.items() if answer.status != 202} == set(), comporta.receipts
    batches = [batch for answer in comporta.receipts.values() for batch in answer.json()["batches"]]
    comporta.wait_settled(batches)
    comporta.asked = {name: send(comporta, request) for name, request in ASKED.items()}
    comporta.refusals = {name: send(comporta, request) for name, request in REFUSED.items()}
    assert comporta.get(f"{LOOKUP}/{CPF}").status == 404  # which says what was asked, as no log may
    eventually(lambda: comporta.listener.has_heard(batches), "every message is heard")
    yield comporta
    comporta.listener.close()
    stack.discard()
    assert {headers["token"] for _path, headers in provider.asked} == {TOKEN}
    provider.stop()


def assert_without_secrets(things):
    """`things`: name -> bytes."""
    assert things
    found = [(name, secret) for name, content in things.items() for secret in SECRETS if secret in content]
    assert not found


def redis_content(redis):
    """Every key, with all that it holds. One whose time has just ended is none."""
    read = {b"string": redis.get, b"hash": redis.hgetall, b"set": redis.smembers,
            b"list": lambda key: redis.lrange(key, 0, -1),
            b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True)}
    typed = ((key, redis.type(key)) for key in redis.scan_iter())
    return {key: key + repr(read[of](key)).encode() for key, of in typed if of in read}


def test_messages_have_no_secrets(traffic):
    assert any(SHOWN.encode() in message for message in traffic.listener.messages.values())
    assert_without_secrets(traffic.listener.messages)


def test_objects_have_no_secrets(traffic):
    assert_without_secrets({name: traffic.read_object(name) for name in traffic.object_names()})


def test_redis_has_no_secrets(traffic):
    content = redis_content(traffic.redis)
    assert any(SHOWN.encode() in value for value in content.values())
    assert_without_secrets(content)


def test_no_file_has_secrets(traffic):
    """Logs first of all, but nothing else that the servers wrote either."""
    files = files_of(traffic.stack)
    assert any(name.endswith(".log") and content for name, content in files.items())
    assert_without_secrets(files)


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_do_not_repeat_secrets(traffic, name):
    answer = traffic.refusals[name]
    assert 400 <= answer.status < 500 or name == "a lookup that fails" and answer.status == 503, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert_without_secrets({name: answer.body + repr(answer.headers).encode()})


def test_what_is_kept_is_what_the_kind_says(traffic):
    cached = traffic.get(f"{UPLOADS}/i").json()["record"]
    secret = traffic.stack.secrets.value("hash_secret").encode()
    assert cached == {"id": "i", "cpf": hmac.new(secret, CPF.encode(), hashlib.sha256).hexdigest(),
                      "card": {"number": SHOWN, "holder": "Ana"}}


def test_what_is_answered_has_no_secrets(traffic):
    answers = {**traffic.receipts, **traffic.asked}
    assert {answer.status for answer in traffic.asked.values()} == {200}
    assert_without_secrets({name: answer.body + repr(answer.headers).encode() for name, answer in answers.items()})


def askable(traffic):
    """Whatever says something of the accounts."""
    yield from (f"{MEMBERS}/ana", f"{MEMBERS}/waits", "/api/v1/recent/member", "/api/v1/views/member/recent",
                "/api/v1/views/member/refused", "/api/v1/views/member/accounts", "/api/v1/me", "/api/v1/objects/member",
                "/api/v1/kinds", "/api/v1/kinds/member/schema.json")
    for receipt in (traffic.receipts[name].json() for name in ACCEPTED if ACCEPTED[name][1].startswith(MEMBERS)):
        yield receipt["status"]
        yield from receipt["links"]["batches"] + receipt["links"]["objects"]
        yield from (link.partition("?")[0] for link in receipt["links"]["objects"])


ASKERS = {"nobody": lambda _stack: {},
          "owner": lambda stack: {"Authorization": "Bearer " + token(stack, "member/ana")},
          "another": lambda stack: {"Authorization": "Bearer " + token(stack, "member/bia")},
          "clerk": lambda stack: {"Authorization": "Bearer " + token(stack, "member/bia", ["clerk"])},
          "admin": lambda stack: {"Authorization": "Bearer " + token(stack, "member/bia", ["admin"])}}


@pytest.mark.parametrize("asker", ASKERS)
def test_no_hash_of_a_password_is_answered(traffic, asker):
    headers = ASKERS[asker](traffic.stack)
    answers = {path: traffic.request("GET", path, None, headers) for path in askable(traffic)}
    assert {answer.status for answer in answers.values()} <= {200, 401, 403, 404}
    assert [path for path, answer in answers.items() if HASH in answer.body or b"$2b$" in answer.body] == []
    if asker == "admin":
        # But the one that waits is no record yet, and a token of the test is no session.
        assert {path for path, answer in answers.items() if answer.status != 200} == {f"{MEMBERS}/waits", "/api/v1/me"}
        assert b'"waits"' in answers["/api/v1/views/member/refused"].body


def test_hashes_are_kept_where_they_are_needed(traffic):
    """Or there would be nothing to be hidden."""
    assert any(HASH in traffic.read_object(name) for name in traffic.object_names() if name.startswith("member/"))
    holders = {key.rpartition(b":")[0] for key, value in redis_content(traffic.redis).items() if HASH in value}
    assert holders == {b"comporta:view:member:account", b"comporta:view:member:refused"}
