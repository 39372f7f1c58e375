"""How `make chaos` finds out about people: who can log in, what their uploads became, which session ended by itself."""

import json
import sys
from collections import Counter
from types import SimpleNamespace

import pytest

from client import Answer
from conftest import SOURCE

sys.path.append(str(SOURCE / "tests" / "chaos"))

import books  # noqa: E402
import rollcall  # noqa: E402
from buyers import REFRESH_SECONDS, Buyer  # noqa: E402
from clientele import Account  # noqa: E402
from uploads import CONTESTED, REFUSED, Upload  # noqa: E402


class Somebody:
    """With an account of that login name, or without: then it cannot log in."""

    def __init__(self, login, key, opens_with, name="Ana"):
        self.login, self.key, self.passwords = login, key, ["first", "second"]
        self._opens_with, self._name = opens_with, name

    def can_log_in(self, password):
        return password in self._opens_with

    def log_in(self):
        assert self.can_log_in(self.passwords[-1]), "401"

    def read_name(self):
        return self._name


def roll_of(*buyers):
    """The roll and the balance, of buyers of one client each. Those of a login name that two have contested it."""
    logins, clients = Counter(buyer.login for buyer in buyers), []
    for number, buyer in enumerate(buyers):
        account = Account(buyer.login, "Ana", buyer.passwords, is_contested=logins[buyer.login] > 1)
        shopper = SimpleNamespace(people=SimpleNamespace(accounts={number: account}))
        clients.append(SimpleNamespace(buyers={number: buyer}, shopper=shopper))
    balance = books.Balance()
    return rollcall.call(clients, lambda principal: principal, balance), balance


def test_each_login_name_opens_one_account_with_its_last_password():
    rivals = Somebody("pair", "c2", ["second"]), Somebody("pair", "", [])
    roll, balance = roll_of(Somebody("ana", "c1", ["second"]), *rivals)
    assert balance.is_even, balance.findings
    assert roll.keys == {0: "c1", 1: "c2"}
    assert (roll.headers(0)(), roll.headers(2)()) == ("client/c1", {})


@pytest.mark.parametrize("buyers", [
    [Somebody("ana", "", [])], [Somebody("ana", "c1", ["first"])], [Somebody("ana", "c1", ["second"], name="Thief")],
    [Somebody("ana", "c1", ["first", "second"])],
    [Somebody("pair", "c1", []), Somebody("pair", "c2", [])],
    [Somebody("pair", "c1", ["second"]), Somebody("pair", "c2", ["second"])]])
def test_a_login_that_opens_nothing_or_too_much_is_found(buyers):
    _roll, balance = roll_of(*buyers)
    assert balance.lost + balance.doubled > 0


def told(state, reason=""):
    records = [{"index": 0, "key": "k", "outcome": "refused", "reason": reason}] if reason else []
    return Answer(200, {}, json.dumps({"state": state, "records": records}).encode())


def upload(kind, **options):
    return Upload(kind, "k", "POST", f"/{kind}", b"", 1, ("digest",), **options)


ORDER = upload("order", sender="ana")
OTHERS = upload("order", sender="jose", becomes=REFUSED)
RIVAL = upload("client", account="rival", becomes=CONTESTED)
WINNER = upload("client", account="ana", becomes=CONTESTED)
NO_PRODUCT = told("refused", "there is no product p")
SOMEBODY_ELSES, NAME_TAKEN = "it is somebody else's", "the login name is taken"


@pytest.mark.parametrize("sent, replaced, answer, is_even", [
    (ORDER, {}, told("applied"), True), (ORDER, {}, told("pending"), False), (ORDER, {}, Answer(404, {}, b""), False),
    (ORDER, {}, told("refused", SOMEBODY_ELSES), False), (ORDER, {}, NO_PRODUCT, False),
    (ORDER, {"k": True}, NO_PRODUCT, True), (ORDER, {"k": True}, told("applied"), False),
    (ORDER, {"k": False}, NO_PRODUCT, True), (ORDER, {"k": False}, told("applied"), True),
    (OTHERS, {}, told("refused", SOMEBODY_ELSES), True), (OTHERS, {}, told("applied"), False),
    (OTHERS, {}, told("refused", NAME_TAKEN), False),
    (RIVAL, {}, told("refused", NAME_TAKEN), True), (RIVAL, {}, told("applied"), False),
    (WINNER, {}, told("applied"), True), (WINNER, {}, told("refused", NAME_TAKEN), False)])
def test_what_an_upload_is_said_to_have_become_is_compared(sent, replaced, answer, is_even):
    balance, roll = books.Balance(), rollcall.Roll({"ana": "c1", "jose": "c2"}, dict)
    rollcall.check_outcome(balance, "link", answer, rollcall.expected_outcome(sent, roll, replaced))
    assert balance.is_even == is_even, balance.findings


class Service:
    """Answers what is asked about sessions. `refresh`: the status that one gets, or None."""

    def __init__(self, password="first"):
        self.password, self.refresh, self.logins = password, 200, 0

    def until(self, fine, _method, path, body, _headers):
        if path == "/status":
            return told("applied")
        self.logins += 1
        status = 200 if json.loads(body)["password"] == self.password else 401
        assert status in fine, status
        return self._session(status)

    def once(self, _fine, *_request):
        return self.refresh and self._session(self.refresh)

    def _session(self, status):
        told_of = {"access_token": f"t{self.logins}", "refresh_token": "r", "account": {"key": "c1"}}
        return Answer(status, {}, json.dumps(told_of).encode())


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def buyer(service, monkeypatch):
    """With a session that it wants to refresh each time."""
    monkeypatch.setattr("buyers.REFRESH_SECONDS", -REFRESH_SECONDS)
    made = Buyer(service, "ana@example.com", dict)
    made.is_changing("first")
    made.has_changed("/status")
    assert made.headers() == {"Authorization": "Bearer t1"}
    return made


def test_a_session_that_nobody_ended_must_not_be_over(service, buyer):
    service.refresh = 401
    with pytest.raises(AssertionError, match="nobody ended it"):
        buyer.headers()


def test_after_a_refresh_that_got_no_answer_the_session_may_be_over(service, buyer):
    service.refresh = None
    assert buyer.headers() == {"Authorization": "Bearer t1"}
    service.refresh = 401
    assert buyer.headers() == {"Authorization": "Bearer t2"}


@pytest.mark.parametrize("holds", ["first", "second"])
def test_while_a_password_is_changing_either_may_hold(service, buyer, holds):
    buyer.is_changing("second")
    service.password, service.refresh = holds, 401
    assert buyer.headers()["Authorization"].startswith("Bearer t")


def test_after_a_change_only_the_last_password_may_hold(service, buyer):
    buyer.is_changing("second")
    buyer.has_changed("/status")
    service.refresh = 401
    with pytest.raises(AssertionError):
        buyer.headers()
    service.password = "second"
    assert buyer.headers()["Authorization"].startswith("Bearer t")
