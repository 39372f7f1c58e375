"""One connection to RabbitMQ. The only file that knows pika, and how bodies travel."""

import contextlib
import re
import time
from dataclasses import dataclass

import lz4.frame
import pika
import pika.exceptions

from .settings import OperatorError

CONTENT_TYPE = "application/x-ndjson"


@dataclass(frozen=True)
class Message:
    """What lies in a queue, taken and not yet acknowledged."""

    tag: int
    message_id: str
    kind: str
    headers: dict
    body: bytes


def _unpacked(properties, body):
    """What a daemon parks is plain; what the broker itself gives up is as it has travelled."""
    if properties.content_encoding == "lz4":
        with contextlib.suppress(RuntimeError):
            return lz4.frame.decompress(body)
    return body


@contextlib.contextmanager
def _translated(what):
    try:
        yield
    except pika.exceptions.ChannelClosedByBroker as error:
        raise OperatorError(f"{what}: the broker says {error.reply_text}") from error
    except pika.exceptions.NackError as error:
        raise OperatorError(f"{what}: the broker refuses it: the queue is full") from error
    except pika.exceptions.UnroutableError as error:
        raise OperatorError(f"{what}: there is no such queue") from error
    except (pika.exceptions.AMQPError, OSError) as error:
        raise OperatorError(f"{what}: the broker is away: {error!r}") from error


class Broker:
    """A context manager. What was taken and not acknowledged goes back to its queue, in its order, at the end."""

    def __init__(self, settings):
        self._address = settings.amqp_host
        login = pika.PlainCredentials(settings.amqp_user, settings.amqp_password)
        # Tried in turn.
        self._parameters = [
            pika.ConnectionParameters(host, port, heartbeat=60, blocked_connection_timeout=60, credentials=login,
                                      client_properties={"connection_name": "comporta operator"})
            for host, port in settings.brokers()]

    def __enter__(self):
        with _translated(f"RabbitMQ at {self._address}"):
            self._connection = pika.BlockingConnection(self._parameters)
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
        return self

    def __exit__(self, *_failure):
        with contextlib.suppress(pika.exceptions.AMQPError, OSError):
            self._connection.close()

    def depth(self, queue):
        """Messages ready in the queue."""
        with _translated(queue):
            return self._channel.queue_declare(queue, passive=True).method.message_count

    def lock(self, queue):
        """Ours until this connection ends. Raises OperatorError when it is somebody else's."""
        try:
            self._channel.queue_declare(queue, exclusive=True)
        except pika.exceptions.ChannelClosedByBroker as error:
            raise OperatorError("a replay or a redrive is under way: nothing has been changed. The broker says "
                                f"{error.reply_text}") from error

    def take_all(self, queue):
        """Each message that is ready now, and none that comes later."""
        for _number in range(self.depth(queue)):
            with _translated(queue):
                method, properties, body = self._channel.basic_get(queue)
            if method is None:
                return
            yield Message(method.delivery_tag, properties.message_id or "", properties.type or "",
                          properties.headers or {}, _unpacked(properties, body))

    def publish(self, message, *, exchange="", routing_key, message_id, headers=None):
        """Returns when the broker has it on disk."""
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=message_id,
                                          type=message.kind, app_id="comporta", headers=headers or {},
                                          timestamp=int(time.time()))
        with _translated(routing_key):
            self._channel.basic_publish(exchange, routing_key, message.body, properties, mandatory=True)

    def acknowledge(self, message):
        with _translated("acknowledge"):
            self._channel.basic_ack(message.tag)

    def pause(self, seconds):
        """Waits, and keeps the connection alive."""
        with _translated("wait"):
            self._connection.sleep(seconds)

    def remove(self, prefix):
        """All queues and exchanges of a topology that begin with `prefix`."""
        if not re.fullmatch(r"[a-z0-9._-]+-replay", prefix):
            raise ValueError(f"{prefix} is not ours to remove")
        with _translated(prefix):
            for name in ("storage", "cache"):
                self._channel.queue_delete(f"{prefix}.{name}")
                self._channel.queue_delete(f"{prefix}.{name}.dead")
            for name in ("records", "dead"):
                self._channel.exchange_delete(f"{prefix}.{name}")
