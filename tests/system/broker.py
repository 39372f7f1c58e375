"""What an operator does to RabbitMQ."""

import subprocess

import pika

from comporta_native.part import program
from comporta_native.servers import RABBITMQ_SCRIPTS

QUEUES = ["comporta.storage", "comporta.cache", "comporta.storage.dead", "comporta.cache.dead"]


def open_channel(stack):
    """One that says whether the broker has what is published: without that it may be lost on the way."""
    host, port = stack.address("COMPORTA_AMQP_PORT")
    credentials = pika.PlainCredentials(stack.secrets.value("amqp_user"), stack.secrets.value("amqp_password"))
    parameters = pika.ConnectionParameters(host, port, credentials=credentials, heartbeat=0)  # nobody beats meanwhile
    channel = pika.BlockingConnection(parameters).channel()
    channel.confirm_delivery()
    return channel


def rabbitmqctl(stack, *arguments):
    environment = stack.parts["rabbitmq"].environment()
    subprocess.run([program("rabbitmqctl", RABBITMQ_SCRIPTS), *arguments], env=environment, check=True, timeout=300,
                   stdout=subprocess.DEVNULL)


def elect_leaders(stack):
    """After a kill: Debian's RabbitMQ may leave a queue without a leader then (docs/FAILURES.md)."""
    names = ",".join(f"'%2F_{queue}'" for queue in QUEUES)
    rabbitmqctl(stack, "eval", f"[catch ra:trigger_election({{Name, node()}}) || Name <- [{names}]].")
