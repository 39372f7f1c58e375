"""Consumes queues: worker.py store cache, or one of them. Messages are acknowledged when their effect is there."""

import asyncio
import io
import json
import os
import sys

import broker
import redis.asyncio
import urllib3
import uvloop
import views
from minio import Minio

PREFETCH = 100


def store_handler():
    """One object a message, under the message's id."""
    client = Minio(os.environ["S3_ENDPOINT"], os.environ["S3_ACCESS_KEY"], os.environ["S3_SECRET_KEY"],
                   secure=False, http_client=urllib3.PoolManager(maxsize=32))

    def put(name, body):
        client.put_object(broker.NAME, name, io.BytesIO(body), len(body), content_type="application/json")

    async def store(message):
        async with message.process(requeue=True):
            await asyncio.to_thread(put, f"{message.message_id}.json", message.body)
    return store


def cache_handler():
    client = redis.asyncio.from_url(os.environ["REDIS_URL"])
    handlers = {"plain": write_keys, "transaction": views.flag_who_moves, "order": views.count_orders}

    async def cache(message):
        async with message.process(requeue=True):
            await handlers[message.type](client, message.message_id, json.loads(message.body))
    return cache


async def write_keys(client, _message_id, records):
    """One key a record, all of a message in one round trip."""
    async with client.pipeline(transaction=False) as pipeline:
        for record in records:
            pipeline.set(views.key_of(record), views.cached(record), ex=views.TTL_SECONDS)
        await pipeline.execute()


HANDLERS = {"store": store_handler, "cache": cache_handler}


async def main(consumers):
    connection = await broker.connect()
    for consumer in consumers:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        await broker.declare(channel)
        queue = await channel.get_queue(broker.queue_name(consumer))
        await queue.consume(HANDLERS[consumer]())
    await asyncio.Future()


run = uvloop.run if broker.TUNED else asyncio.run
run(main(sys.argv[1:]))
