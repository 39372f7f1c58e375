"""MinIO or Redis goes away in every way that it can: uploads are taken all the while, and arrive when it is back.

Each answer that an S3 server may give is in tests/contract/storage/s3_faults_test.cpp, each moment at which Redis
may be cut off in tests/contract/cache/redis/store_test.cpp.
"""

import contextlib
import shutil
import time
from dataclasses import replace

import pytest
import redis

from client import UPLOADS, eventually, record
from conftest import SOURCE
from outage import metric

LONGER_THAN_TWO_HEARTBEATS = 21  # broker.heartbeat is 10s
RECORDS_TO_LOAD = 600
LOAD_SLOWLY = ["--key-load-delay", "200000", "--loading-process-events-interval-bytes", "1024"]  # microseconds a key


def wait_unready(gated, name):
    eventually(lambda: gated.private_get(name, "/readyz")[0] == 503, f"{name} has noticed")


def send_in_order(uploads, count=5):
    """The same record several times; returns the name by which it was last called."""
    for number in range(count):
        answer = uploads.comporta.connect().upload([record("in-order", cliente=f"Cliente {number}")])
        assert answer.status == 202
        uploads.batches.update(answer.json()["batches"])
    return f"Cliente {count - 1}"


def test_for_longer_than_the_broker_waits_for_a_heartbeat(gated, uploads):
    """Both stores are gone; both consumers keep their connections, their messages and the order."""
    counters = [(name, which) for name in ("storage", "cache") for which in
                ("broker_reconnects_total", "redeliveries_total")]
    before = [metric(gated, *counter) for counter in counters]
    gated.gates["minio"].refuse()
    gated.gates["redis"].refuse()
    begin, last = time.monotonic(), send_in_order(uploads)
    wait_unready(gated, "storage")
    wait_unready(gated, "cache")
    assert gated.get(f"{UPLOADS}/in-order").status == 503
    time.sleep(LONGER_THAN_TWO_HEARTBEATS - (time.monotonic() - begin))  # that it lasts is what is tested
    assert uploads.send().status == 202
    gated.gates["minio"].open()
    gated.gates["redis"].open()
    uploads.wait_through()
    assert [metric(gated, *counter) for counter in counters] == before
    assert gated.get(f"{UPLOADS}/in-order").json()["record"]["cliente"] == last


@pytest.mark.parametrize("fault", ["cut", "stall", "mute"])
@pytest.mark.parametrize("server", ["minio", "redis"])
def test_connections_to_a_store_that_fail(gated, uploads, server, fault):
    gate = gated.gates[server]
    getattr(gate, fault)()
    assert uploads.send().status == 202
    if fault != "cut" and server == "redis":
        wait_unready(gated, "cache")
    gate.cut()
    gate.open()


@pytest.mark.parametrize("server", ["minio", "redis"])
def test_a_store_that_is_killed(gated, uploads, server):
    gated.stack.kill(server)
    assert uploads.send().status == 202
    gated.stack.restart(server)


def test_a_slow_store(gated, uploads):
    gated.gates["minio"].slow(0.2)
    for _ in range(10):
        assert uploads.send().status == 202
    uploads.wait_through()
    gated.gates["minio"].open()


def test_what_redis_has_answered_is_on_its_disk(gated):
    """With `everysec` it answers up to two seconds before, and a message acknowledged meanwhile is gone for good."""
    for name, value in (("appendonly", "yes"), ("appendfsync", "always")):
        assert gated.redis.config_get(name) == {name: value}
    compose = (SOURCE / "docker-compose.yml").read_text()
    assert '--appendonly, "yes", --appendfsync, always' in compose


def test_redis_out_of_memory(gated, uploads):
    gated.redis.config_set("maxmemory", 1)
    assert uploads.send().status == 202
    wait_unready(gated, "cache")
    gated.redis.config_set("maxmemory", 0)


def test_redis_that_became_a_replica(gated, uploads):
    gated.redis.replicaof("127.0.0.1", 1)
    assert uploads.send().status == 202
    wait_unready(gated, "cache")
    gated.redis.replicaof("NO", "ONE")


def is_loading(redis_there):
    """Also of one that does not listen yet: it does not."""
    with contextlib.suppress(redis.ConnectionError):
        return redis_there.info("persistence")["loading"] == 1


def load_slowly(gated):
    """Starts Redis anew, which loads until it is told to load at once."""
    gated.redis.mset({f"to-load-{n}": n for n in range(RECORDS_TO_LOAD)})
    gated.redis.bgrewriteaof()
    eventually(lambda: not gated.redis.info("persistence")["aof_rewrite_in_progress"], "the log is rewritten")
    gated.stack.stop_part("redis")
    part = gated.stack.parts["redis"]
    slow = replace(part, command=[*part.command, *LOAD_SLOWLY])
    gated.stack.processes["redis"].start(slow.command, slow.environment(), part.fingerprint())
    eventually(lambda: is_loading(gated.redis), "it loads")


def test_redis_that_is_loading(gated, uploads):
    load_slowly(gated)
    assert uploads.send().status == 202
    wait_unready(gated, "cache")
    assert is_loading(gated.redis)
    gated.redis.config_set("key-load-delay", 0)
    gated.stack.wait_ready("redis")
    assert gated.redis.dbsize() >= RECORDS_TO_LOAD


def test_redis_that_comes_back_empty(gated, uploads):
    """What was applied before is gone with it (the objects have it); what comes now is applied as ever."""
    gated.stack.stop_part("redis")
    uploads.batches.clear()
    assert uploads.send().status == 202
    shutil.rmtree(gated.stack.directory / "redis")
    gated.stack.restart("redis")
