"""A deal is recorded in the workspace's directory, and a CRM is connected."""

from typing import Final

from contracts.examples.story import (
    ACTOR,
    CONNECTED,
    DEAL_MADE,
    DEAL_REF,
    LATER,
    WORKSPACE,
    Json,
    command,
    event,
    query,
)

_PARENT: Final[Json] = {"entity_type": "company", "entity_id": "company_01HY1"}
_DEAL: Final[Json] = {
    "workspace_id": WORKSPACE,
    "provider": "workspace",
    **DEAL_REF,
    "name": "Acme framework agreement",
    "parent": _PARENT,
    "created_at": DEAL_MADE[1],
    "updated_at": DEAL_MADE[1],
    "version": 1,
}
_GONE_DEAL: Final[Json] = {**_DEAL, "updated_at": LATER[1], "version": 2}
_CONNECTION: Final[Json] = {
    "workspace_id": WORKSPACE,
    "provider": "pipedrive",
    "created_by": ACTOR,
    "created_at": CONNECTED[1],
    "version": 1,
}
_GONE_CONNECTION: Final[Json] = {**_CONNECTION, "version": 2}

REQUESTS: Final[dict[str, Json]] = {
    "entity.upsert": command(
        DEAL_MADE, provider="workspace", **DEAL_REF, name=_DEAL["name"], parent=_PARENT
    ),
    "entity.delete": command(LATER, provider="workspace", **DEAL_REF),
    "entity.get": query(LATER, provider="workspace", **DEAL_REF),
    "entity.children": query(LATER, provider="workspace", **_PARENT),
    "connection.create": command(CONNECTED, provider="pipedrive"),
    "connection.delete": command(LATER, provider="pipedrive"),
    "connection.list": query(LATER),
}
REPLIES: Final[dict[str, Json]] = {
    "entity.upsert": {"result": {"entity": _DEAL, "created": True}},
    "entity.delete": {"result": {"entity": _GONE_DEAL}},
    "entity.get": {"result": {"entity": _DEAL}},
    "entity.children": {"result": {"children": [_DEAL]}},
    "connection.create": {"result": {"connection": _CONNECTION, "created": True}},
    "connection.delete": {"result": {"connection": _GONE_CONNECTION}},
    "connection.list": {"result": {"connections": [_CONNECTION]}},
}
EVENTS: Final[dict[str, Json]] = {
    "entity.upserted": event(DEAL_MADE, "crm_sync", DEAL_REF["entity_id"], _DEAL),
    "entity.deleted": event(
        LATER, "crm_sync", DEAL_REF["entity_id"], {**_GONE_DEAL, "deleted_at": LATER[1]}
    ),
    "connection.created": event(CONNECTED, "crm_sync", "pipedrive", _CONNECTION),
    "connection.deleted": event(LATER, "crm_sync", "pipedrive", _GONE_CONNECTION),
}
