"""Orders are paid at the fake provider (tests/provider), and it tells of that: in every form, often, late, in any
order, signed or not, and again where nobody has listened. Now and then it answers wrongly itself."""

import json
import random
import threading
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from asking import TRY_AGAIN

TELLERS = 4
PAUSE_SECONDS = 0.3
PATIENCE_SECONDS = 120  # for one answer at its page, which tells of the notice that it has sent meanwhile
LAST_SECONDS = 240  # at the end, for what has not been charged or told yet
WITHOUT_PAYMENT = ("ipn-merchant-order", "webhook-merchant-order", "webhook-order")
FORMS = (*WITHOUT_PAYMENT, "ipn-payment", "webhook-payment")
# Those that tell of the whole, when there are parts of it.
OF_ALL = ("ipn-merchant-order", "webhook-merchant-order")
TO_PROVIDER = ("fail", "lose", "delay", "garble")
FAILURES = (500, 503, 404, 429)  # all of which may pass
OF_WHAT = (".*", "POST .*")  # the few charges among many questions
FORGED, REFUSED, LISTENED, NOBODY = "forged", 401, 200, 0


def at_page(stack, path, values=None):
    body = None if values is None else json.dumps(values).encode()
    request = urllib.request.Request(f"{stack.payment_page}control/{path}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def control(stack, action, **values):
    return at_page(stack, action, values)


def wrong(fault, seconds):
    """What it does then, as a switch of its."""
    failure = FAILURES[round(seconds * 10) % len(FAILURES)]
    return {"fail": {"status": failure}, "lose": {"lost": True}, "delay": {"seconds": seconds},
            "garble": {"body": "<html>"}}[fault]


@dataclass(frozen=True)
class Notice:
    order: str
    form: str
    signed: bool | str | None  # None: where the provider does

    @property
    def fits(self):
        """What it is answered if somebody listens."""
        return REFUSED if self.signed == FORGED else LISTENED


class Payers:
    """From `start` until `finish`. `answers`: to notices, by status. `violations`. Read them only after finish()."""

    def __init__(self, stack, seed):
        self._stack, self._rng, self._stopping = stack, random.Random(f"{seed} payers"), threading.Event()
        self._waiting = {}  # order -> its payments that are still to be made; of the thread
        self._expected = []  # orders that the thread has not seen yet
        self._notices = []
        self.answers, self.violations = Counter(), []
        self._thread = threading.Thread(target=self._run)

    def expect(self, order):
        """It has been placed. Any thread."""
        self._expected.append(order)

    def start(self):
        self._thread.start()

    def finish(self):
        """Waits until all is paid that is to be, and told."""
        self._stopping.set()
        self._thread.join()

    def _run(self):
        try:
            with ThreadPoolExecutor(TELLERS) as pool:
                while not self._stopping.wait(PAUSE_SECONDS):
                    self._work(pool)
                control(self._stack, "switch-off")
                deadline = time.monotonic() + LAST_SECONDS
                while self._has_work() and time.monotonic() < deadline:
                    self._work(pool)
                    time.sleep(PAUSE_SECONDS)
        except Exception as error:  # shown by the report
            self.violations.append(f"payers: {error!r}")
        self.violations += [f"{order.id} was not charged in time" for order in self._waiting]
        self.violations += [f"nobody listened to {notice}" for notice in self._notices]

    def _has_work(self):
        return self._expected or self._waiting or self._notices

    def _work(self, pool):
        """Of each order at most one payment, and about half of the notices."""
        while self._expected:
            order = self._expected.pop()
            self._waiting[order] = list(order.fate.payments)
        charged = {charge["reference"] for charge in at_page(self._stack, "charges")} if self._waiting else ()
        for order in [order for order in self._waiting if order.id in charged]:
            self._pay(order, self._waiting[order])
            self._err()
        self._rng.shuffle(self._notices)
        told = self._notices[:len(self._notices) // 2 + 1]
        del self._notices[:len(told)]
        for notice, was_heard in zip(told, pool.map(self._tell, told)):
            if not was_heard or self._rng.random() < 0.2:
                self._notices.append(notice)

    def _err(self):
        """Once or twice: no more than there is to do, so that nobody's tries are used up by what has heaped up."""
        if not self._stopping.is_set() and self._rng.random() < 0.3:
            fault, times = self._rng.choice(TO_PROVIDER), self._rng.randint(1, 2)
            control(self._stack, "switch", on=self._rng.choice(OF_WHAT), times=times,
                    **wrong(fault, self._rng.uniform(0.1, 2)))

    def _pay(self, order, payments):
        if not payments:
            del self._waiting[order]
            self._add(order, self._rng.choices(WITHOUT_PAYMENT if not order.fate.payments else FORMS, k=1))
            return
        share, status = payments.pop(0)
        control(self._stack, "pay", charge=order.id, share=share, status=status, silent=True)
        enough = OF_ALL if len(order.fate.payments) > 1 or order.fate.received < 1 else FORMS
        self._add(order, [self._rng.choice(enough), *self._rng.choices(FORMS, k=self._rng.randint(0, 3))])

    def _add(self, order, forms):
        for form in forms:
            self._notices.append(Notice(order.id, form, self._rng.choice([None, None, False])))
            if form.startswith("webhook") and self._rng.random() < 0.1:
                self._notices.append(Notice(order.id, form, FORGED))

    def _tell(self, notice):
        """Whether it was heard."""
        told = control(self._stack, "notify", charge=notice.order, forms=notice.form, signed=notice.signed)["told"]
        self.answers.update(told)
        if not set(told) <= {notice.fits, NOBODY, *TRY_AGAIN}:
            self.violations.append(f"{notice} was answered {told}")
            return True
        return told == [notice.fits]
