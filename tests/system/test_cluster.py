"""Three RabbitMQ nodes with a replica of every queue on each: any one of them may die under load."""

import base64
import http.client
import json

import pytest

from client import HOST, eventually
from comporta_native.ports import Instances
from conftest import while_running
from load import check_everything_once, drive, plan

NODES = ["rabbitmq", "rabbitmq-2", "rabbitmq-3"]
UPLOADS = 200
LARGEST = 1_000


@pytest.fixture(scope="module")
def clustered(make_stack):
    yield from while_running(make_stack(instances=Instances(broker=len(NODES))))


def replicas(stack):
    """Of each queue: how many it has, and how many of them run. Nothing while the first node is away."""
    connection = http.client.HTTPConnection(HOST, stack.ports["COMPORTA_AMQP_CONSOLE_PORT"], timeout=5)
    user, password = (stack.secrets.value(f"amqp_{name}") for name in ("user", "password"))
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    try:
        connection.request("GET", "/api/queues", headers={"Authorization": f"Basic {login}"})
        queues = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    return {queue["name"]: (len(queue.get("members", [])), len(queue.get("online", []))) for queue in queues}


def is_whole(stack):
    counts = replicas(stack)
    return len(counts) == 4 and set(counts.values()) == {(len(NODES), len(NODES))}


@pytest.mark.parametrize("victim", NODES)
def test_a_node_killed_under_load_loses_and_doubles_nothing(clustered, rng, victim):
    stack = clustered.stack
    eventually(lambda: is_whole(stack), "every queue has three replicas")
    before = clustered.object_names(), clustered.applied()
    run = plan(rng, UPLOADS, keyed=True, largest=LARGEST)

    def kill():
        eventually(lambda: run.done >= UPLOADS // 4 or run.failures, "the load goes on")
        stack.kill(victim)

    drive(clustered, run, clients=16, meanwhile=kill)
    assert not stack.processes[victim].running, "all of it was taken by two nodes"
    check_everything_once(clustered, run, before)
    stack.restart(victim)
