"""Whatever becomes of the broker and of two caches, what waits for them is applied in the order in which it was taken."""

import json
import signal
import time
import uuid

import pytest

from broker import elect_leaders
from client import Comporta, eventually
from comporta_native.ports import Instances
from outage import metric

JSON = {"Content-Type": "application/json"}
STEPS = ("pending", "waiting_burgers", "waiting_sides", "waiting_drinks", "waiting_desserts")
CACHES = {"cache", "cache-2"}


@pytest.fixture
def pair(make_stack):
    stack = make_stack(instances=Instances(cache=2))
    stack.start()
    time.sleep(3)  # RabbitMQ forgets queues that it has made less than half a second before it is killed
    yield Comporta(stack)
    stack.discard()


def send(pair, method, path, body):
    answer = pair.request(method, f"/api/v1/records/{path}", json.dumps(body).encode(), JSON)
    assert answer.status == 202, answer


def step(pair, order, *states):
    """Each is refused if the one before it has not been applied."""
    for state in states:
        send(pair, "POST", "snack-move", {"order": order, "action": "advance", "expect": state})


def lead_through(pair, order):
    send(pair, "PUT", f"snack-order/{order}", {})
    step(pair, order, *STEPS)


def state_of(pair, order):
    answer = pair.get(f"/api/v1/views/snack-order/order/{order}")
    return answer.status == 200 and answer.json()["state"]


def wait_led(pair, order):
    eventually(lambda: state_of(pair, order) == "ready_to_place", f"{order} is led through")


def active_of(pair):
    """The cache that takes messages."""
    first = str(uuid.uuid4())
    lead_through(pair, first)
    wait_led(pair, first)
    before = {name: metric(pair, name, "deliveries_total") for name in CACHES}
    send(pair, "PUT", f"snack-order/{uuid.uuid4()}", {})
    took = lambda: [name for name in CACHES if metric(pair, name, "deliveries_total") > before[name]]
    (active,) = eventually(took, "one takes it")
    return active


def lines_of(pair, name):
    return pair.stack.processes[name].log.read_text().splitlines()


def test_a_broker_that_dies_with_both_gives_back_what_was_in_hand_in_its_order(pair):
    active = active_of(pair)
    (standby,) = CACHES - {active}
    before = len(lines_of(pair, standby))
    pair.stack.restart(standby)  # so that its connection is the younger one: the broker misses it last
    eventually(lambda: '"consuming"' in "".join(lines_of(pair, standby)[before:]), "it is in line")
    pair.stack.kill("redis")
    order = str(uuid.uuid4())
    in_hand = metric(pair, active, "deliveries_total") + 1 + len(STEPS)
    lead_through(pair, order)
    eventually(lambda: metric(pair, active, "deliveries_total") == in_hand, "all of it is in hand")
    pair.stack.kill("rabbitmq")
    for server in ("rabbitmq", "redis"):
        pair.stack.launch(server)
    for server in ("rabbitmq", "redis"):
        pair.stack.wait_ready(server)
    elect_leaders(pair.stack)
    wait_led(pair, order)


def test_an_active_one_that_is_told_to_stop_is_done_before_the_other_begins(pair):
    active = active_of(pair)
    order = str(uuid.uuid4())
    pair.stack.kill("redis")
    send(pair, "PUT", f"snack-order/{order}", {})
    step(pair, order, *STEPS[:3])
    pair.stack.processes[active].send(signal.SIGTERM)
    step(pair, order, *STEPS[3:])
    pair.stack.restart("redis")
    wait_led(pair, order)
