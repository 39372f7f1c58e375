"""What has been charged and paid: orders, merchant orders and payments, as the provider's API shows them."""

import datetime
import itertools
import threading
import uuid
from dataclasses import dataclass, field

CURRENCY, SITE = "BRL", "MLB"
USER_ID = "20260001"
REFUSED, SETTLED = ("rejected", "cancelled"), ("approved", "refunded", "charged_back")


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(amount):
    """Of cents: as the JSON number and as the text that the API has."""
    return amount // 100 if amount % 100 == 0 else amount / 100


def text_of(amount):
    return f"{amount / 100:.2f}"


@dataclass
class Payment:
    id: int
    amount: int  # cents
    status: str
    refunded: int = 0
    created: str = field(default_factory=now)
    updated: str = field(default_factory=now)

    @property
    def detail(self):
        if self.status == "approved":
            return "partially_refunded" if self.refunded else "accredited"
        return {"rejected": "cc_rejected_other_reason", "pending": "pending_waiting_payment"}.get(self.status, self.status)


@dataclass
class Charge:
    """One order that was placed with the provider, in whichever of its two ways."""

    api: str  # orders or qrs
    reference: str
    total: int  # cents
    title: str
    number: int  # of its merchant order
    id: str
    part: str  # the payment that an order of the newer API announces
    state: str = "created"  # created, canceled or expired; what was paid is in `payments`
    payments: list = field(default_factory=list)
    created: str = field(default_factory=now)
    updated: str = field(default_factory=now)
    notification_url: str = ""

    @property
    def qr(self):
        return f"00020101021226580014br.gov.bcb.qr{self.number}5204000053039865406{text_of(self.total)}6304FA4E"

    def sum_of(self, *statuses):
        return sum(payment.amount for payment in self.payments if payment.status in statuses)

    @property
    def paid(self):
        return self.sum_of("approved")

    @property
    def refunded(self):
        return sum(payment.refunded for payment in self.payments)

    @property
    def is_paid(self):
        return self.paid >= self.total

    @property
    def status(self):
        """Of an order of the newer API."""
        if self.sum_of(*SETTLED) >= self.total:
            return "processed" if self.paid >= self.total else "refunded"
        return self.state


class Book:
    """Any thread. Each id is given once."""

    def __init__(self):
        self.lock = threading.RLock()
        self.charges = []
        self._numbers = itertools.count(15140831325)
        self._payment_numbers = itertools.count(132646402927)

    def charge(self, api, reference, total, title, notification_url=""):
        with self.lock:
            identity = f"ORD01{uuid.uuid4().hex[:26].upper()}" if api == "orders" else str(uuid.uuid4())
            made = Charge(api, reference, total, title, next(self._numbers), identity,
                          f"PAY01{uuid.uuid4().hex[:26].upper()}", notification_url=notification_url)
            self.charges.append(made)
            return made

    def pay(self, charge, amount=None, status="approved"):
        """By default all that is missing."""
        with self.lock:
            payment = Payment(next(self._payment_numbers), charge.total - charge.paid if amount is None else amount, status)
            charge.payments.append(payment)
            charge.updated = now()
            return payment

    def refund(self, charge, payment, amount=None):
        """By default all of it."""
        with self.lock:
            payment.refunded = payment.amount if amount is None else payment.refunded + amount
            if payment.refunded >= payment.amount:
                payment.status = "refunded"
            payment.updated = charge.updated = now()

    def change(self, charge, payment, status):
        """charged_back, or whatever else becomes of a payment."""
        with self.lock:
            payment.status, payment.updated = status, now()
            charge.updated = payment.updated

    def become(self, charge, state):
        """canceled or expired."""
        with self.lock:
            charge.state, charge.updated = state, now()

    def of_reference(self, reference):
        with self.lock:
            return [charge for charge in self.charges if charge.reference == reference]

    def find(self, identity):
        """The charge of that order, merchant order or reference; the latest, if there are several."""
        with self.lock:
            return next((charge for charge in reversed(self.charges)
                         if identity in (charge.id, str(charge.number), charge.reference)), None)

    def find_payment(self, identity):
        with self.lock:
            return next(((charge, payment) for charge in self.charges for payment in charge.payments
                         if str(payment.id) == identity), (None, None))


# -- as the API shows them -------------------------------------------------------------------------


def order_json(charge):
    part = {"id": charge.part, "amount": text_of(charge.total), "status": charge.status,
            "status_detail": "ready_to_process" if charge.status == "created" else charge.status}
    order = {"id": charge.id, "type": "qr", "external_reference": charge.reference, "total_amount": text_of(charge.total),
             "expiration_time": "PT16M", "country_code": "BRA", "user_id": USER_ID, "status": charge.status,
             "status_detail": "accredited" if charge.status == "processed" else charge.status, "currency": CURRENCY,
             "created_date": charge.created, "last_updated_date": charge.updated, "transactions": {"payments": [part]},
             "type_response": {"qr_data": charge.qr}}
    if charge.status in ("processed", "refunded"):
        order["total_paid_amount"] = part["paid_amount"] = text_of(charge.sum_of(*SETTLED))
        part["reference"] = {"id": str(charge.payments[-1].id)}
    if charge.status == "refunded":
        order["transactions"]["refunds"] = [{"transaction_id": charge.part, "amount": text_of(charge.refunded)}]
    return order


def payment_json(charge, payment):
    return {"id": payment.id, "status": payment.status, "status_detail": payment.detail,
            "external_reference": charge.reference, "transaction_amount": money(payment.amount),
            "transaction_amount_refunded": money(payment.refunded), "currency_id": CURRENCY, "payment_method_id": "pix",
            "payment_type_id": "bank_transfer", "date_created": payment.created, "date_last_updated": payment.updated,
            "date_approved": payment.created if payment.status in SETTLED else None,
            "order": {"id": str(charge.number), "type": "mercadopago"}, "payer": {"id": "1"}, "live_mode": False}


def merchant_order_json(charge):
    payments = [{"id": payment.id, "transaction_amount": money(payment.amount),
                 "total_paid_amount": 0 if payment.status in REFUSED else money(payment.amount), "status": payment.status,
                 "status_detail": payment.detail, "amount_refunded": money(payment.refunded),
                 "date_approved": payment.created if payment.status in SETTLED else None} for payment in charge.payments]
    is_settled = charge.sum_of(*SETTLED) >= charge.total
    status = "closed" if is_settled else "expired" if charge.state == "expired" else "opened"
    order_status = ("paid" if charge.is_paid else "reverted" if is_settled else
                    "partially_paid" if charge.paid else "payment_required")
    return {"id": charge.number, "status": status, "order_status": order_status, "external_reference": charge.reference,
            "payments": payments, "total_amount": money(charge.total), "paid_amount": money(charge.paid),
            "refunded_amount": money(charge.refunded), "cancelled": charge.state == "canceled", "site_id": SITE,
            "date_created": charge.created, "last_updated": charge.updated}
