"""Takes uploads from door to disk, and to what is computed from them, before the reader's eyes."""

import hashlib
import json
import subprocess
import time
import urllib.error
import urllib.request

from . import s3
from .daemons import BUCKET
from .part import HOST, program
from .stack import SOURCE, PartFailed

KINDS = SOURCE / "kinds"
SAMPLE = KINDS / "transaction" / "examples" / "Dados.json"
ELSEWHERE = KINDS / "transaction" / "examples" / "Dados - Fraude1.json"
SALES = [KINDS / "seller" / "examples" / "vendedores.json", KINDS / "product" / "examples" / "produtos.json",
         KINDS / "order" / "examples" / "pedidos.json"]
WAIT_SECONDS = 30
_client = urllib.request.build_opener()


def _get(url):
    with _client.open(url, timeout=10) as response:
        return response.read()


def _post(url, body, headers):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json", **headers})
    try:
        with _client.open(request, timeout=30) as response:
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
    keys = _redis(stack, "--scan", "--pattern", f"*:record:*:{record_key}")
    return [f"{key}, {_redis(stack, 'TTL', key)[0]} s to live" for key in keys]


def _show(what, value):
    print(f"  {what:<10} {value}")


def _applied(stack, link):
    answer = json.loads(_get(stack.url(link)))
    return answer if answer["applied"] else None


def _send(stack, file, **headers):
    """The receipt of an example, which lies in the folder of its kind."""
    return _post(stack.url(f"/api/v1/records/{file.parents[1].name}"), file.read_bytes(), headers)


def _send_once(stack, file):
    """The same, of what gets its identifiers at the door: they are the same at each start."""
    return _send(stack, file, **{"Idempotency-Key": "sample " + hashlib.sha256(file.read_bytes()).hexdigest()})


def _wait_applied(stack, receipt):
    _eventually(lambda: _applied(stack, receipt["links"]["batches"][0]), "applied")


def show_sample(stack):
    """Sends the sample upload through the front door and shows what becomes of it, and what others lead to.

    It asks as an admin, for kinds may be closed to others.
    """
    _client.addheaders = [("Authorization", f"Bearer {stack.operator_token()}")]
    print(f"\nthe sample {SAMPLE.relative_to(SOURCE)}:")
    receipt = _send(stack, SAMPLE)
    _show("receipt", json.dumps(receipt))
    link = receipt["links"]["objects"][0]
    content = _eventually(lambda: _get(stack.url(link)), "stored").decode()
    _show("object", content.rstrip())
    name = link.removeprefix("/api/v1/objects/").partition("?")[0]
    for place in _eventually(lambda: _seen_in_store(stack, name), "in the store"):
        _show("in store", place)
    _wait_applied(stack, receipt)
    for key in _eventually(lambda: _seen_in_redis(stack, json.loads(SAMPLE.read_bytes())[0]["_id"]), "cached"):
        _show("in Redis", key)
    _show_fraud(stack)
    _show_sales(stack)
    _show_addresses(stack)


def _show_fraud(stack):
    print(f"\nthe same client in another city, {ELSEWHERE.relative_to(SOURCE)}:")
    client = json.loads(ELSEWHERE.read_bytes())[0]["_id"]
    _wait_applied(stack, _send(stack, ELSEWHERE))
    _show("suspect", _get(stack.url(f"/check-fraud?transactionId={client}")).decode())
    report = json.loads(_get(stack.url(f"/api/v1/views/transaction/report?key={client}")))
    for side in ("earlier", "later"):
        _show(side, "{place}, arrived at {arrived_at}".format(**report["comparisons"][-1][side]))


def _show_sales(stack):
    print("\na shop,", ", ".join(str(file.relative_to(SOURCE)) for file in SALES) + ":")
    for file in SALES:
        _wait_applied(stack, _send_once(stack, file))
    for seller in json.loads(SALES[0].read_bytes()):
        _show("revenue", _get(stack.url(f"/revenue/{seller['id']}")).decode())


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
