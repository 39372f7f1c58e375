"""A running whole whose reactions (tests/data/reactions) ask a provider of the test's."""

import contextlib
import itertools
import json
from collections import Counter

from client import Comporta, eventually
from comporta_native.daemons import with_settings
from comporta_native.ports import Instances
from comporta_native.stack import SOURCE
from operator_tool import run_tool
from outage import metric
from provider import Provider, json_reply, with_times

KINDS = SOURCE / "tests" / "data" / "reactions"
# So that who is held up for a few seconds on a busy machine is neither asked again nor taken for dead.
PATIENT = {"timeout: 2s": "timeout: 30s"}
LEASE = "10s"
TOKEN = "reaction-token-2048"
HOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CACHES = ("cache", "cache-2")
FRESH = map("o{}".format, itertools.count(1))  # orders that no other test has
GOOD = json_reply({"data": {"status": "open", "qr": "00020126"}}, 201)


class Reacting:
    """`provider` is asked because of orders."""

    def __init__(self, stack, provider):
        self.comporta, self.stack, self.provider = Comporta(stack), stack, provider

    def order(self, key=None, ask="charge", **members):
        """Its key, once it is taken."""
        key = key or next(FRESH)
        answer = self.comporta.connect().upload([{"id": key, "ask": ask, **members}], kind="order")
        assert answer.status == 202, answer
        return key

    def said(self, order):
        """What outcomes there are: none, or {"said", "reason", "qr"}."""
        answer = self.comporta.get(f"/api/v1/views/payment/of?order={order}")
        return answer.json() if answer.status == 200 else None

    def wait_said(self, order, *said):
        return eventually(lambda: (now := self.said(order)) and now["said"] == list(said) and now,
                          f"{order} is said to be {said}")

    def keys(self, order):
        """The ids under which the provider was asked about it, each with how often."""
        return Counter(headers["X-Idempotency-Key"] for path, headers in list(self.provider.asked)
                       if path.partition("?")[0] == f"/v1/orders/{order}")

    def waiting(self):
        return [json.loads(line) for line in run_tool(self.stack, "reactions", "list", "--json").splitlines()]

    def nothing_waits(self):
        return not self.waiting()

    def holder(self):
        """Which cache works them off."""
        return eventually(lambda: next((name for name in CACHES if self._works(name)), None), "one of them works")

    def order_asked_about(self):
        """An order, and the cache that asks about it: the provider holds its answer. On a busy machine another one may
        take over meanwhile, and asks, too: then it is another order."""
        while True:
            self.provider.hold()
            holder, order = self.holder(), self.order()
            eventually(lambda: self.keys(order), "it is asked about")
            if self.holder() == holder and sum(self.keys(order).values()) == 1:
                return order, holder
            self.provider.release()
            self.wait_said(order, "open")

    def _works(self, name):
        with contextlib.suppress(OSError):  # it was killed
            return metric(self.comporta, name, "reactions_active") == 1

    def metric(self, name, **labels):
        """Of all caches, of kind order."""
        wanted = ",".join(f'{key}="{value}"' for key, value in sorted({"kind": "order", **labels}.items()))
        texts = (self.comporta.private_get(cache, "/metrics")[1] for cache in CACHES)
        return sum(float(line.rpartition(" ")[2]) for text in texts for line in text.splitlines()
                   if line.startswith(f"{name}{{{wanted}}}"))

    def from_anew(self):
        """With a provider that answers, has not been asked, and nothing that waits."""
        self.provider.answer = lambda path: GOOD
        self.provider.release()
        if not self.nothing_waits():
            run_tool(self.stack, "reactions", "give-up", "all")
            eventually(self.nothing_waits, "what earlier tests have left is given up")
        self.provider.forget()
        return self


def while_reacting(make_stack, folder, first_pause="50ms", settings=None):
    """For the `yield from` of a fixture. `settings`: more of the stack's."""
    (folder / "secrets").mkdir()
    (folder / "secrets" / "provider_token").write_text(TOKEN + "\n")
    (folder / "secrets" / "hook_secret").write_text(HOOK_SECRET + "\n")
    provider = Provider(folder, lambda path: GOOD)
    stack = make_stack(instances=Instances(cache=2), settings={
        "COMPORTA_KINDS": str(with_times(KINDS, folder / "kinds", "order", PATIENT)),
        "COMPORTA_TEST_PROVIDER": provider.host,
        "COMPORTA_SECRETS_DIR": str(folder / "secrets"), "COMPORTA_LOOKUPS_CA_FILE": str(provider.authority),
        "COMPORTA_LOOKUPS_PRIVATE_HOSTS": "localhost", **(settings or {})})
    for name in CACHES:
        stack.parts[name] = with_settings(stack.parts[name], folder / f"{name}.yaml",
                                          {"first_pause": first_pause, "lease": LEASE})
    stack.start()
    yield Reacting(stack, provider)
    stack.discard()
    provider.stop()
