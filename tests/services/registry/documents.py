"""Documents for tests of the registry's inside."""

from datetime import UTC, datetime
from typing import Any

from contracts.documents import Document
from shared.ids import new_id

TIME = datetime(2026, 4, 17, 10, 45, 0, 123000, tzinfo=UTC)


def made(workspace_id: str, **fields: Any) -> Document:
    """A document as its registration makes it; its number is the store's to give."""
    document_id = new_id("doc")
    document: dict[str, Any] = {
        "id": document_id,
        "workspace_id": workspace_id,
        "name": "Acme-NDA-2026.pdf",
        "mime_type": "application/pdf",
        "size_bytes": 2**63 - 1,
        "storage_path": f"workspaces/{workspace_id}/{document_id}.pdf",
        "folder": "/clients/acme",
        "tags": ["nda", "\u00e9"],
        "created_by": "usr_1",
        "created_at": TIME,
        "updated_at": TIME,
        "version": 1,
    }
    return Document(**(document | fields))
