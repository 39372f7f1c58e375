"""The book-keeping of `make chaos` itself: it finds what is lost or doubled, and a seed draws the same again."""

import copy
import json
import random
import sys

import pytest

from conftest import SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "chaos"))

import books  # noqa: E402
import faults  # noqa: E402
from shop import Shopper  # noqa: E402
from uploads import APPLIED, CONTESTED, RECORDS_IN_A_PART, REFUSED, STAMPED, Taken, Upload, digests  # noqa: E402

RECORDS = [{"id": "a"}, {"id": "b"}]


def line(upload="u", part=1, records=RECORDS, principal=""):
    return b'{"upload":"%s","part":%d,"parts":1,"principal":"%s","records":%s}\n' % (
        upload.encode(), part, principal.encode(), json.dumps(records, separators=(",", ":")).encode())


def upload_of(kind, records, **options):
    left_out = frozenset(STAMPED.get(kind, ()))
    return Upload(kind, "k", "POST", f"/{kind}", b"", len(records), digests(records, left_out), left_out, **options)


def balance_of(*bodies, upload=upload_of("seller", RECORDS), keys=None):
    """Of one upload `u` that was taken, and objects of these bodies."""
    balance = books.Balance()
    ledger = books.Ledger(balance)
    for number, body in enumerate(bodies):
        ledger.add_object(f"{upload.kind}/2026/01/01/{number}.ndjson", body)
    ledger.check([Taken(upload, {"upload": "u"})], keys or {})
    return balance


def test_what_is_stored_once_or_repeated_in_the_same_words_is_even():
    balance = balance_of(line(), line())
    assert balance.is_even and (balance.records, balance.lines, balance.repeats) == (2, 2, 1)


@pytest.mark.parametrize("bodies, lost, doubled", [
    ([], 1, 0),
    ([line(records=RECORDS[:1])], 1, 0),
    ([line(records=RECORDS[::-1])], 2, 0),
    ([line(), line(records=RECORDS[:1])], 0, 1),
    ([line(), line("foreign")], 0, 2),
    ([line(), line(part=2)], 0, 2),
])
def test_what_is_not_stored_in_exactly_one_line_is_found(bodies, lost, doubled):
    balance = balance_of(*bodies)
    assert (balance.lost, balance.doubled, balance.is_even) == (lost, doubled, False), balance.findings


KEYS = {"ana": "c1", "jose": "c2"}  # of their accounts
ORDER = upload_of("order", [{"products": []}], sender="ana", orders=("o",))
SIGN_UP = upload_of("client", [{"email": "ANA@example.com", "password": "secret"}], account="ana")


def order_line(client="c1", date="2026-11-29", principal="client/c1", **changes):
    return line(records=[{"client": client, "date": date, "id": "x", "products": [], **changes}], principal=principal)


def account_line(key="c1", email="ana@example.com", password="$argon2id$hash"):
    return line(records=[{"id": key, "email": email, "password": password}])


@pytest.mark.parametrize("upload, bodies", [
    (ORDER, [order_line()]), (ORDER, [order_line(), order_line(date="2026-11-30")]), (SIGN_UP, [account_line()])])
def test_what_the_service_has_filled_in_is_even(upload, bodies):
    balance = balance_of(*bodies, upload=upload, keys=KEYS)
    assert balance.is_even, balance.findings


@pytest.mark.parametrize("upload, bodies", [
    (ORDER, [order_line(client="c2")]), (ORDER, [order_line(id="")]), (ORDER, [order_line(date="")]),
    (ORDER, [order_line(principal="client/c2")]), (ORDER, [order_line(products=["p"])]),
    (ORDER, [order_line(), order_line(client="c2")]),
    (SIGN_UP, [account_line(key="c2")]), (SIGN_UP, [account_line(email="jose@example.com")]),
    (SIGN_UP, [account_line(password="secret")])])
def test_what_is_stored_as_another_ones_or_otherwise_is_found(upload, bodies):
    balance = balance_of(*bodies, upload=upload, keys=KEYS)
    assert balance.lost + balance.doubled > 0


def test_an_order_is_known_by_the_name_that_it_was_drawn_with():
    ledger = books.Ledger(books.Balance())
    ledger.add_object("order/2026/01/01/0.ndjson", order_line())
    assert ledger.ids_of_orders([Taken(ORDER, {"upload": "u"})]) == {"o": "x"}


@pytest.fixture
def shoppers(rng):
    made = [Shopper(name, random.Random(rng.getrandbits(32))) for name in ("one", "other")]
    for shopper in made:
        drawn = [*shopper.first(), *(shopper.next() for _ in range(60)), *shopper.last()]
        assert sum(upload.records for upload in drawn) == shopper.records.total()
    return made


def expected_of(shoppers):
    keys = {buyer: f"key of {buyer}" for one in shoppers for buyer in one.people.accounts}
    return books.expected_views(shoppers, keys, {})


def spoil(views, what):
    """Each is something that one record more or less would do."""
    seller, buyer = next(iter(views.sellers)), next(iter(views.purchases))
    orders, cents = views.sellers[seller]
    {"record": lambda: views.counters["order"].update(records=views.counters["order"]["records"] + 1),
     "orders": lambda: views.sellers.update({seller: (orders - 1, cents)}),
     "cents": lambda: views.sellers.update({seller: (orders, cents + 150)}),
     "purchase": lambda: views.purchases[buyer].popitem(),
     "day": lambda: views.day_totals.append(150),
     "refused": lambda: views.refused.append("o"),
     "flag": lambda: views.flags.append("t"),
     "product": lambda: views.products.popitem()}[what]()


def test_views_that_say_what_was_counted_by_hand_are_even(shoppers):
    balance, expected = books.Balance(), expected_of(shoppers)
    books.check_views(balance, expected, copy.deepcopy(expected))
    assert balance.is_even


@pytest.mark.parametrize("what", ["record", "orders", "cents", "purchase", "day", "refused", "flag", "product"])
def test_a_view_that_is_off_by_one_record_is_found(shoppers, what):
    balance, expected = books.Balance(), expected_of(shoppers)
    found = copy.deepcopy(expected)
    spoil(found, what)
    books.check_views(balance, expected, found)
    assert balance.lost + balance.doubled > 0


DEAD = ["storage.dead", "cache.dead"]
PARKED = [(queue, "poison-0", "it is not a UUIDv7") for queue in DEAD]


def balance_of_parked(found):
    balance = books.Balance()
    books.check_parked(balance, {"poison-0": "not a UUIDv7"}, DEAD, found)
    return balance


def test_a_poison_that_is_parked_in_both_queues_is_even_also_if_it_lies_there_twice():
    assert balance_of_parked(PARKED).is_even and balance_of_parked(PARKED * 2).is_even


@pytest.mark.parametrize("found", [PARKED[:1], [], [PARKED[0], (DEAD[1], "poison-0", "another reason")],
                                   [*PARKED, (DEAD[0], "innocent", "came back to the queue 10 times")]])
def test_a_poison_that_has_vanished_and_an_innocent_that_is_parked_are_found(found):
    assert balance_of_parked(found).lost > 0


def test_a_seed_draws_the_same_uploads_and_faults_again():
    one, other = (Shopper("c", random.Random(7)) for _ in range(2))
    assert [*one.first(), *(one.next() for _ in range(50))] == [*other.first(), *(other.next() for _ in range(50))]
    assert one.people.accounts == other.people.accounts
    assert faults.draw_plan("7", 120) == faults.draw_plan("7", 120) != faults.draw_plan("8", 120)


@pytest.mark.parametrize("seconds", [30, 120, 600])
def test_every_kind_of_fault_is_in_every_plan(rng, seconds):
    plan = faults.plan(rng, seconds)
    assert {(strike.victim.partition("-")[0], strike.fault) for strike in plan} >= \
        {(name.partition("-")[0], fault) for name, fault in faults.all_kinds()}
    assert all(0 <= strike.at <= seconds for strike in plan)
    assert [strike.at for strike in plan] == sorted(strike.at for strike in plan)


def test_a_large_upload_is_compared_part_by_part():
    shopper = Shopper("c", random.Random(1))
    list(shopper.first())
    large = next(upload for upload in (shopper.next() for _ in range(10_000)) if upload.records > RECORDS_IN_A_PART)
    assert len(large.parts) == -(-large.records // RECORDS_IN_A_PART)


def test_a_shopper_draws_everything_that_buyers_do():
    shopper = Shopper("c", random.Random(7))
    drawn = [*shopper.first(), *(shopper.next() for _ in range(1_000))]
    assert {one.becomes for one in drawn} == {APPLIED, REFUSED, CONTESTED}
    assert set(shopper.replaced.values()) == {True, False}
    assert {one.method for one in drawn if one.becomes == REFUSED} == {"PUT", "DELETE"}
    logins = [account.login for account in shopper.people.accounts.values()]
    assert len(set(logins)) == len(logins)
    assert any(len(account.passwords) > 1 for account in shopper.people.accounts.values())
    for one in drawn:  # nobody who may lack an account sends or suffers anything
        assert not any(shopper.people.accounts[name].is_contested for name in (one.sender, one.victim) if name)
