"""What a kind drops, masks or hashes gets no further than the door: it is looked for wherever anything is kept."""

import gzip
import hashlib
import hmac
import json

import pytest

from client import Comporta, eventually
from conftest import SOURCE
from listener import Listener

KINDS = SOURCE / "tests" / "data" / "good" / "kinds-with-secrets"
UPLOADS = "/api/v1/records/payment"
JSON = "application/json"
NUMBER, CVV, CPF = "4111222233334444", "cvv-7391", "15350946056"
SECRETS = [text.encode() for text in (NUMBER, "4111 2222", NUMBER[:12], CVV, CPF)]
SHOWN = "**** **** **** 4444"


def payment(key, number=NUMBER, **card):
    return {"id": key, "cpf": CPF, "card": {"number": number, "cvv": CVV, "holder": "Ana", **card}}


def body_of(*records):
    return json.dumps(records).encode()


def escaped(text):
    return "".join(f"\\u{ord(character):04x}" for character in text)


def hidden_in_escapes(key):
    return body_of(payment(key)).decode().replace(NUMBER, escaped(NUMBER)).replace('"cvv"', f'"{escaped("cvv")}"')


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
}


@pytest.fixture(scope="module")
def traffic(make_stack):
    """Uploads with secrets, and the answers to those that were refused."""
    stack = make_stack(settings={"COMPORTA_KINDS": str(KINDS), "COMPORTA_LOG_LEVEL": "debug"})
    stack.start()
    comporta, batches = Comporta(stack), []
    comporta.listener = Listener(stack)
    for name, (method, path, body, headers) in ACCEPTED.items():
        answer = comporta.request(method, path, body, {"Content-Type": JSON, **headers})
        assert answer.status == 202, (name, answer)
        batches += answer.json()["batches"]
    comporta.refusals = {
        name: comporta.request(method, path, body, {"Content-Type": JSON, **headers})
        for name, (method, path, body, headers) in REFUSED.items()}
    comporta.wait_settled(batches)
    eventually(lambda: comporta.listener.has_heard(batches), "every message is heard")
    yield comporta
    comporta.listener.close()
    stack.stop()


def assert_without_secrets(things):
    """`things`: name -> bytes."""
    assert things
    found = [(name, secret) for name, content in things.items() for secret in SECRETS if secret in content]
    assert not found


def redis_content(redis):
    """Every key, with all that it holds."""
    read = {b"string": redis.get, b"hash": redis.hgetall, b"set": redis.smembers,
            b"list": lambda key: redis.lrange(key, 0, -1),
            b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True)}
    return {key: key + repr(read[redis.type(key)](key)).encode() for key in redis.scan_iter()}


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
    files = [path for path in traffic.stack.directory.rglob("*") if path.is_file()]
    assert any(path.name.endswith(".log") and path.stat().st_size for path in files)
    assert_without_secrets({str(path): path.read_bytes() for path in files})


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_do_not_repeat_secrets(traffic, name):
    answer = traffic.refusals[name]
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert_without_secrets({name: answer.body + repr(answer.headers).encode()})


def test_what_is_kept_is_what_the_kind_says(traffic):
    cached = traffic.get(f"{UPLOADS}/i").json()["record"]
    secret = traffic.stack.secrets.value("hash_secret").encode()
    assert cached == {"id": "i", "cpf": hmac.new(secret, CPF.encode(), hashlib.sha256).hexdigest(),
                      "card": {"number": SHOWN, "holder": "Ana"}}
