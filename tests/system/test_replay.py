"""Redis made anew from the objects answers as the one before, while uploads go on."""

import threading
import time

import pytest

from broker import open_channel
from client import eventually, record
from conftest import SOURCE, while_running
from operator_tool import listed, run_tool, start_tool
from provider import with_times
from slow_storage import SlowStorage
from test_dead import part_line, publish, wait_parked
from test_fraud import HERE, THERE
from test_revenue import History, Shop

CLIENTS = 60
OPERATIONS = 600
HIDDEN = {"expires_at", "applied_at"}
FLAGS = "transaction/flags"
LONGER = {"flag_time: 300s": "flag_time: 3h"}
BUILT = "comporta-replay:applied"


@pytest.fixture(scope="module")
def comporta(make_stack, tmp_path_factory):
    """A stack whose Redis may be emptied. No flag ends while these tests last."""
    kinds = with_times(SOURCE / "kinds", tmp_path_factory.mktemp("replayed") / "kinds", "transaction", LONGER)
    yield from while_running(make_stack(settings={"COMPORTA_KINDS": str(kinds)}))


@pytest.fixture(scope="module", autouse=True)
def no_daemon_ends():
    """Of the shared stack there is nothing here."""


class World:
    """Flagged clients, and a shop with orders, cancellations and products that come late."""

    def __init__(self, comporta, rng):
        self.comporta = comporta
        self.clients = [f"{rng.getrandbits(40):x}-{n}" for n in range(CLIENTS)]
        self.history = History(rng, f"{rng.getrandbits(40):x}-", Shop(comporta))
        self.connection = self.history.real.connection
        self.order = {"id": f"{self.history.name}waits", "client": "ana", "products": ["never"],
                      "credit_card": {"card_number": "4539578763621486", "cvv": "987", "card_holder_name": "ANA",
                                      "exp_date": "12/29"}}

    def build(self):
        shop = self.history.real
        for place in (HERE, THERE):
            for n in range(0, CLIENTS, 7):
                shop.upload("transaction", [record(client, endereco=HERE if number % 2 else place)
                                            for number, client in enumerate(self.clients[n:n + 7])])
        shop.upload("seller", [{"id": seller, "name": seller.upper()} for seller in self.history.sellers])
        self.history.run(OPERATIONS)
        shop.upload("order", [self.order])
        shop.settle()

    def questions(self):
        yield from (f"/check-fraud?transactionId={client}" for client in self.clients)
        yield from (f"/api/v1/views/transaction/report?key={client}" for client in self.clients)
        yield from (f"/revenue/{seller}" for seller in self.history.sellers)
        yield from (f"/api/v1/views/order/purchases?client={self.history.name}c{n}&limit=100" for n in range(300))
        yield from (f"/api/v1/views/{view}?limit=100" for view in
                    ("order/sellers", "order/by-day", "order/refused", "seller/list"))
        yield from ("/api/v1/views/product/list?limit=100", f"/api/v1/records/order/{self.history.orders[0]}")
        yield from (f"/api/v1/recent/{kind}?limit=100" for kind in ("order", "product", "seller"))
        yield from (f"/api/v1/batches/{batch}" for batch in sorted(self.history.real.batches)[:20])

    def answers(self):
        self.connection.close()  # it may have been idle for too long
        answers = {}
        for path in self.questions():
            answer = self.connection.request("GET", path)
            assert answer.status in (200, 404), (path, answer)
            answers[path] = answer.status == 200 and without(answer.json(), HIDDEN)
        answers[FLAGS] = list(self.connection.pages(FLAGS, "flags", limit=100))
        assert any(answers.values())
        redis = self.comporta.redis
        answers["outcomes"] = {key: redis.hgetall(key) for key in redis.keys("comporta:outcome:*")}
        return answers


def without(value, names):
    """What does not change from one moment to the next."""
    if isinstance(value, list):
        return [without(one, names) for one in value]
    if isinstance(value, dict):
        return {name: without(one, names) for name, one in value.items() if name not in names}
    return value


def differing(before, after):
    """By question. Flags that have ended by now, as those of earlier tests may, are in neither."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    before, after = ({**answers, FLAGS: [flag for flag in answers[FLAGS] if flag["flagged_until"] > now]}
                     for answers in (before, after))
    return {path: (before[path], after[path]) for path in before if before[path] != after[path]}


class LiveTraffic:
    """A client that keeps uploading transactions of its own until the end of the block."""

    def __init__(self, comporta):
        self.connection, self.batches, self.keys = comporta.connect(), set(), []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._over.wait(0.02):
            self.keys.append(f"live-{len(self.keys)}")
            answer = self.connection.upload([record(self.keys[-1])])
            assert answer.status == 202, answer
            self.batches.update(answer.json()["batches"])

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_failure):
        self._over.set()
        self._thread.join()


def counters(comporta, kind):
    return comporta.get(f"/api/v1/recent/{kind}").json()["counters"]


def test_an_emptied_redis_answers_as_before_and_so_does_one_replayed_twice(comporta, rng):
    world = World(comporta, rng)
    world.build()
    before, transactions = world.answers(), counters(comporta, "transaction")
    assert before["/api/v1/views/order/refused?limit=100"]["records"] and before["outcomes"], "an order waits"

    with LiveTraffic(comporta) as live:
        comporta.redis.flushall()
        eventually(lambda: len(live.keys) > 5, "uploads go on")
        assert differing(before, world.answers()), "it was all in Redis"
        run_tool(comporta.stack, "replay")
        assert differing(before, world.answers()) == {}
        run_tool(comporta.stack, "replay")
        assert differing(before, world.answers()) == {}
    comporta.wait_settled(live.batches)
    # What came meanwhile counts once, too.
    assert counters(comporta, "transaction")["records"] == transactions["records"] + len(live.keys)
    assert comporta.redis.keys("comporta-replay*") == []
    assert comporta.redis.get("comporta:replays") == b"2"


def test_one_family_is_replayed_and_the_others_stay(comporta, rng):
    world = World(comporta, rng)
    world.build()
    before = world.answers()
    comporta.redis.delete(*comporta.redis.keys("comporta:view:*"))
    comporta.redis.delete(*comporta.redis.keys("comporta:record:order:*"))
    run_tool(comporta.stack, "replay", "--kind", "order")
    missing = differing(before, world.answers())
    assert missing and all("transaction" in path or "check-fraud" in path for path in missing)
    run_tool(comporta.stack, "replay", "--kind", "transaction")
    assert differing(before, world.answers()) == {}


def test_days_are_a_clear_word(comporta):
    stack = comporta.stack
    assert "--yes" in run_tool(stack, "replay", "--from", "2026-01-01", expect=1)
    assert "not a day" in run_tool(stack, "replay", "--from", "yesterday", "--yes", expect=1)
    assert "no kind nothing" in run_tool(stack, "replay", "--kind", "nothing", expect=1)
    comporta.settle()
    assert comporta.redis.keys("comporta:record:*")
    run_tool(stack, "replay", "--to", "2020-01-01", "--yes")
    assert not comporta.redis.keys("comporta:record:*"), "nothing is as old as that"
    run_tool(stack, "replay", "--from", "2020-01-01", "--yes")
    assert comporta.redis.keys("comporta:record:*")


def test_what_a_replay_cannot_apply_is_parked_once(comporta):
    with open_channel(comporta.stack) as channel:
        batch = publish(channel, part_line([{"nobody": 1}]), part_line([record("beside")]), exchange="comporta.records")
    (parked,) = wait_parked(comporta, "--id", batch)
    comporta.wait_settled({batch})
    run_tool(comporta.stack, "replay", "--kind", "transaction")
    assert listed(comporta.stack, "--id", batch) == [parked]
    run_tool(comporta.stack, "dead", "drop", "--id", batch, "--yes")
    assert "1 parts parked" in run_tool(comporta.stack, "replay", "--kind", "transaction")
    (again,) = listed(comporta.stack, "--id", batch)
    assert {**again, "parked_at": None} == {**parked, "parked_at": None}


def test_a_replay_that_is_broken_off_changes_nothing_and_excludes_another(comporta, rng):
    world = World(comporta, rng)
    world.build()
    before = world.answers()
    # It has built something, and comes no further.
    with SlowStorage(comporta.stack) as storage, storage.silent(when=lambda: comporta.redis.exists(BUILT)):
        first = start_tool(comporta.stack, "replay", COMPORTA_STORAGE_URL=storage.url)
        storage.wait_asked()
        assert "replay" in run_tool(comporta.stack, "replay", expect=1)
        first.kill()
        first.communicate()
    assert differing(before, world.answers()) == {}
    eventually(lambda: comporta.connect().upload([record("afterwards")]).status == 202, "uploads go on")
    comporta.settle()
    run_tool(comporta.stack, "replay")
    assert differing(before, world.answers()) == {}
