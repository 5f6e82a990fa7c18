"""The textbook: FastAPI asks with `broker.request()`; a FastStream consumer inserts and announces.

`python -m tests.bench.rivals.textbook http` serves, `... consumer` consumes.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvloop
from fastapi import FastAPI, Header, HTTPException
from faststream import FastStream
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.rabbit.schemas import QueueType
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

from tests.bench.rivals import common

QUEUE = RabbitQueue("rival.textbook.commands", queue_type=QueueType.QUORUM, durable=True)
EVENTS = RabbitExchange(common.EVENTS, type=ExchangeType.TOPIC, durable=True)


class LinkCommand(BaseModel):
    """What the consumer is asked for."""

    document_id: str
    entity_type: str
    entity_id: str
    role: str | None = None


def _broker() -> RabbitBroker:
    confirmed = Channel(prefetch_count=256, publisher_confirms=True, on_return_raises=False)
    return RabbitBroker(common.AMQP_URL, default_channel=confirmed, logger=None)


async def consume() -> None:
    """Run the consumer until told to stop."""
    broker = _broker()
    client: Any = AsyncIOMotorClient(common.MONGO_URL, tz_aware=True)
    links = client["rival_textbook"].get_collection("links", write_concern=common.DURABLE)
    await common.ensure_indexes(client["rival_textbook"])

    @broker.subscriber(QUEUE)
    async def link(command: LinkCommand) -> dict[str, Any]:
        made = common.new_link(**command.model_dump())
        await links.insert_one(made)
        event = common.event_of(made)
        await broker.publish(
            event, exchange=EVENTS, routing_key="link.created", persist=True, message_id=event["id"]
        )
        return common.shown(made)

    await FastStream(broker).run()


broker = _broker()


@asynccontextmanager
async def _connected(_app: FastAPI) -> AsyncIterator[None]:
    await broker.connect()
    await broker.declare_queue(QUEUE)
    yield
    await broker.stop()


app = FastAPI(lifespan=_connected)


@app.get("/readyz")
async def _ready() -> None:
    """Answer when started."""


@app.post("/v1/documents/{document_id}/link", status_code=201)
async def _link(
    document_id: str, body: common.LinkBody, authorization: Annotated[str, Header()]
) -> dict[str, Any]:
    if authorization != common.KEY:
        raise HTTPException(401)
    command = {"document_id": document_id, **body.model_dump()}
    answer = await broker.request(command, queue=QUEUE, persist=True, timeout=10)
    return {"data": json.loads(answer.body)}


if __name__ == "__main__":
    if sys.argv[1:] == ["consumer"]:
        uvloop.run(consume())
    else:
        common.serve(app)
