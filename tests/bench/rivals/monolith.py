"""The monolith: validate, insert and publish with a confirm, all within the request.

The usual alternative to a queue. It loses the event when it dies between its two writes.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import aio_pika
from fastapi import FastAPI, Header, HTTPException
from motor.motor_asyncio import AsyncIOMotorClient

from tests.bench.rivals import common


@asynccontextmanager
async def _connected(app: FastAPI) -> AsyncIterator[None]:
    client: Any = AsyncIOMotorClient(common.MONGO_URL, tz_aware=True)
    links = client["rival_monolith"].get_collection("links", write_concern=common.DURABLE)
    await links.create_index(common.UNIQUE, unique=True)
    connection = await aio_pika.connect_robust(common.AMQP_URL)
    channel = await connection.channel(publisher_confirms=True)
    app.state.links = links
    app.state.events = await channel.declare_exchange("rival.events", "topic", durable=True)
    yield
    await connection.close()
    client.close()


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
    link = common.new_link(document_id, body.entity_type, body.entity_id, body.role)
    await app.state.links.insert_one(link)
    event = common.event_of(link)
    await app.state.events.publish(
        aio_pika.Message(
            json.dumps(event).encode(),
            content_type="application/cloudevents+json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=event["id"],
        ),
        routing_key="link.created",
        mandatory=False,
    )
    return {"data": common.shown(link)}


@app.get("/v1/contacts/{contact_id}/documents")
async def _list(
    contact_id: str, authorization: Annotated[str, Header()], per_page: int = 25
) -> dict[str, Any]:
    if authorization != common.KEY:
        raise HTTPException(401)
    query = {"workspace_id": common.WORKSPACE, "entity_id": contact_id}
    found = await app.state.links.find(query).limit(per_page).to_list(per_page)
    return {"data": [common.shown(each) for each in found]}


if __name__ == "__main__":
    common.serve(app)
