"""A Redis master with two replicas and three Sentinels: whichever server dies or hangs under load, nothing that was accepted is
lost, and nothing is applied twice."""

import os
import signal

import pytest
import redis

from client import HOST, eventually, record
from comporta_native.ports import Instances, instance_variable
from conftest import while_running
from load import check_everything_once, drive, plan

NODES = 3
SERVERS = [f"redis-{node}" if node > 1 else "redis" for node in range(1, NODES + 1)]
UPLOADS = 200
LARGEST = 1_000


@pytest.fixture(scope="module")
def redundant(make_stack):
    yield from while_running(make_stack(instances=Instances(redis=NODES, cache=2)))


def client_of(stack, name):
    port = stack.ports[instance_variable("COMPORTA_REDIS_PORT", SERVERS.index(name) + 1)]
    return redis.Redis(HOST, port, socket_timeout=5)


def role_of(stack, name):
    """`master` or `slave`; nothing where it does not answer."""
    try:
        return client_of(stack, name).role()[0].decode()
    except redis.RedisError:
        return None


def master(stack, besides=None):
    """The name of the server that is the master."""
    return next((name for name in SERVERS if name != besides and role_of(stack, name) == "master"), None)


def is_whole(stack):
    name = master(stack)
    return name and client_of(stack, name).info("replication")["connected_slaves"] == NODES - 1


def _kill(stack, name):
    stack.kill(name)
    return lambda: stack.restart(name)


def _hang(stack, name):
    group = stack.processes[name].pid
    os.killpg(group, signal.SIGSTOP)
    return lambda: os.killpg(group, signal.SIGCONT)


@pytest.mark.parametrize("harm", [_kill, _hang], ids=["killed", "hangs"])
@pytest.mark.parametrize("is_master", [True, False], ids=["master", "replica"])
def test_a_server_that_is_gone_under_load_loses_and_doubles_nothing(redundant, rng, is_master, harm):
    stack = redundant.stack
    eventually(lambda: is_whole(stack), "a master has two replicas")
    before = redundant.object_names(), redundant.applied()
    first = master(stack)
    victim = first if is_master else next(name for name in SERVERS if name != first)
    run, back = plan(rng, UPLOADS, keyed=True, largest=LARGEST), []

    def strike():
        eventually(lambda: run.done >= UPLOADS // 4 or run.failures, "the load goes on")
        back.append(harm(stack, victim))

    drive(redundant, run, clients=16, meanwhile=strike)
    check_everything_once(redundant, run, before)
    if is_master:
        assert master(stack, besides=victim), "another one has taken its place"
    for make_well in back:
        make_well()
    eventually(lambda: is_whole(stack), "who comes back is a replica")
    redundant.wait_settled(run.batches())
    assert role_of(stack, victim) == "slave" or not is_master


def test_without_a_replica_nothing_counts_as_applied(redundant):
    stack = redundant.stack
    eventually(lambda: is_whole(stack), "a master has two replicas")
    alone = master(stack)
    continued = [_hang(stack, name) for name in SERVERS if name != alone]
    try:
        batches = redundant.connect().upload([record("alone")]).json()["batches"]
        eventually(lambda: redundant.private_get("cache", "/readyz")[0] == 503
                   or redundant.private_get("cache-2", "/readyz")[0] == 503, "a cache says that it cannot write")
    finally:
        for go_on in continued:
            go_on()
    redundant.wait_settled(batches)
