"""What all rivals have in common: the work itself, the settings, and how they are served."""

import json
import os
from datetime import UTC, datetime
from typing import Any, Literal

import uvicorn
from aio_pika import DeliveryMode, Message
from pydantic import BaseModel, ConfigDict
from pymongo import WriteConcern
from ulid import ULID

AMQP_URL = os.environ.get("DOCLINK_AMQP_URL", "")
MONGO_URL = os.environ.get("DOCLINK_MONGO_URL", "")
KEY = f"Bearer {os.environ.get('BENCH_KEY', '')}"
WORKSPACE = "ws_rival"
EVENTS = "rival.events"
FLOOR_QUEUE = "rival.floor.commands"
DURABLE = WriteConcern(w="majority", j=True)
"""As safe as ours."""

QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}
NEWEST_FIRST = [("created_at", -1), ("id", -1)]
_INDEXES = (["key"], ["target", "-created_at", "-id"], ["document_id", "-created_at", "-id"])


class LinkBody(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entity_type: Literal["contact", "company", "deal", "event", "matter", "task"]
    entity_id: str
    role: str | None = None


async def ensure_indexes(database: Any) -> None:
    """The same indexes as ours, for the same rule and the same listings."""
    for fields in _INDEXES:
        order = [(f.removeprefix("-"), -1 if f.startswith("-") else 1) for f in fields]
        unique = fields == ["key"]
        await database["links"].create_index([("workspace_id", 1), *order], unique=unique)


def target(entity_type: str, entity_id: str) -> str:
    """What the listing of an entity selects on."""
    return f"workspace:{entity_type}:{entity_id}"


def new_link(
    document_id: str, entity_type: str, entity_id: str, role: str | None
) -> dict[str, Any]:
    """A link as it is stored."""
    ulid = str(ULID())
    return {
        "_id": f"{WORKSPACE}:dlnk_{ulid}",
        "key": f"entity:{document_id}:{entity_type}:{entity_id}",
        "target": target(entity_type, entity_id),
        "id": f"dlnk_{ulid}",
        "workspace_id": WORKSPACE,
        "kind": "entity",
        "document_id": document_id,
        "provider": "workspace",
        "entity_type": entity_type,
        "entity_id": entity_id,
        "role": role,
        "created_by": "usr_01HW0",
        "created_at": datetime.now(UTC),
        "version": 1,
    }


def shown(link: dict[str, Any]) -> dict[str, Any]:
    """A link as it is answered and announced."""
    kept = {name: value for name, value in link.items() if name not in {"_id", "key", "target"}}
    return kept | {"created_at": link["created_at"].isoformat()}


def event_of(link: dict[str, Any]) -> dict[str, Any]:
    """`link.created` as a CloudEvent."""
    ulid = link["id"].removeprefix("dlnk_")
    return {
        "specversion": "1.0",
        "id": f"evt_{ulid}",
        "type": "link.created",
        "source": "/rival",
        "subject": link["id"],
        "time": link["created_at"].isoformat(),
        "workspaceid": WORKSPACE,
        "data": shown(link),
    }


def message_of(event: dict[str, Any]) -> Message:
    """An event as it is published."""
    return Message(
        json.dumps(event).encode(),
        content_type="application/cloudevents+json",
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=event["id"],
    )


def serve(app: Any) -> None:
    """Serve HTTP with the same server and settings as ours."""
    uvicorn.run(
        app,
        host=os.environ["DOCLINK_HTTP_HOST"],
        port=int(os.environ["DOCLINK_HTTP_PORT"]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
    )
