"""What others tell of their own accord becomes a record if it is signed as was agreed, and nothing otherwise."""

import base64
import hashlib
import hmac
import json
import socket
import subprocess
import sys
import time
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import Comporta, Connection, eventually
from conftest import BUILD, SOURCE
from listener import Listener

sys.path.insert(0, str(SOURCE / "tests" / "provider"))

from fake_payments import notices  # noqa: E402
from fake_payments.book import Book  # noqa: E402

KINDS = SOURCE / "tests" / "data" / "hooks"
OLD, NEW = "the secret before, of some bytes", "the secret in use, of some bytes"
SECRETS = {"notice_secret": NEW, "notice_secret_before": OLD, "push_secret": NEW,
           "event_secret": "whsec_" + base64.b64encode(NEW.encode()).decode()}
LIMIT = 64 * 1024
FLOOD, TELLERS = 400, 8


@pytest.fixture(scope="module")
def hooked(make_stack, tmp_path_factory):
    secrets = tmp_path_factory.mktemp("secrets")
    for name, secret in SECRETS.items():
        (secrets / name).write_text(secret + "\n")
    stack = make_stack(settings={"COMPORTA_KINDS": str(KINDS), "COMPORTA_SECRETS_DIR": str(secrets)})
    stack.start()
    yield Comporta(stack)
    stack.discard()


@pytest.fixture
def heard(hooked):
    listener = Listener(hooked.stack)
    yield listener
    listener.close()


def tell(hooked, kind, query=None, body=b"", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/api/v1/hooks/{kind}?{urllib.parse.urlencode(query or {})}"
    return hooked.request("POST", path, body, {"Content-Type": "application/json", **headers})


def mercadopago(identity, secret=NEW, age=0):
    request = str(uuid.uuid4())
    return {"X-Request-Id": request,
            "X-Signature": notices.signature(secret, identity, request, str(int(time.time()) - age))}


def standard_webhooks(body, identity, secret=NEW):
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{identity}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {"Webhook-Id": identity, "Webhook-Timestamp": stamp, "Webhook-Signature": "v1," + base64.b64encode(digest).decode()}


def github(body, secret=NEW):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
            "X-GitHub-Event": "push", "X-GitHub-Delivery": str(uuid.uuid4())}


def fresh():
    """An id that no other notice has."""
    return str(uuid.uuid4().int)[:12]


def record_of(hooked, kind, key):
    answer = eventually(lambda: (got := hooked.get(f"/api/v1/records/{kind}/{key}")).status == 200 and got,
                        f"{key} is in the cache")
    return answer.json()["record"]


def nothing_came_of_it(hooked, heard):
    """What is told behind it is all that was published."""
    identity = fresh()
    answer = tell(hooked, "notice", {"id": identity, "topic": "sentinel"})
    assert answer.status == 200, answer
    eventually(lambda: heard.has_heard(answer.json()["batches"]), "what is told is published")
    assert len(heard.messages) == 1, heard.messages


def test_what_is_signed_becomes_a_record(hooked):
    paid, event = fresh(), "msg_" + fresh()
    assert tell(hooked, "notice", {"data.id": paid, "type": "payment"}, b'{"x":1}', **mercadopago(paid)).status == 200
    body = json.dumps({"type": "invoice.paid", "data": {"amount": 12.5, "final": True}}).encode()
    assert tell(hooked, "event", None, body, **standard_webhooks(body, event)).status == 201
    body, headers = b'{"ref":"refs/heads/main"}', github(b'{"ref":"refs/heads/main"}')
    assert tell(hooked, "push", None, body, **headers).status == 202
    assert record_of(hooked, "notice", f"payment-{paid}") == {"topic": "payment", "resource": paid}
    assert record_of(hooked, "event", event) == {"type": "invoice.paid", "amount": 12.5, "final": True,
                                                 "note": "invoice.paid: 12.5, true"}
    assert record_of(hooked, "push", headers["X-GitHub-Delivery"]) == {"event": "push", "ref": "refs/heads/main"}


def test_a_notice_in_each_of_its_forms_is_taken_signed_or_not(hooked):
    book = Book()
    charge = book.charge("orders", "order-1", 5300, "Pedido")
    book.pay(charge)
    sender = notices.Sender(hooked.stack.url("/api/v1/hooks/notice"), NEW)
    assert sender.notify(charge, forms=list(notices.FORMS), times=3, shuffle=7) == [200] * 15
    assert sender.notify(charge, forms=list(notices.FORMS), signed=False) == [200] * 5
    assert record_of(hooked, "notice", f"order-{charge.id}")["resource"] == charge.id
    assert record_of(hooked, "notice", f"topic_merchant_order_wh-{charge.number}")


def test_what_comes_again_is_applied_again(hooked):
    """Though nobody but an admin may change such a record."""
    paid = fresh()
    for _ in range(3):
        answer = tell(hooked, "notice", {"data.id": paid, "type": "payment"}, **mercadopago(paid))
        outcome = hooked.connect().outcome(answer.json())
        assert outcome["state"] == "applied", outcome


def test_what_is_answered_is_published(hooked, heard):
    answer = tell(hooked, "notice", {"id": fresh(), "topic": "payment"})
    assert answer.status == 200
    eventually(lambda: heard.has_heard(answer.json()["batches"]), "it is published")
    message, = heard.messages.values()
    assert b'"principal":""' in message


def test_what_is_forged_leads_to_nothing(hooked, heard):
    paid, body = fresh(), b'{"type":"invoice.paid"}'
    query = {"data.id": paid, "type": "payment"}
    signed = standard_webhooks(body, "msg_1")
    forged = [("notice", query, b"", mercadopago(fresh())), ("notice", query, b"", mercadopago(paid, "somebody else's")),
              ("notice", query, b"", mercadopago(paid, age=301)), ("notice", query, b"", mercadopago(paid, age=-330)),
              ("notice", query, b"", {**mercadopago(paid), "X-Request-Id": "another"}),
              ("event", None, body + b" ", signed), ("event", None, body, {**signed, "Webhook-Id": "msg_2"}),
              ("event", None, body, {}), ("push", None, b"{}", github(b"{ }")), ("push", None, b"{}", {})]
    answers = [tell(hooked, *told[:3], **told[3]) for told in forged]
    assert [answer.status for answer in answers] == [401] * len(forged)
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)
    nothing_came_of_it(hooked, heard)


def test_two_secrets_hold_while_they_change(hooked):
    for secret in (OLD, NEW):
        paid = fresh()
        query = {"data.id": paid, "type": "payment"}
        assert tell(hooked, "notice", query, **mercadopago(paid, secret)).status == 200


def test_an_address_in_a_notice_leads_nowhere(hooked, heard):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        place = f"127.0.0.1:{elsewhere.getsockname()[1]}"
        addresses = [f"http://{place}/merchant_orders/1", f"https://api.mercadolibre.com@{place}/1",
                     f"https://api.mercadolibre.com.evil.test:{place.partition(':')[2]}/1", f"//{place}/1", "../../1"]
        for address in addresses:
            body = json.dumps({"resource": address, "topic": "merchant_order", "data": {"id": address}}).encode()
            assert tell(hooked, "notice", {"id": address, "topic": "merchant_order"}, body).status == 400
            query = {"data.id": address, "type": "payment"}
            assert tell(hooked, "notice", query, body, **mercadopago(address)).status == 400
        nothing_came_of_it(hooked, heard)
        identity = fresh()
        body = json.dumps({"resource": addresses[0], "topic": "merchant_order"}).encode()
        assert tell(hooked, "notice", {"id": identity, "topic": "merchant_order"}, body).status == 200
        assert record_of(hooked, "notice", f"merchant_order-{identity}")["resource"] == identity
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


def test_it_may_be_told_64_kib(hooked):
    body = b'{"ref":"main"}'.ljust(LIMIT)
    at_the_gateway = Connection(hooked.stack.ports["COMPORTA_GATEWAY_PORT"])
    for ask in (hooked.request, at_the_gateway.request):
        assert ask("POST", "/api/v1/hooks/push", body, github(body)).status == 202
        larger = body + b" "
        assert ask("POST", "/api/v1/hooks/push", larger, github(larger)).status == 413


def refused_pushes(hooked):
    _status, metrics = hooked.private_get("ingest-gateway", "/metrics")
    counted, = (line for line in metrics.splitlines()
                if line.startswith('comporta_notices_total{kind="push",outcome="refused"}'))
    return float(counted.rpartition(" ")[2])


def test_a_flood_of_forged_notices_holds_nobody_up(hooked, heard):
    body = b'{"ref":"main"}'.ljust(LIMIT)

    def flood(_teller):
        connection = hooked.connect()
        headers = github(body, "somebody else's")
        return {connection.request("POST", "/api/v1/hooks/push", body, headers).status for _ in range(FLOOD // TELLERS)}

    with ThreadPoolExecutor(TELLERS) as tellers:
        flooding = [tellers.submit(flood, teller) for teller in range(TELLERS)]
        paid = fresh()
        told = tell(hooked, "notice", {"data.id": paid, "type": "payment"}, **mercadopago(paid))
        assert told.status == 200
        assert set().union(*(one.result() for one in flooding)) == {401}
    eventually(lambda: heard.has_heard(told.json()["batches"]), "what is told meanwhile is published")
    assert len(heard.messages) == 1
    eventually(lambda: refused_pushes(hooked) >= FLOOD, "each is counted")


def test_a_hook_is_no_other_door(hooked):
    record = json.dumps({"id": "payment-1", "topic": "payment", "resource": "1"}).encode()
    as_json = {"Content-Type": "application/json"}
    assert hooked.request("POST", "/api/v1/records/notice", record, as_json).status == 401
    assert hooked.request("PUT", "/api/v1/records/notice/payment-1", record, as_json).status == 401
    assert hooked.request("GET", "/api/v1/hooks/notice").status == 405
    assert tell(hooked, "unknown").status == tell(hooked, "notice/1").status == 404


def test_it_is_told_where_to_tell(hooked):
    kinds = {kind["name"]: kind for kind in hooked.get("/api/v1/kinds").json()["kinds"]}
    assert kinds["notice"]["hook"] == "/api/v1/hooks/notice"
    document = hooked.get("/openapi.json").json()
    told = document["paths"]["/api/v1/hooks/notice"]["post"]
    assert [(one["in"], one["name"]) for one in told["parameters"]] == [
        ("query", "type"), ("query", "topic"), ("query", "data.id"), ("query", "id"),
        ("header", "x-signature"), ("header", "x-request-id")]
    assert told["parameters"][2]["schema"]["pattern"] == "^[A-Za-z0-9]{1,64}$"
    assert "201" in document["paths"]["/api/v1/hooks/event"]["post"]["responses"]
    assert "/api/v1/hooks/{kind}" not in document["paths"]


def test_the_gateway_does_not_start_without_a_secret_that_is_required(tmp_path):
    (tmp_path / "push_secret").write_text(NEW)
    gateway = BUILD / "services" / "ingest-gateway" / "ingest-gateway"
    config = SOURCE / "deploy" / "config" / "ingest-gateway.yaml"
    ended = subprocess.run([gateway, "--config", config, "--kinds", KINDS], capture_output=True, text=True, check=False,
                           env={"COMPORTA_SECRETS_DIR": str(tmp_path)}, timeout=300)
    assert ended.returncode == 78
    assert "hooks.secrets_dir: has none of the secrets by which the kind event knows its notices" in ended.stderr
    assert "push" not in ended.stderr and "notice_secret" not in ended.stderr
