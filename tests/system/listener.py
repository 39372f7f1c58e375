"""Hears what the gateway publishes."""

import lz4.frame
import pika

from comporta_native.part import HOST


class Listener:
    """Hears every message that is published."""

    def __init__(self, stack):
        login = pika.PlainCredentials(stack.secrets.value("amqp_user"), stack.secrets.value("amqp_password"))
        self._connection = pika.BlockingConnection(pika.ConnectionParameters(
            HOST, stack.ports["COMPORTA_AMQP_PORT"], credentials=login, heartbeat=0))
        self._channel = self._connection.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(self._queue, "comporta.records")
        self.messages = {}

    def has_heard(self, batches):
        """Takes what has come: batch -> its message, properties included."""
        while (delivery := self._channel.basic_get(self._queue, auto_ack=True))[0]:
            _, properties, body = delivery
            if properties.content_encoding == "lz4":
                body = lz4.frame.decompress(body)
            self.messages[properties.message_id] = repr(properties).encode() + body
        return self.messages.keys() >= set(batches)

    def close(self):
        self._connection.close()
