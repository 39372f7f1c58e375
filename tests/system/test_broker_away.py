"""RabbitMQ goes away in every way that it can: uploads are refused in time, and nobody has to do anything after.

What one connection makes of it is in tests/contract/common/amqp_test.cpp and consume_loop_test.cpp; start-up
without a broker in test_operation.py.
"""

import os
import signal
import subprocess
import threading

import pika
import pytest

from client import HOST, eventually
from comporta_native.part import program
from comporta_native.servers import RABBITMQ_SCRIPTS
from outage import Uploads, metric


def rabbitmqctl(stack, *arguments):
    environment = stack.parts["rabbitmq"].environment()
    subprocess.run([program("rabbitmqctl", RABBITMQ_SCRIPTS), *arguments], env=environment, check=True, timeout=60,
                   stdout=subprocess.DEVNULL)


def channel_of(stack):
    credentials = pika.PlainCredentials(stack.secrets.value("amqp_user"), stack.secrets.value("amqp_password"))
    parameters = pika.ConnectionParameters(HOST, stack.ports["COMPORTA_AMQP_PORT"], credentials=credentials)
    return pika.BlockingConnection(parameters).channel()


def wait_noticed(gated):
    eventually(lambda: gated.private_get("ingest-gateway", "/readyz")[0] == 503, "the gateway has noticed")


def test_a_broker_that_is_stopped_and_started(gated, uploads):
    gated.stack.stop_part("rabbitmq")
    wait_noticed(gated)
    assert uploads.send().status == 503
    gated.stack.restart("rabbitmq")


def test_a_broker_that_hangs_and_is_killed(gated, uploads):
    os.killpg(gated.stack.processes["rabbitmq"].pid, signal.SIGSTOP)
    answer = uploads.send()  # the gateway cannot know yet; its client has its answer in time all the same
    assert answer.status == 503 and "Idempotency-Key" in answer.json()["detail"]
    gated.stack.kill("rabbitmq")
    gated.stack.restart("rabbitmq")


def test_connections_that_are_cut_and_refused(gated, uploads):
    gated.gates["rabbitmq"].cut()
    uploads.until(202)
    gated.gates["rabbitmq"].refuse()
    wait_noticed(gated)
    assert uploads.send().status == 503
    gated.gates["rabbitmq"].open()


def test_a_confirm_that_is_lost_leaves_one_upload(gated, uploads):
    """The connection is half open: the broker has the upload, the gateway never hears so."""
    applied = metric(gated, "cache", "records_applied_total")
    gated.gates["rabbitmq"].mute()
    assert uploads.send("unheard").status == 503
    gated.gates["rabbitmq"].cut()
    gated.gates["rabbitmq"].open()
    uploads.until(202, "unheard")
    uploads.wait_through()
    assert metric(gated, "cache", "records_applied_total") - applied == 1


def test_a_broker_short_of_memory(gated, uploads):
    rabbitmqctl(gated.stack, "set_vm_memory_high_watermark", "absolute", "1MB")
    waiting = Uploads(gated, "waiting")
    sender = threading.Thread(target=waiting.send)
    sender.start()  # by the first publish the broker tells the gateway
    try:
        eventually(lambda: "takes nothing" in uploads.send().json().get("detail", ""), "the gateway has been told")
    finally:
        rabbitmqctl(gated.stack, "set_vm_memory_high_watermark", "0.4")
        sender.join()


@pytest.mark.parametrize("queue", ["storage", "cache"])
def test_a_queue_deleted_under_its_consumer_is_made_again(gated, uploads, queue):
    reconnects = metric(gated, queue, "broker_reconnects_total")
    channel_of(gated.stack).queue_delete(f"comporta.{queue}")
    eventually(lambda: metric(gated, queue, "broker_reconnects_total") > reconnects, "its consumer is back")
