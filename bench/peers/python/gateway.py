"""Takes a JSON array of transactions, or of orders; 202 once the broker has confirmed it."""

import json
import uuid
from contextlib import asynccontextmanager
from typing import Annotated

import aio_pika
import broker
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Transaction(Strict):
    """What kinds/transaction/schema.json says."""

    id: Annotated[Text, Field(alias="_id", max_length=128)]
    isActive: bool
    cliente: Annotated[Text, Field(max_length=200)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    endereco: Annotated[Text, Field(max_length=300)]
    datatrasancao: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)? ?(Z|[+-]\d\d:\d\d)$")]


class Named(Strict):
    product_id: Annotated[Text, Field(max_length=128)]


class Card(Strict):
    card_number: Annotated[str, Field(pattern=r"^[0-9 -]{8,32}$")]
    card_holder_name: Annotated[Text, Field(max_length=200)]
    exp_date: Annotated[str, Field(pattern=r"^\d\d/\d{2,4}$")]


class Order(Strict):
    """What kinds/order/schema.json says, but for what earlier clients may leave out."""

    id: Annotated[Text, Field(max_length=128)]
    client: Annotated[Text, Field(max_length=128)]
    products: Annotated[list[Named], Field(min_length=1, max_length=100)]
    credit_card: Card


@asynccontextmanager
async def lifespan(application):
    connection = await broker.connect()
    channel = await connection.channel(publisher_confirms=True)
    application.state.exchange = await broker.declare(channel)
    yield
    await connection.close()


app = FastAPI(lifespan=lifespan)


def written_anew(records):
    return json.dumps([record.model_dump(by_alias=True) for record in records]).encode()


async def publish(kind, records, request):
    # What was checked is what came: tuned, it is passed on as it is.
    body = await request.body() if broker.TUNED else written_anew(records)
    message = aio_pika.Message(body, content_type="application/json", message_id=str(uuid.uuid4()), type=kind,
                               delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await app.state.exchange.publish(message, routing_key="")
    return {"upload": message.message_id, "records": len(records)}


@app.post("/plain", status_code=202)
async def upload(transactions: list[Transaction], request: Request):
    return await publish("plain", transactions, request)


@app.post("/transaction", status_code=202)
async def upload_to_compare(transactions: list[Transaction], request: Request):
    return await publish("transaction", transactions, request)


@app.post("/order", status_code=202)
async def upload_orders(orders: list[Order], request: Request):
    return await publish("order", orders, request)
