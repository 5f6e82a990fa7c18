"""A contract is registered, moved and described, and deleted."""

from typing import Final

from contracts.examples.story import (
    ACTOR,
    DELETED,
    DOCUMENT_ID,
    LATER,
    REGISTERED,
    UPDATED,
    WORKSPACE,
    Json,
    command,
    event,
    one_of_several,
    query,
)

SAID: Final[Json] = {
    "name": "Acme-NDA-2026.pdf",
    "mime_type": "application/pdf",
    "size_bytes": 183204,
    "storage_path": "workspaces/ws_123/documents/new-upload.pdf",
    "folder": "/clients/acme/ndas",
    "tags": ["nda", "confidentiality"],
}
DOCUMENT: Final[Json] = {
    "id": DOCUMENT_ID,
    "entry_id": 5,
    "workspace_id": WORKSPACE,
    **SAID,
    "description": None,
    "created_by": ACTOR,
    "created_at": REGISTERED[1],
    "updated_at": REGISTERED[1],
    "version": 1,
}
_UPDATED: Final[Json] = {
    **DOCUMENT,
    "description": "Signed by both",
    "tags": ["nda"],
    "updated_at": UPDATED[1],
    "version": 2,
}
_DELETED: Final[Json] = {**_UPDATED, "updated_at": DELETED[1], "version": 3}
_FOLDER: Final[Json] = {
    "id": "fld_01KPDGPGZ0A6JE9PZ90S63NGST",
    "entry_id": 4,
    "workspace_id": WORKSPACE,
    "path": "/clients/acme/ndas",
    "parent_id": 3,
    "created_by": ACTOR,
    "created_at": REGISTERED[1],
    "version": 1,
}
_ENTRY: Final[Json] = {
    "entry_id": 5,
    "id": DOCUMENT_ID,
    "workspace_id": WORKSPACE,
    "kind": "document",
    "name": SAID["name"],
    "folder": SAID["folder"],
    "parent_id": 4,
    "created_by": ACTOR,
    "created_at": REGISTERED[1],
    "updated_at": REGISTERED[1],
}

REQUESTS: Final[dict[str, Json]] = {
    "document.register": command(REGISTERED, **SAID),
    "document.update": command(
        UPDATED,
        document_id=DOCUMENT_ID,
        name=SAID["name"],
        description=_UPDATED["description"],
        folder=SAID["folder"],
        tags=["nda"],
    ),
    "document.delete": command(DELETED, document_id=DOCUMENT_ID, hard=False),
    "document.get": query(LATER, document_id=DOCUMENT_ID),
    "document.list": query(
        LATER,
        page=1,
        per_page=25,
        folder="/clients/acme",
        tags=["nda", "confidentiality"],
        mime_type="application/pdf",
        search="acme",
        created_after="2026-04-01T00:00:00Z",
    ),
    "entry.find": query(LATER, entry_ids=[5], ids=[DOCUMENT_ID]),
}
REPLIES: Final[dict[str, Json]] = {
    "document.register": {"result": {"document": DOCUMENT}},
    "document.update": {"result": {"document": _UPDATED}},
    "document.delete": {"result": {"document": _DELETED}},
    "document.get": {"result": {"document": DOCUMENT}},
    "document.list": {"result": {"documents": [DOCUMENT], "page": 1, "per_page": 25, "total": 1}},
    "entry.find": {"result": {"entries": [_ENTRY]}},
}
EVENTS: Final[dict[str, Json]] = {
    "document.registered": event(REGISTERED, "registry", DOCUMENT_ID, DOCUMENT),
    "document.updated": event(UPDATED, "registry", DOCUMENT_ID, _UPDATED),
    "document.deleted": event(
        DELETED,
        "registry",
        DOCUMENT_ID,
        {**_DELETED, "deleted_at": DELETED[1], "hard": False},
    ),
    "folder.created": event(
        one_of_several(REGISTERED, "01KPDGPGZ0A6JE9PZ90S63NGST"), "registry", _FOLDER["id"], _FOLDER
    ),
}
