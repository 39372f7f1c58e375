"""The broker's objects, and the switch, that the gateway and the workers share."""

import os

import aio_pika

NAME = os.environ["PEER"]
CONSUMERS = ("store", "cache")
TUNED = os.environ["TUNED"] == "1"  # 0: the service as it is first written


def queue_name(consumer):
    return f"{NAME}.{consumer}"


async def connect():
    return await aio_pika.connect_robust(os.environ["AMQP_URL"])


async def declare(channel):
    """A durable fanout exchange before a quorum queue for each consumer. Returns the exchange."""
    exchange = await channel.declare_exchange(NAME, aio_pika.ExchangeType.FANOUT, durable=True)
    for consumer in CONSUMERS:
        queue = await channel.declare_queue(queue_name(consumer), durable=True,
                                            arguments={"x-queue-type": "quorum"})
        await queue.bind(exchange)
    return exchange
