"""RabbitMQ goes away in every way that it can: uploads are refused in time, and nobody has to do anything after.

What one connection makes of it is in tests/contract/common/broker/connection_test.cpp and consume_loop_test.cpp; start-up
without a broker in test_operation.py.
"""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pika
import pytest

from broker import elect_leaders, rabbitmqctl
from client import HOST, eventually, record
from outage import Uploads, metric


def channel_of(stack):
    credentials = pika.PlainCredentials(stack.secrets.value("amqp_user"), stack.secrets.value("amqp_password"))
    parameters = pika.ConnectionParameters(HOST, stack.ports["COMPORTA_AMQP_PORT"], credentials=credentials,
                                           heartbeat=0)
    return pika.BlockingConnection(parameters).channel()


def wait_noticed(gated):
    eventually(lambda: gated.private_get("ingest-gateway", "/readyz")[0] == 503, "the gateway has noticed")


def records_applied(gated):
    """As Redis has it: a counter of the cache comes after what is seen there."""
    return sum(records for _parts, records in gated.applied().values())


def test_a_broker_that_hangs_and_is_killed(gated, uploads):
    """What is on its way meanwhile goes out again when the broker is back, or is refused in time."""
    os.killpg(gated.stack.processes["rabbitmq"].pid, signal.SIGSTOP)
    with ThreadPoolExecutor() as pool:
        on_its_way = pool.submit(uploads.send, "on-its-way")
        gated.stack.kill("rabbitmq")
        wait_noticed(gated)
        refused = gated.connect().upload([record("refused")])
        assert refused.status == 503 and refused.headers["retry-after"]
        gated.stack.restart("rabbitmq")
        elect_leaders(gated.stack)
        on_its_way.result()


def test_connections_that_are_cut_and_refused(gated, uploads):
    gated.gates["rabbitmq"].cut()
    uploads.until(202)
    gated.gates["rabbitmq"].refuse()
    wait_noticed(gated)
    assert uploads.send().status == 503
    gated.gates["rabbitmq"].open()


def test_a_confirm_that_is_lost_leaves_one_upload(gated, uploads):
    """The connection is half open: the broker has the upload, the gateway never hears so."""
    before = records_applied(gated)
    gated.gates["rabbitmq"].mute()
    assert uploads.send("unheard").status == 503
    gated.gates["rabbitmq"].cut()
    gated.gates["rabbitmq"].open()
    uploads.until(202, "unheard")
    uploads.wait_through()
    assert records_applied(gated) == before + 1


def test_a_broker_short_of_memory(gated, uploads):
    rabbitmqctl(gated.stack, "set_vm_memory_high_watermark", "absolute", "1MB")
    waiting = Uploads(gated, "waiting")
    with ThreadPoolExecutor() as pool:
        first = pool.submit(waiting.send)  # by the first publish the broker tells the gateway
        try:
            eventually(lambda: "takes nothing" in uploads.send().json().get("detail", ""), "the gateway knows")
        finally:
            rabbitmqctl(gated.stack, "set_vm_memory_high_watermark", "0.4")
        first.result()
    waiting.wait_through()


@pytest.mark.parametrize("queue", ["storage", "cache"])
def test_a_queue_deleted_under_its_consumer_is_made_again(gated, uploads, queue):
    reconnects = metric(gated, queue, "broker_reconnects_total")
    channel_of(gated.stack).queue_delete(f"comporta.{queue}")
    eventually(lambda: metric(gated, queue, "broker_reconnects_total") > reconnects, "its consumer is back")
