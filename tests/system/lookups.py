"""A running whole whose lookups (tests/data/lookups) ask a provider of the test's."""

import itertools

from callers import token
from client import Comporta, Connection, eventually
from comporta_native.daemons import with_settings
from comporta_native.ports import Instances
from comporta_native.stack import SOURCE
from provider import Provider, credit, with_times

KINDS = SOURCE / "tests" / "data" / "lookups"
TOKEN = "lookup-token-7391"
LOOKUPS = "/api/v1/lookups/sale"
PAUSE = "8s"  # that a test may be held up within
# As long as may be, so that a busy machine is no provider that is away.
PATIENT = {"timeout: 1s": "timeout: 4s", "timeout: 2s": "timeout: 4s"}


def cpf_of(number):
    """With its check digits."""
    digits = [int(digit) for digit in str(number)]
    for _ in range(2):
        total = sum(digit * weight for digit, weight in zip(reversed(digits), range(2, 12)))
        digits.append(total * 10 % 11 % 10)
    return "".join(map(str, digits))


FRESH_CPF = map(cpf_of, itertools.count(100_000_001))  # that no other question has; for any thread


class Asking:
    """A running whole whose lookups ask `provider`."""

    def __init__(self, stack, provider):
        self.comporta, self.stack, self.provider = Comporta(stack), stack, provider

    def ask(self, name, caller="", roles=(), at="COMPORTA_CACHE_PORT", **parameters):
        """At one cache, which calls for itself; at COMPORTA_PORT, at either."""
        headers = {"Authorization": "Bearer " + token(self.stack, caller, roles)} if caller else {}
        query = "&".join(f"{key}={value}" for key, value in parameters.items())
        return Connection(self.stack.ports[at]).request("GET", f"{LOOKUPS}/{name}?{query}", None, headers)

    def fresh(self, cpf, **options):
        return self.ask("fresh", cpf=cpf, **options)

    def works(self):
        """A question that nobody has asked is answered: so its circuit is closed, and no failure counts."""
        answer = self.fresh(next(FRESH_CPF))
        return answer.status == 200 and not answer.json()["stale"]

    def metric(self, name, **labels):
        """Of the first cache, of kind sale."""
        wanted = ",".join(f'{key}="{value}"' for key, value in {"kind": "sale", **labels}.items())
        _status, text = self.comporta.private_get("cache", "/metrics")
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(f"{name}{{{wanted}}}"))

    def logged(self, message):
        log = (self.stack.directory / "log" / "cache.log").read_text()
        return [line for line in log.splitlines() if message in line]

    def from_anew(self):
        """With a provider that answers, and has not been asked."""
        self.provider.answer = lambda path: credit(1234)
        self.provider.release()
        eventually(self.works, "the provider is asked again")
        self.provider.forget()
        return self


def while_asking(make_stack, folder):
    """For the `yield from` of a fixture."""
    (folder / "secrets").mkdir()
    (folder / "secrets" / "provider_token").write_text(TOKEN + "\n")
    provider = Provider(folder)
    stack = make_stack(instances=Instances(cache=2), settings={
        "COMPORTA_KINDS": str(with_times(KINDS, folder / "kinds", "sale", PATIENT)),
        "COMPORTA_TEST_PROVIDER": provider.host,
        "COMPORTA_TEST_ELSEWHERE": f"127.0.0.1:{provider.port}", "COMPORTA_SECRETS_DIR": str(folder / "secrets"),
        "COMPORTA_LOOKUPS_CA_FILE": str(provider.authority), "COMPORTA_LOOKUPS_PRIVATE_HOSTS": "localhost",
        "COMPORTA_LOG_LEVEL": "debug"})
    for name in ("cache", "cache-2"):
        stack.parts[name] = with_settings(stack.parts[name], folder / f"{name}.yaml", {"pause": PAUSE})
    stack.start()
    yield Asking(stack, provider)
    stack.discard()
    provider.stop()
