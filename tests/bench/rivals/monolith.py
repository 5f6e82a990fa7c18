"""The monolith: validate, insert and publish with a confirm, all within the request.

The usual alternative to a queue. It loses the event when it dies between its two writes. It also
lists an entity's documents, straight from the database.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import aio_pika
from fastapi import FastAPI, Header, HTTPException
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo import MongoClient

from shared.store.records import equal
from tests.bench.rivals import common

DATABASE = "rival_monolith"


class ListedDocument(BaseModel):
    """A document in a listing, with what its link says."""

    id: str
    name: str
    mime_type: str
    size_bytes: int | None
    folder: str | None
    tags: list[str]
    role: str | None
    linked_at: datetime
    created_at: datetime


class Listed(BaseModel):
    """The documents of a page."""

    documents: list[ListedDocument]


class Meta(BaseModel):
    """Where a page stands."""

    page: int
    per_page: int
    total: int


class Page(BaseModel):
    """A page of a listing."""

    data: Listed
    meta: Meta


@asynccontextmanager
async def _connected(app: FastAPI) -> AsyncIterator[None]:
    client: Any = AsyncIOMotorClient(common.MONGO_URL, tz_aware=True)
    database = client[DATABASE]
    await common.ensure_indexes(database)
    connection = await aio_pika.connect_robust(common.AMQP_URL)
    channel = await connection.channel(publisher_confirms=True)
    app.state.database = database
    app.state.links = database.get_collection("links", write_concern=common.DURABLE)
    app.state.events = await channel.declare_exchange(common.EVENTS, "topic", durable=True)
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
        common.message_of(event),
        routing_key="link.created",
        mandatory=False,
    )
    return {"data": event["data"]}


@app.get("/v1/contacts/{contact_id}/documents")
async def _list(
    contact_id: str, authorization: Annotated[str, Header()], page: int = 1, per_page: int = 25
) -> Page:
    if authorization != common.KEY:
        raise HTTPException(401)
    state = app.state
    target = common.target("contact", contact_id)
    which = equal(workspace_id=common.WORKSPACE, target=target)
    cursor = state.links.find(which).sort(common.NEWEST_FIRST)
    # The command, for the embedded stand-in reads the whole collection for `count_documents`.
    counted, links = await asyncio.gather(
        state.database.command("count", "links", query=which),
        cursor.skip((page - 1) * per_page).limit(per_page).to_list(per_page),
    )
    ids = [each["document_id"] for each in links]
    found = await state.database["documents"].find({"_id": {"$in": ids}}).to_list(per_page)
    documents = {each["_id"]: each for each in found}
    listed = [
        ListedDocument(
            **documents[each["document_id"]], role=each["role"], linked_at=each["created_at"]
        )
        for each in links
    ]
    meta = Meta(page=page, per_page=per_page, total=counted["n"])
    return Page(data=Listed(documents=listed), meta=meta)


def fill(mongo_url: str, contact_id: str, document_ids: Sequence[str]) -> None:
    """Give it documents that are linked to a contact."""
    documents: list[dict[str, Any]] = [
        {
            "_id": each,
            "id": each,
            "name": "Acme-NDA-2026.pdf",
            "mime_type": "application/pdf",
            "size_bytes": None,
            "folder": None,
            "tags": [],
            "created_at": datetime.now(UTC),
        }
        for each in document_ids
    ]
    links = [common.new_link(each, "contact", contact_id, None) for each in document_ids]
    with MongoClient[dict[str, Any]](mongo_url) as client:
        client[DATABASE]["documents"].insert_many(documents)
        client[DATABASE]["links"].insert_many(links)


if __name__ == "__main__":
    common.serve(app)
