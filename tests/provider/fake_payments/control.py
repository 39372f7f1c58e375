"""What somebody does at the provider: pays, refunds, lets things go wrong. By the page's buttons, or with JSON."""

import re
from dataclasses import asdict

from .book import text_of

NUMBERS = {"times": int, "status": int, "seconds": float, "age": int, "shuffle": int}
SIGNED = {"true": True, "false": False}


class BadControl(Exception):
    """It cannot be done; says why."""


def _cents(text):
    return round(float(text) * 100)


def _charge_json(charge):
    return {"reference": charge.reference, "id": charge.id, "merchant_order": charge.number, "api": charge.api,
            "total": text_of(charge.total), "status": charge.status, "paid": text_of(charge.paid),
            "payments": [asdict(payment) for payment in charge.payments]}


class Control:
    """Any thread. Each action takes texts by name, and returns what JSON has."""

    def __init__(self, book, switches, sender, requests):
        self.book, self.switches, self.sender, self.requests = book, switches, sender, requests

    def show(self, what):
        """None: there is nothing of that name."""
        if what == "requests":
            return list(self.requests)
        if what == "notices":
            return list(self.sender.sent)
        if what == "charges":
            with self.book.lock:
                return [_charge_json(charge) for charge in self.book.charges]
        return None

    def do(self, action, values):
        actions = {"pay": self._pay, "refund": self._refund, "charge-back": self._charge_back, "expire": self._expire,
                   "notify": self._notify, "switch": self._switch, "switch-off": self._switch_off, "forget": self._forget}
        if action not in actions:
            raise BadControl(f"there is no {action}")
        try:
            return actions[action](values)
        except (KeyError, TypeError, ValueError, re.error) as error:
            raise BadControl(repr(error)) from error

    def _charge_in(self, values):
        charge = self.book.find(values["charge"])
        if not charge:
            raise BadControl("there is no such charge")
        return charge

    def _told(self, charge, payment, values):
        if values.get("silent"):
            return _charge_json(charge)
        options = {name: NUMBERS[name](values[name]) for name in ("times", "age", "shuffle") if name in values}
        forms = values["forms"].split(",") if "forms" in values else None
        signed = SIGNED.get(str(values.get("signed")).lower(), values.get("signed"))
        return {**_charge_json(charge), "told": self.sender.notify(charge, payment, forms, signed=signed, **options)}

    def _pay(self, values):
        charge = self._charge_in(values)
        amount = _cents(values["amount"]) if "amount" in values else None
        if "share" in values:
            amount = round(charge.total * float(values["share"]))
        payment = self.book.pay(charge, amount, values.get("status", "approved"))
        return self._told(charge, payment, values)

    def _latest_approved(self, charge):
        found = [payment for payment in charge.payments if payment.status == "approved"]
        if not found:
            raise BadControl("nothing of it is paid")
        return found[-1]

    def _refund(self, values):
        charge = self._charge_in(values)
        payment = self._latest_approved(charge)
        self.book.refund(charge, payment, _cents(values["amount"]) if "amount" in values else None)
        return self._told(charge, payment, values)

    def _charge_back(self, values):
        charge = self._charge_in(values)
        payment = self._latest_approved(charge)
        self.book.change(charge, payment, "charged_back")
        return self._told(charge, payment, values)

    def _expire(self, values):
        charge = self._charge_in(values)
        self.book.become(charge, "expired")
        return self._told(charge, None, values)

    def _notify(self, values):
        return self._told(self._charge_in(values), None, values)

    def _switch(self, values):
        numbers = {name: NUMBERS[name](value) for name, value in values.items() if name in NUMBERS}
        self.switches.turn(**{**values, **numbers, "lost": str(values.get("lost", "")).lower() in ("true", "yes", "1")})
        return {}

    def _switch_off(self, _values):
        self.switches.turn_off()
        return {}

    def _forget(self, _values):
        self.requests.clear()
        self.sender.sent.clear()
        return {}
