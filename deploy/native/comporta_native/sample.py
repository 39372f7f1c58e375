"""Takes one upload from door to disk before the reader's eyes."""

import json
import subprocess
import time
import urllib.error
import urllib.request

from . import s3
from .daemons import BUCKET
from .part import HOST, program
from .stack import SOURCE, PartFailed

SAMPLE = SOURCE / "kinds" / "transaction" / "examples" / "Dados.json"
WAIT_SECONDS = 30


def _get(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def _post(url, body):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise PartFailed(f"the sample was answered {error.code}: {error.read().decode()}") from error


def _eventually(ask, what):
    """The first true answer of `ask`, which may also fail with 404 until then."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = ask()
            if answer:
                return answer
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        time.sleep(0.05)
    raise PartFailed(f"the sample is not {what} after {WAIT_SECONDS} s: see `make logs`")


def _seen_in_store(stack, name):
    """Where the store itself, asked past the daemons, has that object."""
    if stack.driver == "filesystem":
        return [str(path) for path in (stack.directory / "objects").rglob(name.rpartition("/")[2])]
    names = s3.object_names(f"{HOST}:{stack.ports['COMPORTA_S3_PORT']}", BUCKET, name,
                            stack.secrets.value("s3_access_key"), stack.secrets.value("s3_secret_key"))
    return [f"{BUCKET}/{found}" for found in names]


def _redis(stack, *words):
    command = [program("redis-cli"), "-h", HOST, "-p", str(stack.ports["COMPORTA_REDIS_PORT"]), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def _seen_in_redis(stack, record_key):
    keys = _redis(stack, "--scan", "--pattern", f"*{record_key}")
    return [f"{key}, {_redis(stack, 'TTL', key)[0]} s to live" for key in keys]


def _show(what, value):
    print(f"  {what:<10} {value}")


def _applied(stack, link):
    answer = json.loads(_get(stack.url(link)))
    return answer if answer["applied"] else None


def show_sample(stack):
    """Sends the sample upload through the front door and shows what becomes of it."""
    body = SAMPLE.read_bytes()
    print(f"\nthe sample {SAMPLE.relative_to(SOURCE)}:")
    receipt = _post(stack.url("/api/v1/records/transaction"), body)
    _show("receipt", json.dumps(receipt))
    link = receipt["links"]["objects"][0]
    content = _eventually(lambda: _get(stack.url(link)), "stored").decode()
    _show("object", content.rstrip())
    name = link.removeprefix("/api/v1/objects/").partition("?")[0]
    for place in _eventually(lambda: _seen_in_store(stack, name), "in the store"):
        _show("in store", place)
    _eventually(lambda: _applied(stack, receipt["links"]["batches"][0]), "applied")
    for key in _eventually(lambda: _seen_in_redis(stack, json.loads(body)[0]["_id"]), "cached"):
        _show("in Redis", key)
    _show_addresses(stack)


def _show_addresses(stack):
    print("\nopen now:")
    _show("page", stack.url())
    console = f"http://{HOST}:{stack.ports['COMPORTA_AMQP_CONSOLE_PORT']}"
    secrets = stack.directory / "secrets"
    _show("RabbitMQ", f"{console}  user {stack.secrets.value('amqp_user')}, password in {secrets / 'amqp_password'}")
    if stack.driver == "s3":
        console = f"http://{HOST}:{stack.ports['COMPORTA_S3_CONSOLE_PORT']}"
        _show("MinIO", f"{console}  user in {secrets / 's3_access_key'}, password in {secrets / 's3_secret_key'}")
    print("\nmake status, make logs, make down")
