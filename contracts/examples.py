"""One valid example of every message, by the name of its schema.

They tell one story, with the values of the LeadLex documentation: a contract is registered,
linked to a deal, listed, and the deal is forgotten. Ids are derived as in production: the record
and the event that follow from a command carry the command's ULID.
"""

from typing import Any, Final

Json = dict[str, Any]

_WORKSPACE: Final = "ws_123"
_ACTOR: Final = "usr_01HW0"
_TRACEPARENT: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

_KEY_ULID, _KEY_MADE_AT = "01KPDAP8M0PB4425BS0C275JAQ", "2026-04-17T09:00:00Z"
_DOCUMENT_ULID, _REGISTERED_AT = "01KPDGPGZ0FR6EE8C476CABEY1", "2026-04-17T10:45:00Z"
_DEAL_ULID, _DEAL_MADE_AT = "01KPDGZNY04B9C8RXT8BH6DGJM", "2026-04-17T10:50:00Z"
_LINK_ULID, _LINKED_AT = "01KPDH8TX0YXERHE0KS4V300SF", "2026-04-17T10:55:00Z"
_LATER_ULID, _LATER = "01KPDHHZW0MV411E5SF9ZKWWWS", "2026-04-17T11:00:00Z"
# Derived from a cause that has several consequences of a kind, or may have another one later.
_UNLINKED_ULID: Final = "01KPDHHZW0W09JMTHBCPX4JYS0"
_REFUSED_ULID: Final = "01KPDH8TX0FVVX4G9HQP4WPTWG"

_DOCUMENT_ID: Final = f"doc_{_DOCUMENT_ULID}"
_LINK_ID: Final = f"dlnk_{_LINK_ULID}"
_KEY_ID: Final = f"key_{_KEY_ULID}"
_CONTACT_ID: Final = "123e4567-e89b-12d3-a456-426614174000"
_DEAL_ID: Final = "deal_01HY1"

_SAID_OF_DOCUMENT: Final[Json] = {
    "name": "Acme-NDA-2026.pdf",
    "mime_type": "application/pdf",
    "size_bytes": 183204,
    "storage_path": "workspaces/ws_123/documents/new-upload.pdf",
    "folder": "/clients/acme/ndas",
    "tags": ["nda", "confidentiality"],
}
_DOCUMENT: Final[Json] = {
    "id": _DOCUMENT_ID,
    "workspace_id": _WORKSPACE,
    **_SAID_OF_DOCUMENT,
    "description": None,
    "created_by": _ACTOR,
    "created_at": _REGISTERED_AT,
    "updated_at": _REGISTERED_AT,
    "version": 1,
}
_DEAL_REF: Final[Json] = {"entity_type": "deal", "entity_id": _DEAL_ID}
_DEAL: Final[Json] = {
    "workspace_id": _WORKSPACE,
    "provider": "workspace",
    **_DEAL_REF,
    "name": "Acme framework agreement",
    "created_at": _DEAL_MADE_AT,
    "updated_at": _DEAL_MADE_AT,
    "version": 1,
}
_GONE_DEAL: Final[Json] = {**_DEAL, "updated_at": _LATER, "version": 2}
_LINK: Final[Json] = {
    "id": _LINK_ID,
    "workspace_id": _WORKSPACE,
    "kind": "entity",
    "document_id": _DOCUMENT_ID,
    "provider": "workspace",
    **_DEAL_REF,
    "role": "signed",
    "created_by": _ACTOR,
    "created_at": _LINKED_AT,
    "version": 1,
}
_LISTED: Final[Json] = {
    "id": _DOCUMENT_ID,
    **{name: value for name, value in _SAID_OF_DOCUMENT.items() if name != "storage_path"},
    "role": "signed",
    "linked_at": _LINKED_AT,
    "created_at": _REGISTERED_AT,
}
_API_KEY: Final[Json] = {
    "id": _KEY_ID,
    "workspace_id": _WORKSPACE,
    "name": "Contract upload",
    "owner": _ACTOR,
    "scopes": ["read:documents", "write:documents"],
    "rate_limit": "600/minute",
    "created_at": _KEY_MADE_AT,
    "expires_at": "2027-04-17T09:00:00Z",
    "revoked_at": None,
    "version": 1,
}
_REVOKED_KEY: Final[Json] = {**_API_KEY, "revoked_at": _LATER, "version": 2}
# SHA-256 of the placeholder in the LeadLex documentation, `wbk_your_api_key_here`.
_KEY_HASH: Final = "1d7655b12f4a3046908872ec9cbd3675d9369bd80841fba21c20538750e004d8"

_REFUSAL: Final[Json] = {
    "code": "not_found",
    "message": f"There is no document {_DOCUMENT_ID} in this workspace.",
    "fields": None,
}


def _query(ulid: str, at: str, **payload: Any) -> Json:
    return {
        "command_id": f"cmd_{ulid}",
        "workspace_id": _WORKSPACE,
        "actor": _ACTOR,
        "issued_at": at,
        **payload,
    }


def _command(ulid: str, at: str, **payload: Any) -> Json:
    return _query(ulid, at, idempotency_key=f"retry-{ulid[-6:]}", **payload)


def _of_no_workspace(query: Json) -> Json:
    return {name: value for name, value in query.items() if name not in {"workspace_id", "actor"}}


def _event(ulid: str, at: str, service: str, subject: str, data: Json) -> Json:
    """All of the envelope but `type`, which is the key in `EXAMPLES`; events leave out nulls."""
    return {
        "specversion": "1.0",
        "id": f"evt_{ulid}",
        "source": f"/workspaces/{_WORKSPACE}/{service}",
        "subject": subject,
        "time": at,
        "datacontenttype": "application/json",
        "workspaceid": _WORKSPACE,
        "traceparent": _TRACEPARENT,
        "data": {name: value for name, value in data.items() if value is not None},
    }


def _health(service: str, *queues: str) -> Json:
    consumers = {f"doclink.{service}.{queue}": True for queue in queues}
    return {"result": {"consumers": consumers, "database": True}}


_REGISTER = _command(_DOCUMENT_ULID, _REGISTERED_AT, **_SAID_OF_DOCUMENT)
_HEALTH_QUERY = _of_no_workspace(_query(_LATER_ULID, _LATER))

_REQUESTS: Final[dict[str, Json]] = {
    "document.register": _REGISTER,
    "document.get": _query(_LATER_ULID, _LATER, document_id=_DOCUMENT_ID),
    "api_key.create": _command(
        _KEY_ULID,
        _KEY_MADE_AT,
        name=_API_KEY["name"],
        owner=_ACTOR,
        scopes=_API_KEY["scopes"],
        key_hash=_KEY_HASH,
        expires_at=_API_KEY["expires_at"],
        rate_limit=_API_KEY["rate_limit"],
    ),
    "api_key.revoke": _command(_LATER_ULID, _LATER, key_id=_KEY_ID),
    "api_key.get": _of_no_workspace(_query(_LATER_ULID, _LATER, key_hash=_KEY_HASH)),
    "api_key.list": _query(_LATER_ULID, _LATER),
    "registry.health": _HEALTH_QUERY,
    "link.create": _command(
        _LINK_ULID, _LINKED_AT, kind="entity", document_id=_DOCUMENT_ID, **_DEAL_REF, role="signed"
    ),
    "entity.documents": _query(
        _LATER_ULID,
        _LATER,
        entity_type="contact",
        entity_id=_CONTACT_ID,
        page=1,
        per_page=25,
        role="signed",
    ),
    "links.health": _HEALTH_QUERY,
    "entity.upsert": _command(
        _DEAL_ULID, _DEAL_MADE_AT, provider="workspace", **_DEAL_REF, name=_DEAL["name"]
    ),
    "entity.delete": _command(_LATER_ULID, _LATER, provider="workspace", **_DEAL_REF),
    "entity.get": _query(_LATER_ULID, _LATER, provider="workspace", **_DEAL_REF),
    "crm_sync.health": _HEALTH_QUERY,
}

_REPLIES: Final[dict[str, Json]] = {
    "document.register": {"result": {"document": _DOCUMENT}},
    "document.get": {"result": {"document": _DOCUMENT}},
    "api_key.create": {"result": {"api_key": _API_KEY}},
    "api_key.revoke": {"result": {"api_key": _REVOKED_KEY}},
    "api_key.get": {"result": {"api_key": _API_KEY}},
    "api_key.list": {"result": {"api_keys": [_API_KEY]}},
    "registry.health": _health("registry", "commands", "queries"),
    "link.create": {"result": {"link": _LINK, "created": True}},
    "entity.documents": {"result": {"documents": [_LISTED], "page": 1, "per_page": 25, "total": 1}},
    "links.health": _health("links", "commands", "events", "queries"),
    "entity.upsert": {"result": {"entity": _DEAL, "created": True}},
    "entity.delete": {"result": {"entity": _GONE_DEAL}},
    "entity.get": {"result": {"entity": _DEAL}},
    "crm_sync.health": _health("crm_sync", "commands", "queries"),
}

_EVENTS: Final[dict[str, Json]] = {
    "document.registered": _event(
        _DOCUMENT_ULID, _REGISTERED_AT, "registry", _DOCUMENT_ID, _DOCUMENT
    ),
    "link.created": _event(_LINK_ULID, _LINKED_AT, "links", _LINK_ID, _LINK),
    "link.deleted": _event(
        _UNLINKED_ULID,
        _LATER,
        "links",
        _LINK_ID,
        {**_LINK, "version": 2, "reason": "entity_deleted", "deleted_at": _LATER},
    ),
    "entity.upserted": _event(_DEAL_ULID, _DEAL_MADE_AT, "crm_sync", _DEAL_ID, _DEAL),
    "entity.deleted": _event(
        _LATER_ULID,
        _LATER,
        "crm_sync",
        _DEAL_ID,
        {**_GONE_DEAL, "deleted_at": _LATER},
    ),
    "api_key.created": _event(_KEY_ULID, _KEY_MADE_AT, "registry", _KEY_ID, _API_KEY),
    "api_key.revoked": _event(_LATER_ULID, _LATER, "registry", _KEY_ID, _REVOKED_KEY),
    "command.refused": _event(
        _REFUSED_ULID,
        _LINKED_AT,
        "links",
        f"cmd_{_LINK_ULID}",
        {
            "command_id": f"cmd_{_LINK_ULID}",
            "command_type": "link.create",
            "workspace_id": _WORKSPACE,
            "actor": _ACTOR,
            "refusal": {"code": _REFUSAL["code"], "message": _REFUSAL["message"]},
        },
    ),
}

REFUSED_REPLY: Final[Json] = {"refusal": _REFUSAL}
"""What any request may be answered with instead of its result."""

EXAMPLES: Final[dict[str, Json]] = {
    **_REQUESTS,
    **{f"{name}.reply": reply for name, reply in _REPLIES.items()},
    **{name: {**event, "type": name} for name, event in _EVENTS.items()},
    "refusal": _REFUSAL,
}
"""The examples by schema name: `link.create`, `link.create.reply`, `link.created`, `refusal`."""
