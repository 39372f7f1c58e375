"""What kinds/transaction and kinds/order compute, as one would write it here: read what is there, decide, and write all of a
message in one transaction with the mark that it has been applied."""

import json
import time
import unicodedata

import broker

TTL_SECONDS = 60
FLAG_SECONDS = 300
KEPT_FLAGS = 100
CACHED = ("cliente", "email", "endereco", "isActive")
APPLIED = f"{broker.NAME}:applied"


def key_of(transaction):
    return f"{broker.NAME}:{transaction['_id']}"


def cached(transaction):
    return json.dumps({name: transaction[name] for name in CACHED})


def _folded(text):
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


async def flag_who_moves(client, message_id, transactions):
    """A client at another address than a minute before is suspected."""
    if await client.sismember(APPLIED, message_id):
        return
    befores = await client.mget([key_of(transaction) for transaction in transactions])
    latest = {}
    async with client.pipeline(transaction=True) as pipeline:
        for transaction, before in zip(transactions, befores, strict=True):
            key, text = key_of(transaction), cached(transaction)
            before = latest.get(key, before)
            if before and _folded(json.loads(before)["endereco"]) != _folded(transaction["endereco"]):
                flags = f"{key}:flags"
                pipeline.rpush(flags, json.dumps({"at": time.time(), "before": json.loads(before), "now": text}))
                pipeline.ltrim(flags, -KEPT_FLAGS, -1)
                pipeline.expire(flags, FLAG_SECONDS)
                pipeline.zadd(f"{broker.NAME}:suspects", {transaction["_id"]: time.time()})
            latest[key] = text
            pipeline.set(key, text, ex=TTL_SECONDS)
        pipeline.sadd(APPLIED, message_id)
        await pipeline.execute()


def _counted(order, products):
    by_seller = {}
    for named in order["products"]:
        product = products[named["product_id"]]
        by_seller[product["seller"]] = by_seller.get(product["seller"], 0) + product["price"]
    return {"client": order["client"], "day": time.strftime("%Y-%m-%d"), "by_seller": by_seller}


def _book(pipeline, key, counted, sign):
    for seller, cents in counted["by_seller"].items():
        pipeline.zincrby(f"{broker.NAME}:revenue", sign * cents, seller)
        pipeline.hincrby(f"{broker.NAME}:orders", seller, sign)
    pipeline.hincrby(f"{broker.NAME}:day-orders", counted["day"], sign)
    pipeline.hincrby(f"{broker.NAME}:day-cents", counted["day"], sign * sum(counted["by_seller"].values()))
    purchases = f"{broker.NAME}:purchases:{counted['client']}"
    if sign > 0:
        pipeline.zadd(purchases, {key: time.time()})
    else:
        pipeline.zrem(purchases, key)


async def count_orders(client, message_id, orders):
    """What each seller got, each order counted once, at the prices of its time."""
    if await client.sismember(APPLIED, message_id):
        return
    wanted = sorted({named["product_id"] for order in orders for named in order["products"]})
    products = dict(zip(wanted, map(json.loads, await client.mget([f"{broker.NAME}:product:{one}" for one in wanted])),
                        strict=True))
    keys = [f"{broker.NAME}:order:{order['id']}" for order in orders]
    befores = dict(zip(keys, await client.mget(keys), strict=True))
    async with client.pipeline(transaction=True) as pipeline:
        for key, order in zip(keys, orders, strict=True):
            if befores[key]:
                _book(pipeline, key, json.loads(befores[key]), -1)
            counted = _counted(order, products)
            _book(pipeline, key, counted, 1)
            befores[key] = json.dumps(counted)
            pipeline.set(key, befores[key])
        pipeline.sadd(APPLIED, message_id)
        await pipeline.execute()
