"""A shop that charges by the fake provider, and hears what that tells."""

import http.client
import json
import ssl
import sys
import threading
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_payments import certificates  # noqa: E402
from fake_payments.server import FakePayments  # noqa: E402

TOKEN, SECRET = "TEST-token-7391", "a panel's secret"
QRS = "/instore/orders/qr/seller/collectors/20260001/pos/LOJ001POS001/qrs"
OLD = {"external_reference": "order-1", "title": "Pedido 1", "description": "Lanches", "total_amount": 53.0,
       "expiration_date": "2030-11-29T16:34:56.559-04:00",
       "items": [{"title": "X-Tudo", "unit_price": 25.0, "quantity": 2, "unit_measure": "unit", "total_amount": 50.0},
                 {"title": "Água", "unit_price": 3, "quantity": 1, "unit_measure": "unit", "total_amount": 3}]}
NEW = {"type": "qr", "total_amount": "53.00", "description": "Pedido 1", "external_reference": "order-1",
       "expiration_time": "PT16M", "config": {"qr": {"external_pos_id": "LOJ001POS001", "mode": "dynamic"}},
       "transactions": {"payments": [{"amount": "53.00"}]},
       "items": [{"title": "X-Tudo", "unit_price": "25.00", "quantity": 2, "unit_measure": "unit"},
                 {"title": "Água", "unit_price": "3.00", "quantity": 1, "unit_measure": "unit"}]}


class Told(BaseHTTPRequestHandler):
    """Whom the provider tells."""

    def do_POST(self):
        where = urllib.parse.urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.notices.append((dict(urllib.parse.parse_qsl(where.query)), dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def told():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    server.notices = []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def payments(files, told):
    made = FakePayments(files[1], TOKEN, SECRET, f"http://127.0.0.1:{told.server_port}/hooks")
    made.authority = files[0]
    yield made
    made.stop()


def call(payments, method, path, body=None, **headers):
    """(status, JSON), with the authority's certificate trusted and no other."""
    context = ssl.create_default_context(cafile=payments.authority)
    connection = http.client.HTTPSConnection("localhost", payments.port, timeout=30, context=context)
    headers = {"Authorization": f"Bearer {TOKEN}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        connection.request(method, path, body if isinstance(body, (bytes, type(None))) else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def order(payments, body=None, key=None):
    return call(payments, "POST", "/v1/orders", body or NEW, X_Idempotency_Key=key or str(uuid.uuid4()))


def control(payments, action, **values):
    connection = http.client.HTTPConnection("127.0.0.1", payments.page_port, timeout=30)
    connection.request("POST", f"/control/{action}", json.dumps(values))
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def code_of(answer):
    return answer[0], answer[1]["errors"][0]["code"]


def without(body, *path):
    copy = json.loads(json.dumps(body))
    place = copy
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return copy


def changed(body, value, *path):
    copy = json.loads(json.dumps(body))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copy
