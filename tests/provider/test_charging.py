"""The fake provider keeps to the contract that its clients are written for: what it takes, what it refuses, what it says
of what was paid, and what it does wrong when it is told to."""

import http.client
import uuid

import pytest

from shop_of_tests import (  # noqa: F401
    NEW, OLD, QRS, TOKEN, call, changed, code_of, control, files, order, payments, told, without)


# -- charging --------------------------------------------------------------------------------------


def test_nobody_is_answered_without_the_token(payments):
    for authorization in ("", "Bearer x", TOKEN):
        assert call(payments, "POST", "/v1/orders", NEW, Authorization=authorization)[0] == 401
    assert not payments.book.charges


def test_a_code_of_the_older_way(payments):
    status, answer = call(payments, "POST", QRS, OLD)
    assert status == 201 and answer["qr_data"].startswith("000201") and uuid.UUID(answer["in_store_order_id"])
    status, found = call(payments, "GET", "/merchant_orders/search?external_reference=order-1")
    assert status == 200 and [one["total_amount"] for one in found["elements"]] == [53]
    assert call(payments, "POST", QRS, OLD)[0] == 201
    assert len(payments.book.of_reference("order-1")) == 2, "it knows no idempotency key"


@pytest.mark.parametrize("body, code", [
    (without(OLD, "external_reference"), "invalid_external_reference"), (without(OLD, "title"), "invalid_title"),
    (without(OLD, "description"), "invalid_description"), (without(OLD, "items"), "invalid_items"),
    (changed(OLD, "53.00", "total_amount"), "invalid_total_amount"), (changed(OLD, 52, "total_amount"), "invalid_total_amount"),
    (without(OLD, "items", 0, "unit_measure"), "invalid_items.unit_measure"),
    (changed(OLD, "25.00", "items", 0, "unit_price"), "invalid_items.unit_price"),
    (changed(OLD, "2026-01-01T00:00:00.000+00:00", "expiration_date"), "invalid_expiration_date"),
    (changed(OLD, "2030-01-01T00:00:00", "expiration_date"), "invalid_expiration_date"),
    (changed(OLD, "", "notification_url"), "invalid_notification_url"),
    (changed(OLD, 49, "items", 0, "total_amount"), "invalid_items.total_amount"), (b"{", "json_syntax_error")])
def test_what_the_older_way_refuses(payments, body, code):
    assert code_of(call(payments, "POST", QRS, body)) == (400, code)
    assert not payments.book.charges


def test_an_order_of_the_newer_way(payments):
    status, answer = order(payments)
    assert status == 201 and answer["status"] == "created" and answer["type_response"]["qr_data"].startswith("000201")
    assert answer["id"].startswith("ORD01") and len(answer["id"]) == 31
    assert call(payments, "GET", f"/v1/orders/{answer['id']}") == (200, answer)
    assert call(payments, "GET", "/v1/orders/ORD01")[0] == 404


@pytest.mark.parametrize("body, code", [
    (without(NEW, "transactions"), "required_properties"), (without(NEW, "config", "qr"), "required_properties"),
    ({**NEW, "notification_url": "https://shop.example/hooks"}, "unsupported_properties"),
    (changed(NEW, 53.0, "total_amount"), "property_type"), (changed(NEW, "53", "total_amount"), "property_value"),
    (changed(NEW, "52.00", "transactions", "payments", 0, "amount"), "property_value"),
    (changed(NEW, 25.0, "items", 0, "unit_price"), "property_type"),
    (changed(NEW, "pedido 1", "external_reference"), "property_value"), (b"[]", "json_syntax_error")])
def test_what_the_newer_way_refuses(payments, body, code):
    assert code_of(order(payments, body)) == (400, code)
    assert not payments.book.charges


def test_the_same_key_charges_once(payments):
    assert code_of(call(payments, "POST", "/v1/orders", NEW)) == (400, "empty_required_header")
    assert order(payments, key="k")[1]["id"] == order(payments, key="k")[1]["id"]
    assert code_of(order(payments, {**NEW, "description": "other"}, key="k")) == (409, "idempotency_key_already_used")
    assert order(payments, key="l")[1]["id"] != order(payments, key="k")[1]["id"]
    assert len(payments.book.charges) == 2


# -- what was paid ---------------------------------------------------------------------------------


def test_what_is_paid_shows_in_all_three_places(payments):
    identity = order(payments)[1]["id"]
    charge = payments.book.find(identity)
    payment = payments.book.pay(charge)
    assert call(payments, "GET", f"/v1/payments/{payment.id}")[1].items() >= {
        "status": "approved", "status_detail": "accredited", "transaction_amount": 53, "external_reference": "order-1",
        "order": {"id": str(charge.number), "type": "mercadopago"}}.items()
    shown = call(payments, "GET", f"/merchant_orders/{charge.number}")[1]
    assert (shown["status"], shown["order_status"], shown["paid_amount"]) == ("closed", "paid", 53)
    shown = call(payments, "GET", f"/v1/orders/{identity}")[1]
    assert (shown["status"], shown["status_detail"], shown["total_paid_amount"]) == ("processed", "accredited", "53.00")
    assert call(payments, "GET", "/v1/payments/1")[0] == call(payments, "GET", "/merchant_orders/1")[0] == 404


def test_what_is_not_enough_leaves_it_open(payments):
    call(payments, "POST", QRS, OLD)
    charge = payments.book.charges[0]
    payments.book.pay(charge, status="rejected")
    payments.book.pay(charge, 2650)
    shown = call(payments, "GET", f"/merchant_orders/{charge.number}")[1]
    assert (shown["status"], shown["order_status"], shown["paid_amount"]) == ("opened", "partially_paid", 26.5)
    assert [payment["status"] for payment in shown["payments"]] == ["rejected", "approved"]
    payments.book.pay(charge)
    assert call(payments, "GET", f"/merchant_orders/{charge.number}")[1]["status"] == "closed"


def test_refunds_and_charge_backs(payments):
    identity = order(payments)[1]["id"]
    charge = payments.book.find(identity)
    payment = payments.book.pay(charge)
    payments.book.refund(charge, payment, 1000)
    shown = call(payments, "GET", f"/v1/payments/{payment.id}")[1]
    assert (shown["status"], shown["status_detail"]) == ("approved", "partially_refunded")
    assert call(payments, "POST", f"/v1/orders/{identity}/refund", X_Idempotency_Key="k")[1]["status"] == "refunded"
    assert call(payments, "GET", f"/v1/payments/{payment.id}")[1]["status"] == "refunded"
    assert call(payments, "GET", f"/merchant_orders/{charge.number}")[1]["order_status"] == "reverted"
    assert code_of(call(payments, "POST", f"/v1/orders/{identity}/cancel", X_Idempotency_Key="k")) == (
        409, "cannot_cancel_order")
    other = payments.book.find(order(payments)[1]["id"])
    payments.book.pay(other)
    assert control(payments, "charge-back", charge=other.id)[1]["payments"][0]["status"] == "charged_back"


def test_an_order_that_nobody_paid_is_cancelled_or_expires(payments):
    first, second = (order(payments)[1]["id"] for _ in range(2))
    assert call(payments, "POST", f"/v1/orders/{first}/cancel", X_Idempotency_Key="k")[1]["status"] == "canceled"
    assert control(payments, "expire", charge=second)[1]["status"] == "expired"
    assert code_of(call(payments, "POST", f"/v1/orders/{second}/refund", X_Idempotency_Key="k")) == (
        409, "cannot_refund_order")


# -- what goes wrong -------------------------------------------------------------------------------


def test_what_is_switched_goes_wrong_so_often(payments):
    control(payments, "switch", on="POST /v1/orders", status=500, times=2)
    assert [order(payments)[0] for _ in range(3)] == [500, 500, 201]
    control(payments, "switch", on="POST .*", status="423")
    assert order(payments)[0] == call(payments, "POST", QRS, OLD)[0] == 423
    control(payments, "switch-off")
    assert order(payments)[0] == 201
    assert len(payments.book.charges) == 2, "nothing was done meanwhile"
    assert control(payments, "switch", on="(")[0] == control(payments, "switch", unknown="x")[0] == 400


def test_an_answer_that_is_lost_was_an_answer(payments):
    control(payments, "switch", on="POST /v1/orders", lost="true", times=1)
    with pytest.raises((OSError, http.client.HTTPException)):
        order(payments, key="k")
    assert order(payments, key="k")[0] == 201
    assert len(payments.book.charges) == 1
    assert [(request["status"], request["headers"]["x-idempotency-key"]) for request in payments.control.show("requests")] == [
        (0, "k"), (201, "k")]
