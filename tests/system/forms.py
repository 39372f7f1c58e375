"""Samples of what each version writes down (docs/FORMS.md): its messages, objects, keys and configuration, in
`tests/data/forms/<version>`, and what it answered with them."""

import json

import pika

from broker import open_channel
from client import BUCKET, Comporta, eventually
from conftest import SOURCE

FORMS = SOURCE / "tests" / "data" / "forms"
VERSIONS = sorted(folder.name for folder in FORMS.glob("*.*"))
EXCHANGE = "comporta.records"
# So that a password and a hash of theirs mean the same in every run.
SECRETS = {"hash_secret": "of-the-samples-a-hash-of-members!!", "password_secret": "of-the-samples-the-passwords-of-people"}
PASSWORD = "cavalo bateria grampo"
EMAIL = "ana@example.com"
# What is told of the time of asking, and not of what was written.
OF_NOW = {"applied_at", "expires_at", "fetched_at"}
PROPERTIES = ("message_id", "type", "content_type", "content_encoding", "delivery_mode", "headers")


def text_of(data):
    """Bytes as text that JSON can hold, and `bytes_of` reads."""
    return data.decode("latin-1")


def bytes_of(text):
    return text.encode("latin-1")


class Sample:
    """That of one version."""

    def __init__(self, version):
        self.folder = FORMS / version

    def read(self, name):
        return json.loads((self.folder / f"{name}.json").read_text())

    def write(self, name, value):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.json").write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")

    def configurations(self):
        return sorted((self.folder / "config").iterdir())


def answers(comporta, paths):
    """Path -> status, and the JSON of what is there, without what is of the time of asking."""
    return {path: [answer.status, _without(answer.json()) if answer.status == 200 else None]
            for path, answer in ((path, comporta.get(path)) for path in paths)}


def _without(value):
    if isinstance(value, list):
        return [_without(one) for one in value]
    if isinstance(value, dict):
        return {name: _without(one) for name, one in value.items() if name not in OF_NOW}
    return value


def log_in(comporta):
    """The token of the account that the samples have."""
    body = json.dumps({"kind": "client", "login": EMAIL, "password": PASSWORD})
    answer = comporta.request("POST", "/api/v1/sessions", body, {"Content-Type": "application/json"})
    assert answer.status == 200, answer
    return answer.json()["access_token"]


# -- messages ------------------------------------------------------------------------------------------


def message_of(properties, body):
    return {"body": text_of(body), **{name: getattr(properties, name) for name in PROPERTIES}}


def publish(comporta, messages):
    channel = open_channel(comporta.stack)
    for message in messages:
        properties = pika.BasicProperties(**{name: message[name] for name in PROPERTIES})
        channel.basic_publish(EXCHANGE, "", bytes_of(message["body"]), properties)
    channel.connection.close()


# -- objects -------------------------------------------------------------------------------------------


def objects(comporta):
    return {name: text_of(comporta.read_object(name)) for name in sorted(comporta.object_names())}


def put_objects(comporta, of_it):
    for name, text in of_it.items():
        comporta.s3.put_object(Bucket=BUCKET, Key=name, Body=bytes_of(text))


# -- keys ----------------------------------------------------------------------------------------------

# By the type of a key: what reads it, and what writes what was read.
_KEYS = {
    "string": (lambda redis, key: text_of(redis.get(key)),
               lambda redis, key, value: redis.set(key, bytes_of(value))),
    "hash": (lambda redis, key: {text_of(name): text_of(value) for name, value in redis.hgetall(key).items()},
             lambda redis, key, value: redis.hset(key, mapping={bytes_of(n): bytes_of(v) for n, v in value.items()})),
    "list": (lambda redis, key: [text_of(one) for one in redis.lrange(key, 0, -1)],
             lambda redis, key, value: redis.rpush(key, *map(bytes_of, value))),
    "set": (lambda redis, key: sorted(text_of(one) for one in redis.smembers(key)),
            lambda redis, key, value: redis.sadd(key, *map(bytes_of, value))),
    "zset": (lambda redis, key: {text_of(one): score for one, score in redis.zrange(key, 0, -1, withscores=True)},
             lambda redis, key, value: redis.zadd(key, {bytes_of(one): score for one, score in value.items()})),
}


def keys(redis):
    """All that last."""
    found = {}
    for key in sorted(redis.scan_iter()):
        if redis.ttl(key) == -1:
            kind = redis.type(key).decode()
            found[text_of(key)] = {"type": kind, "value": _KEYS[kind][0](redis, key)}
    return found


def put_keys(redis, of_it):
    redis.flushall()
    for key, entry in of_it.items():
        _KEYS[entry["type"]][1](redis, bytes_of(key), entry["value"])


def restart_with_keys(comporta, of_it):
    """As after an update: the new cache finds the keys of the old one."""
    comporta.stack.stop_part("cache")
    put_keys(comporta.redis, of_it)
    comporta.stack.restart("cache")
    eventually(lambda: comporta.private_get("cache", "/readyz")[0] == 200, "the cache is ready")


def make_sample_stack(make_stack):
    stack = make_stack(fixed_secrets=SECRETS)
    stack.start()
    return Comporta(stack)
