"""Notices, in the five forms in which they come, and their signature."""

import hashlib
import hmac
import http.client
import itertools
import json
import random
import time
import urllib.parse
import uuid
from dataclasses import dataclass

from .book import USER_ID, now, order_json

APPLICATION = "2026112900000001"
_numbers = itertools.count(126271778864)


@dataclass(frozen=True)
class Notice:
    query: dict
    body: dict
    is_signed: bool = True  # as the provider does by itself

    @property
    def signed_id(self):
        return self.query.get("data.id", "")


# -- the forms -------------------------------------------------------------------------------------


def _webhook(action, kind, data):
    return {"id": next(_numbers), "live_mode": False, "type": kind, "date_created": now(), "user_id": USER_ID,
            "api_version": "v1", "action": action, "data": data}


def ipn_merchant_order(charge, _payment):
    resource = f"https://api.mercadolibre.com/merchant_orders/{charge.number}"
    return Notice({"id": str(charge.number), "topic": "merchant_order"},
                  {"resource": resource, "topic": "merchant_order"}, False)


def ipn_payment(_charge, payment):
    return Notice({"id": str(payment.id), "topic": "payment"}, {"resource": str(payment.id), "topic": "payment"}, False)


def webhook_payment(_charge, payment):
    return Notice({"data.id": str(payment.id), "type": "payment"},
                  _webhook("payment.updated", "payment", {"id": str(payment.id)}))


def webhook_merchant_order(charge, _payment):
    """Its body has no data.id."""
    kind = "topic_merchant_order_wh"
    body = {"action": "update", "api_version": "v1", "application_id": APPLICATION, "date_created": now(),
            "id": str(charge.number), "live_mode": False, "status": "closed" if charge.is_paid else "opened", "type": kind,
            "version": 3, "data": {"currency_id": "BRL", "marketplace": "NONE"}}
    return Notice({"data.id": str(charge.number), "type": kind}, body)


def webhook_order(charge, _payment):
    shown = order_json(charge)
    data = {name: shown[name] for name in ("id", "external_reference", "status", "status_detail", "total_paid_amount",
                                           "transactions", "type") if name in shown}
    body = {**_webhook(f"order.{charge.status}", "order", data), "application_id": APPLICATION}
    return Notice({"data.id": charge.id, "type": "order"}, body)


FORMS = {"ipn-merchant-order": ipn_merchant_order, "ipn-payment": ipn_payment, "webhook-payment": webhook_payment,
         "webhook-merchant-order": webhook_merchant_order, "webhook-order": webhook_order}
# Those that the provider sends by itself when something happens to a charge.
USUAL = {"qrs": ("ipn-merchant-order", "webhook-payment", "ipn-payment"), "orders": ("webhook-order",)}


# -- sending them ----------------------------------------------------------------------------------


def signature(secret, data_id, request_id, timestamp):
    """The header x-signature. An id with letters is signed in lower case; what is empty is left out."""
    pairs = {"id": data_id.lower(), "request-id": request_id, "ts": timestamp}
    manifest = "".join(f"{name}:{value};" for name, value in pairs.items() if value)
    return f"ts={timestamp},v1={hmac.new(secret.encode(), manifest.encode(), hashlib.sha256).hexdigest()}"


def headers_of(notice, secret, signed=None, age=0):
    """`signed`: None as usual, True, False, or `forged`. `age`: of the signature, in seconds."""
    request_id = str(uuid.uuid4())
    headers = {"Content-Type": "application/json", "User-Agent": "MercadoPago WebHook v1.0", "X-Request-Id": request_id}
    if notice.is_signed if signed is None else signed:
        used = "somebody else's" if signed == "forged" else secret
        headers["X-Signature"] = signature(used, notice.signed_id, request_id, str(int(time.time() - age)))
    return headers


def send(url, notice, headers, timeout=22):
    """The status of the answer; 0 if there was none."""
    where = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname, where.port or 80, timeout=timeout)
    try:
        connection.request("POST", f"{where.path}?{urllib.parse.urlencode(notice.query)}", json.dumps(notice.body), headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Sender:
    """Tells `url` of what happens. `sent` has each notice with its answer. A test calls it; no thread of its own."""

    def __init__(self, url, secret):
        self.url, self.secret, self.sent = url, secret, []

    def notify(self, charge, payment=None, forms=None, times=1, signed=None, age=0, shuffle=None):
        """In these forms, by default those of the charge, each so many times; with `shuffle`, a seed, in any order.

        Forms that are about a payment need one: by default the latest. Returns the statuses.
        """
        payment = payment or (charge.payments[-1] if charge.payments else None)
        names = [name for name in forms or USUAL[charge.api] if payment or not name.endswith("-payment")]
        names = [name for name in names for _ in range(times)]
        if shuffle is not None:
            random.Random(shuffle).shuffle(names)
        return [self.send(FORMS[name](charge, payment), signed, age, charge.notification_url) for name in names]

    def send(self, notice, signed=None, age=0, url=""):
        """To `url` only where there is none that is told of everything."""
        if not (self.url or url):
            return 0
        status = send(self.url or url, notice, headers_of(notice, self.secret, signed, age))
        self.sent.append({"query": notice.query, "status": status})
        return status
