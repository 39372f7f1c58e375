"""Takes a JSON array of transactions; 202 once the broker has confirmed it."""

import json
import uuid
from contextlib import asynccontextmanager
from typing import Annotated

import aio_pika
import broker
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]


class Transaction(BaseModel):
    """What kinds/transaction/schema.json says."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[Text, Field(alias="_id", max_length=128)]
    isActive: bool
    cliente: Annotated[Text, Field(max_length=200)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    endereco: Annotated[Text, Field(max_length=300)]
    datatrasancao: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)? ?(Z|[+-]\d\d:\d\d)$")]


@asynccontextmanager
async def lifespan(application):
    connection = await broker.connect()
    channel = await connection.channel(publisher_confirms=True)
    application.state.exchange = await broker.declare(channel)
    yield
    await connection.close()


app = FastAPI(lifespan=lifespan)


def written_anew(transactions):
    return json.dumps([transaction.model_dump(by_alias=True) for transaction in transactions]).encode()


@app.post("/", status_code=202)
async def upload(transactions: list[Transaction], request: Request):
    # What was checked is what came: tuned, it is passed on as it is.
    body = await request.body() if broker.TUNED else written_anew(transactions)
    message = aio_pika.Message(body, content_type="application/json", message_id=str(uuid.uuid4()),
                               delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await app.state.exchange.publish(message, routing_key="")
    return {"upload": message.message_id, "records": len(transactions)}
