"""Messages that no daemon can process, published past the gateway that would refuse them.

Each must end up in both dead queues with its reason: one that vanishes was acknowledged by somebody who did nothing.
"""

import random
import threading
from dataclasses import dataclass

import pika

from comporta_native.part import HOST

EXCHANGE = "comporta.records"
PAUSE_SECONDS = 0.5  # between two of them, on average
HEARTBEAT_SECONDS = 10


@dataclass(frozen=True)
class Poison:
    properties: dict
    reason: str  # a part of what the daemons must say of it


KINDS = [Poison({}, "not a UUIDv7"), Poison({"content_encoding": "zstd"}, "content-encoding")]


def open_connection(stack):
    """Straight to the broker, past its gate."""
    credentials = pika.PlainCredentials(stack.secrets.value("amqp_user"), stack.secrets.value("amqp_password"))
    return pika.BlockingConnection(pika.ConnectionParameters(
        HOST, stack.ports["COMPORTA_AMQP_PORT"], credentials=credentials, heartbeat=HEARTBEAT_SECONDS))


class Poisoner:
    """Publishes until `finish`. Each message again until it is confirmed, so that some come twice."""

    def __init__(self, stack, seed):
        self._stack, self._rng, self._stopping = stack, random.Random(f"{seed} poison"), threading.Event()
        self.sent = {}  # message id -> what its reason must say
        self._connection = None
        self._thread = threading.Thread(target=self._run)

    def start(self):
        self._thread.start()

    def finish(self):
        self._stopping.set()
        self._thread.join()

    def _run(self):
        while not self._stopping.wait(self._rng.expovariate(1 / PAUSE_SECONDS)):
            name, poison = f"poison-{len(self.sent)}", self._rng.choice(KINDS)
            self.sent[name] = poison.reason
            while not self._publish(name, poison):
                self._stopping.wait(PAUSE_SECONDS)
        if self._connection:
            self._connection.close()

    def _publish(self, name, poison):
        """Whether the broker has it."""
        try:
            if self._connection is None:
                self._connection = open_connection(self._stack)
                self._channel = self._connection.channel()
                self._channel.confirm_delivery()
            properties = pika.BasicProperties(message_id=name, type="transaction", delivery_mode=2, **poison.properties)
            self._channel.basic_publish(EXCHANGE, "", b'{"records":[]}\n', properties, mandatory=True)
            return True
        except (pika.exceptions.AMQPError, OSError):
            self._connection = None
            return False
