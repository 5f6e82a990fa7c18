"""What all rivals have in common: the work itself, the settings, and how they are served."""

import os
from datetime import UTC, datetime
from typing import Any, Literal

import uvicorn
from pydantic import BaseModel, ConfigDict
from pymongo import WriteConcern
from ulid import ULID

AMQP_URL = os.environ.get("DOCLINK_AMQP_URL", "")
MONGO_URL = os.environ.get("DOCLINK_MONGO_URL", "")
KEY = f"Bearer {os.environ.get('BENCH_KEY', '')}"
WORKSPACE = "ws_rival"
DURABLE = WriteConcern(w="majority", j=True)
"""As safe as ours."""

QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}
UNIQUE = [("workspace_id", 1), ("key", 1)]


class LinkBody(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entity_type: Literal["contact", "company", "deal", "event", "matter", "task"]
    entity_id: str
    role: str | None = None


def new_link(
    document_id: str, entity_type: str, entity_id: str, role: str | None
) -> dict[str, Any]:
    """A link as it is stored."""
    ulid = str(ULID())
    return {
        "_id": f"{WORKSPACE}:dlnk_{ulid}",
        "id": f"dlnk_{ulid}",
        "workspace_id": WORKSPACE,
        "kind": "entity",
        "document_id": document_id,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "role": role,
        "key": f"entity:{document_id}:{entity_type}:{entity_id}",
        "created_at": datetime.now(UTC),
        "version": 1,
    }


def shown(link: dict[str, Any]) -> dict[str, Any]:
    """A link as it is answered and announced."""
    kept = {name: value for name, value in link.items() if name not in {"_id", "key"}}
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
