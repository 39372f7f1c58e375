"""What an operator does to RabbitMQ."""

import subprocess

from comporta_native.part import program
from comporta_native.servers import RABBITMQ_SCRIPTS

QUEUES = ["comporta.storage", "comporta.cache", "comporta.storage.dead", "comporta.cache.dead"]


def rabbitmqctl(stack, *arguments):
    environment = stack.parts["rabbitmq"].environment()
    subprocess.run([program("rabbitmqctl", RABBITMQ_SCRIPTS), *arguments], env=environment, check=True, timeout=300,
                   stdout=subprocess.DEVNULL)


def elect_leaders(stack):
    """After a kill: Debian's RabbitMQ may leave a queue without a leader then (docs/FAILURES.md)."""
    names = ",".join(f"'%2F_{queue}'" for queue in QUEUES)
    rabbitmqctl(stack, "eval", f"[catch ra:trigger_election({{Name, node()}}) || Name <- [{names}]].")
