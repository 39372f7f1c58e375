"""How the fake provider tells of what was paid, and what can be done at its page."""

import hashlib
import hmac
import http.client
import json
import urllib.parse

from shop_of_tests import NEW, OLD, QRS, SECRET, TOKEN, call, control, files, order, payments, told  # noqa: F401

from fake_payments.notices import FORMS
from fake_payments.server import FakePayments


# -- telling ---------------------------------------------------------------------------------------


def signature_is_good(query, headers, secret=SECRET):
    """By what the provider's documents say, written once more."""
    ts, v1 = (part.split("=")[1] for part in headers["X-Signature"].split(","))
    manifest = f"id:{query['data.id'].lower()};request-id:{headers['X-Request-Id']};ts:{ts};"
    return hmac.new(secret.encode(), manifest.encode(), hashlib.sha256).hexdigest() == v1


def test_a_notice_in_each_of_its_forms(payments, told):
    identity = order(payments)[1]["id"]
    charge = payments.book.find(identity)
    payment = payments.book.pay(charge)
    assert payments.sender.notify(charge, forms=list(FORMS)) == [200] * 5
    queries = [query for query, _headers, _body in told.notices]
    number, paid = str(charge.number), str(payment.id)
    assert queries == [{"id": number, "topic": "merchant_order"}, {"id": paid, "topic": "payment"},
                       {"data.id": paid, "type": "payment"}, {"data.id": number, "type": "topic_merchant_order_wh"},
                       {"data.id": identity, "type": "order"}]
    bodies = [body for _query, _headers, body in told.notices]
    assert bodies[0]["resource"] == f"https://api.mercadolibre.com/merchant_orders/{number}"
    assert bodies[2]["data"] == {"id": paid} and "id" not in bodies[3]["data"]
    assert bodies[4]["action"] == "order.processed" and bodies[4]["data"]["status"] == "processed"
    assert ["X-Signature" in headers for _query, headers, _body in told.notices] == [False, False, True, True, True]
    assert all(signature_is_good(query, headers) for query, headers, _body in told.notices[2:])


def test_signed_or_not_or_by_somebody_else(payments, told):
    charge = payments.book.find(order(payments)[1]["id"])
    payments.book.pay(charge)
    payments.sender.notify(charge, signed=False)
    assert "X-Signature" not in told.notices[0][1]
    payments.sender.notify(charge, signed="forged")
    query, headers, _body = told.notices[1]
    assert not signature_is_good(query, headers) and signature_is_good(query, headers, "somebody else's")


def test_many_times_and_in_any_order(payments, told):
    charge = payments.book.find(order(payments)[1]["id"])
    payments.book.pay(charge)
    asked = list(FORMS)
    payments.sender.notify(charge, forms=asked, times=4, shuffle=7)
    topics = [query.get("type", query.get("topic")) for query, _headers, _body in told.notices]
    assert len(topics) == 20 and topics.count("order") == 4
    assert topics != sorted(topics, key=topics.index)
    told.notices.clear()
    payments.sender.notify(charge, forms=asked, times=4, shuffle=7)
    assert [query.get("type", query.get("topic")) for query, _headers, _body in told.notices] == topics


def test_without_anybody_to_tell_nothing_is_told(files, told):
    silent = FakePayments(files[1], TOKEN, SECRET)
    silent.authority = files[0]
    url = f"http://127.0.0.1:{told.server_port}/hooks"
    call(silent, "POST", QRS, OLD)
    call(silent, "POST", QRS, {**OLD, "external_reference": "order-2", "notification_url": url})
    assert control(silent, "pay", charge="order-1")[1]["told"] == [0, 0, 0]
    assert control(silent, "pay", charge="order-2")[1]["told"] == [200, 200, 200]
    silent.stop()


# -- the page --------------------------------------------------------------------------------------


def page_of(payments, method="GET", path="/", **fields):
    connection = http.client.HTTPConnection("127.0.0.1", payments.page_port, timeout=30)
    connection.request(method, path, urllib.parse.urlencode(fields) or None,
                       {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def test_a_charge_is_paid_by_a_click(payments, told):
    assert "Nada a pagar" in page_of(payments)[2]
    identity = order(payments, {**NEW, "description": "<b>Pedido</b>"})[1]["id"]
    shown = page_of(payments)[2]
    assert 'data-reference="order-1" data-status="created"' in shown and "&lt;b&gt;Pedido" in shown
    status, headers, _body = page_of(payments, "POST", "/control/pay", charge=identity)
    assert (status, headers["Location"]) == (303, "/")
    assert 'data-status="processed"' in page_of(payments)[2]
    assert [query for query, _headers, _body in told.notices] == [{"data.id": identity, "type": "order"}]
    page_of(payments, "POST", "/control/refund", charge=identity)
    assert 'data-status="refunded"' in page_of(payments)[2]


def test_half_of_it_by_a_click(payments, told):
    identity = order(payments)[1]["id"]
    page_of(payments, "POST", "/control/pay", charge=identity, share="0.5")
    assert "pago / paid R$ 26.50" in page_of(payments)[2]
    assert control(payments, "pay", charge=identity, silent=True)[1]["paid"] == "53.00"
    assert len(told.notices) == 1


def test_what_is_asked_of_it_is_logged(payments):
    identity = order(payments)[1]["id"]
    call(payments, "GET", f"/v1/orders/{identity}")
    _status, _headers, body = page_of(payments, path="/control/requests")
    assert [(one["method"], one["path"], one["status"]) for one in json.loads(body)] == [
        ("POST", "/v1/orders", 201), ("GET", f"/v1/orders/{identity}", 200)]
    assert json.loads(page_of(payments, path="/control/charges")[2])[0]["reference"] == "order-1"
    assert control(payments, "forget") == (200, {}) and not payments.requests
    assert page_of(payments, path="/control/secrets")[0] == 404
    assert control(payments, "rob")[0] == control(payments, "pay", charge="none")[0] == 400
