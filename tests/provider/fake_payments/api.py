"""The provider's API: a request becomes a status and a JSON value. What a client may rely on is in its documents; what
they leave open is said here."""

import datetime
import json
import re
from dataclasses import dataclass

from .book import merchant_order_json, order_json, payment_json

QRS = re.compile(r"/instore/orders/qr/seller/collectors/([\w-]+)/pos/([\w-]+)/qrs")
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
AMOUNT = re.compile(r"\d{1,9}\.\d\d")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict
    headers: dict  # names in lower case
    body: bytes = b""


class Refusal(Exception):
    """What is answered instead."""

    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def _errors(status, code):
    return status, {"errors": [{"code": code, "message": code.replace("_", " "), "details": []}]}


def _cents(number):
    return round(number * 100)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# -- the older way: in-store QR codes --------------------------------------------------------------


def _is_ahead(text):
    """A time with its offset that lies in the future."""
    try:
        time = datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return time.tzinfo is not None and time > datetime.datetime.now(datetime.timezone.utc)


def check_qrs(body):
    """Numbers have to be numbers there. Raises Refusal with the code that the documents name."""
    for member in ("external_reference", "title", "description"):
        if not isinstance(body.get(member), str) or not body[member]:
            raise Refusal(400, f"invalid_{member}")
    if not _is_number(body.get("total_amount")) or body["total_amount"] <= 0:
        raise Refusal(400, "invalid_total_amount")
    if "expiration_date" in body and not _is_ahead(body["expiration_date"]):
        raise Refusal(400, "invalid_expiration_date")
    if "notification_url" in body and not re.match("https?://.", str(body["notification_url"])):
        raise Refusal(400, "invalid_notification_url")
    items = body.get("items")
    if not isinstance(items, list) or not items:
        raise Refusal(400, "invalid_items")
    for item in items:
        for member in ("title", "unit_measure"):
            if not isinstance(item.get(member), str):
                raise Refusal(400, f"invalid_items.{member}")
        for member in ("quantity", "unit_price", "total_amount"):
            if not _is_number(item.get(member)):
                raise Refusal(400, f"invalid_items.{member}")
        if _cents(item["quantity"] * item["unit_price"]) != _cents(item["total_amount"]):
            raise Refusal(400, "invalid_items.total_amount")
    if sum(_cents(item["total_amount"]) for item in items) != _cents(body["total_amount"]):
        raise Refusal(400, "invalid_total_amount")


# -- the newer way: orders -------------------------------------------------------------------------


def _amount(text):
    if not isinstance(text, str):
        raise Refusal(400, "property_type")
    if not AMOUNT.fullmatch(text):
        raise Refusal(400, "property_value")
    return round(float(text) * 100)


def check_order(body):
    """Amounts have to be texts there. Returns what it is about, in cents."""
    if not {"type", "total_amount", "external_reference", "config", "transactions"} <= body.keys():
        raise Refusal(400, "required_properties")
    if body.keys() - {"type", "total_amount", "description", "external_reference", "expiration_time", "config",
                      "transactions", "items"}:
        raise Refusal(400, "unsupported_properties")
    if body["type"] != "qr" or not REFERENCE.fullmatch(str(body["external_reference"])):
        raise Refusal(400, "property_value")
    if not body["config"].get("qr", {}).get("external_pos_id"):
        raise Refusal(400, "required_properties")
    total = _amount(body["total_amount"])
    if sum(_amount(payment.get("amount")) for payment in body["transactions"].get("payments", [])) != total:
        raise Refusal(400, "property_value")
    items = body.get("items", [])
    if items and sum(_amount(item.get("unit_price")) * item.get("quantity", 0) for item in items) != total:
        raise Refusal(400, "property_value")
    return total


class Api:
    """`token`: what a client has to send. Any thread."""

    def __init__(self, book, token):
        self.book, self.token = book, token
        self._answered = {}  # by idempotency key: the body that came, and the charge

    def answer(self, request):
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"message": "invalid access token", "error": "unauthorized", "status": 401}
        try:
            return self._route(request)
        except Refusal as refusal:
            return _errors(refusal.status, refusal.code)

    def _route(self, request):
        method, path = request.method, request.path
        if (found := QRS.fullmatch(path)) and method in ("POST", "PUT"):
            return self._charge_by_qrs(request, *found.groups())
        if (method, path) == ("POST", "/v1/orders"):
            return self._charge_by_order(request)
        if (method, path) == ("GET", "/merchant_orders/search"):
            found = self.book.of_reference(request.query.get("external_reference", ""))
            return 200, {"elements": [merchant_order_json(charge) for charge in found], "total": len(found)}
        if found := re.fullmatch(r"/v1/orders/(\w+)/(cancel|refund)", path):
            return self._change_order(request, *found.groups())
        if method == "GET" and (found := re.fullmatch(r"/(v1/orders|v1/payments|merchant_orders)/(\w+)", path)):
            with self.book.lock:  # of one moment
                return self._show(*found.groups())
        return 404, {"message": "not found", "status": 404}

    def _body(self, request):
        try:
            body = json.loads(request.body)
        except ValueError:
            raise Refusal(400, "json_syntax_error") from None
        if not isinstance(body, dict):
            raise Refusal(400, "json_syntax_error")
        return body

    def _charge_by_qrs(self, request, _collector, _pos):
        """Knows no idempotency key: who asks twice has charged twice."""
        body = self._body(request)
        check_qrs(body)
        charge = self.book.charge("qrs", body["external_reference"], _cents(body["total_amount"]), body["title"],
                                  body.get("notification_url", ""))
        return 201, {"qr_data": charge.qr, "in_store_order_id": charge.id}

    def _charge_by_order(self, request):
        """Again with the same key and body: the first answer."""
        key = request.headers.get("x-idempotency-key", "")
        if not key:
            raise Refusal(400, "empty_required_header")
        with self.book.lock:
            before, charge = self._answered.get(key, (None, None))
            if charge and before != request.body:
                raise Refusal(409, "idempotency_key_already_used")
            if not charge:
                body = self._body(request)
                charge = self.book.charge("orders", body.get("external_reference"), check_order(body),
                                          body.get("description", ""))
                self._answered[key] = request.body, charge
            return 201, order_json(charge)

    def _change_order(self, request, identity, change):
        charge = self.book.find(identity)
        if not charge or charge.api != "orders":
            raise Refusal(404, "order_not_found")
        if not request.headers.get("x-idempotency-key"):
            raise Refusal(400, "empty_required_header")
        if charge.status != {"cancel": "created", "refund": "processed"}[change]:
            raise Refusal(409, f"cannot_{change}_order")
        if change == "cancel":
            self.book.become(charge, "canceled")
        else:
            for payment in charge.payments:
                if payment.status == "approved":
                    self.book.refund(charge, payment)
        return 200 if change == "cancel" else 201, order_json(charge)

    def _show(self, what, identity):
        if what == "v1/payments":
            charge, payment = self.book.find_payment(identity)
            return (200, payment_json(charge, payment)) if payment else (404, {"message": "Payment not found", "status": 404})
        charge = self.book.find(identity)
        if what == "merchant_orders":
            is_it = charge and str(charge.number) == identity
            return (200, merchant_order_json(charge)) if is_it else (404, {"message": "not found", "status": 404})
        if not charge or charge.id != identity or charge.api != "orders":
            raise Refusal(404, "order_not_found")
        return 200, order_json(charge)
