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
from clients import Taken  # noqa: E402
from shop import RECORDS_IN_A_PART, Shopper, digest  # noqa: E402

RECORDS = [{"id": "a"}, {"id": "b"}]


def line(upload="u", part=1, records=RECORDS):
    return b'{"upload":"%s","part":%d,"parts":1,"records":%s}\n' % (
        upload.encode(), part, json.dumps(records).encode())


def balance_of(*bodies):
    """Of one upload `u` of two records that was taken, and objects of these bodies."""
    balance = books.Balance()
    ledger = books.Ledger(balance)
    for number, body in enumerate(bodies):
        ledger.add_object(f"seller/2026/01/01/{number}.ndjson", body)
    ledger.check([Taken("seller", 2, (digest(RECORDS),), {"upload": "u"})])
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


@pytest.fixture
def shoppers(rng):
    made = [Shopper(name, random.Random(rng.getrandbits(32))) for name in ("one", "other")]
    for shopper in made:
        drawn = [*shopper.first(), *(shopper.next() for _ in range(60)), *shopper.last()]
        assert sum(upload.records for upload in drawn) == shopper.records.total()
    return made


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
    balance, expected = books.Balance(), books.expected_views(shoppers)
    books.check_views(balance, expected, copy.deepcopy(expected))
    assert balance.is_even


@pytest.mark.parametrize("what", ["record", "orders", "cents", "purchase", "day", "refused", "flag", "product"])
def test_a_view_that_is_off_by_one_record_is_found(shoppers, what):
    balance, expected = books.Balance(), books.expected_views(shoppers)
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
    large = next(upload for upload in (shopper.next() for _ in range(10_000)) if upload.records > RECORDS_IN_A_PART)
    assert len(large.parts) == -(-large.records // RECORDS_IN_A_PART)
