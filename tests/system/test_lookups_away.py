"""What is looked up elsewhere, of a provider that is slow, or away. Calls are counted, and nothing is timed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from callers import token
from client import eventually
from lookups import FRESH_CPF, while_asking
from provider import Reply, credit

MOST_UNDER_WAY = MOST_QUEUED = 8
FAILURES_UNTIL_OPEN = 5


@pytest.fixture(scope="module")
def running(make_stack, tmp_path_factory):
    yield from while_asking(make_stack, tmp_path_factory.mktemp("lookups"))


@pytest.fixture
def asking(running):
    return running.from_anew()


def test_who_does_not_answer_in_time_has_not_answered(asking):
    asking.provider.hold()
    assert asking.fresh(next(FRESH_CPF)).status == 503
    asking.provider.release()


def test_what_is_known_is_answered_while_the_provider_is_away_and_says_so(asking):
    cpf = next(FRESH_CPF)
    known = asking.fresh(cpf).json()
    asking.provider.stop()
    try:
        stale = eventually(lambda: (said := asking.fresh(cpf).json())["stale"] and said, "its time is over")
        assert stale == {**known, "stale": True}
        assert asking.fresh(next(FRESH_CPF)).status == 503, "of whom nothing is known"
        assert asking.fresh(cpf).json() == stale
    finally:
        asking.provider.start()
    asking.provider.answer = lambda path: credit(77)
    news = eventually(lambda: not (said := asking.fresh(cpf).json())["stale"] and said, "it answers again")
    assert news["credit"] == 77 and news["fetched_at"] > known["fetched_at"]


def test_fifty_who_ask_at_once_are_one_call(asking):
    cpf = next(FRESH_CPF)
    asking.provider.hold()
    with ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(asking.ask, "cashback", f"agent/{cpf}") for _ in range(50)]
        eventually(asking.provider.paths, "one of them has come through")
        asking.provider.release()
        said = {answer.result().body for answer in answers}
    assert len(said) == 1 and len(asking.provider.asked) == 1


def test_a_few_are_asked_at_a_time_a_few_wait_and_the_rest_come_again(asking):
    """Those who wait are asked about when the ones before have been answered."""
    most = MOST_UNDER_WAY + MOST_QUEUED
    asking.provider.hold()
    with ThreadPoolExecutor(most + 4) as pool:
        answers = [pool.submit(asking.ask, "cashback", f"agent/{next(FRESH_CPF)}") for _ in range(most + 4)]
        refused = eventually(lambda: len(done := [a for a in answers if a.done()]) == 4 and done, "four are refused")
        assert {answer.result().status for answer in refused} == {503}
        eventually(lambda: len(asking.provider.asked) >= MOST_UNDER_WAY, "the others are asked about")
        assert len(asking.provider.asked) == MOST_UNDER_WAY
        asking.provider.release()
        statuses = sorted(answer.result().status for answer in answers)
    assert statuses == [200] * most + [503] * 4
    assert len(asking.provider.asked) == most


def test_five_failures_in_a_row_end_the_asking_until_one_try_succeeds(asking):
    outage, end = "a lookup's provider fails", "a lookup's provider answers again"
    before = len(asking.logged(outage)), len(asking.logged(end))
    known = next(FRESH_CPF)
    asking.fresh(known)
    asking.provider.forget()
    asking.provider.answer = lambda path: Reply(502)
    assert {asking.fresh(next(FRESH_CPF)).status for _ in range(FAILURES_UNTIL_OPEN)} == {503}
    assert len(asking.provider.asked) == FAILURES_UNTIL_OPEN
    asking.provider.hold()  # the one try that is made meanwhile does not end
    assert asking.fresh(next(FRESH_CPF)).status == 503
    with ThreadPoolExecutor(1) as pool:
        def tried():
            return len(asking.provider.asked) > FAILURES_UNTIL_OPEN
        asks = [pool.submit(lambda: eventually(lambda: asking.fresh(next(FRESH_CPF)).status and tried(), "a try"))]
        eventually(tried, "one try is made")
        assert asking.fresh(next(FRESH_CPF)).status == 503, "others do not wait for it"
        assert asking.fresh(known).json()["credit"] == 1234, "and what is known is answered"
        assert len(asking.provider.asked) == FAILURES_UNTIL_OPEN + 1
        asking.provider.answer = lambda path: credit(3)
        asking.provider.release()
        asks[0].result()
    eventually(asking.works, "it is asked again")
    eventually(lambda: len(asking.logged(end)) > before[1], "it is logged")
    assert (len(asking.logged(outage)) - before[0], len(asking.logged(end)) - before[1]) == (1, 1)


def test_uploads_and_reads_go_on_while_a_provider_stands_still(asking):
    asking.provider.hold()
    stop = threading.Event()
    admin = {"Authorization": "Bearer " + token(asking.stack, "elsewhere/a", ["admin"]), "Content-Type": "application/json"}

    def pester():
        while not stop.is_set():
            asking.ask("cashback", f"agent/{next(FRESH_CPF)}")

    threads = [threading.Thread(target=pester) for _ in range(2 * MOST_UNDER_WAY)]
    for thread in threads:
        thread.start()
    try:
        eventually(asking.provider.paths, "it is asked")
        for n in range(20):
            body = f'[{{"id":"still-{n}"}}]'.encode()
            receipt = asking.comporta.request("POST", "/api/v1/records/sale", body, admin)
            assert receipt.status == 202, receipt
            said = asking.comporta.connect(admin).outcome(receipt.json())
            assert said["state"] == "applied", said
            assert asking.comporta.request("GET", "/api/v1/recent/sale", None, admin).status == 200
    finally:
        stop.set()
        asking.provider.release()
        for thread in threads:
            thread.join()


def test_lookups_go_on_without_redis(asking):
    asking.stack.kill("redis")
    try:
        assert eventually(lambda: asking.fresh(next(FRESH_CPF)).status == 200, "the provider is asked")
    finally:
        asking.stack.restart("redis")
        asking.stack.wait_ready("cache")
