"""The fake provider of payments beside a stack: whoever tries the whole can pay, and the hook hears of it."""

import json
import shutil
import ssl
import urllib.request

import pytest

from client import Comporta, eventually
from conftest import SOURCE

NOTICE = SOURCE / "tests" / "data" / "hooks" / "notice"
ORDER = {"type": "qr", "total_amount": "53.00", "external_reference": "order-1",
         "config": {"qr": {"external_pos_id": "LOJ001POS001"}}, "transactions": {"payments": [{"amount": "53.00"}]}}


@pytest.fixture(scope="module")
def paying(make_stack, tmp_path_factory):
    kinds = tmp_path_factory.mktemp("kinds")
    shutil.copytree(NOTICE, kinds / "payment-notice")
    file = kinds / "payment-notice" / "kind.yaml"
    file.write_text(file.read_text().replace("[notice_secret, notice_secret_before]", "[payment_webhook]"))
    stack = make_stack(settings={"COMPORTA_KINDS": str(kinds)}, with_payments=True)
    stack.start()
    yield Comporta(stack)
    stack.discard()


def charge(stack):
    """As the cache charges: at the host, with the certificates and the secret that it has been given."""
    given = stack.parts["cache"].env
    token = (stack.directory / "payments" / "payment_token").read_text()
    request = urllib.request.Request(
        f"https://{given['COMPORTA_PAYMENT_HOST']}/v1/orders", json.dumps(ORDER).encode(),
        {"Authorization": f"Bearer {token}", "X-Idempotency-Key": "k"})
    trusted = ssl.create_default_context(cafile=given["COMPORTA_LOOKUPS_CA_FILE"])
    with urllib.request.urlopen(request, timeout=30, context=trusted) as answer:
        return json.load(answer)["id"]


def click(stack, action, **values):
    request = urllib.request.Request(f"{stack.payment_page}control/{action}", json.dumps(values).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_what_is_paid_there_is_told_here(paying):
    order = charge(paying.stack)
    assert "localhost" in paying.stack.parts["cache"].env["COMPORTA_LOOKUPS_PRIVATE_HOSTS"].split(",")
    assert click(paying.stack, "pay", charge=order)["told"] == [200], "signed with the secret that the gateway has"
    assert click(paying.stack, "notify", charge=order, signed="forged")["told"] == [401]
    notice = eventually(lambda: (got := paying.get(f"/api/v1/records/payment-notice/order-{order}")).status == 200 and got,
                        "the notice is in the cache")
    assert notice.json()["record"] == {"topic": "order", "resource": order}


def test_those_who_are_not_asked_for_any_more_are_stopped(make_stack):
    first = make_stack(driver="filesystem", only_servers=True, with_payments=True)
    first.restart("payments")
    assert first.processes["payments"].running
    second = type(first)(first.directory, ports=first.ports, driver="filesystem", only_servers=True)
    second.start()
    assert not first.processes["payments"].running
    second.discard()
