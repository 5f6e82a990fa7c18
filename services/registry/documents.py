"""What the registry does with documents."""

from contracts.documents import (
    Document,
    DocumentFields,
    DocumentGet,
    DocumentRegister,
    DocumentRegistered,
    DocumentResult,
)
from contracts.errors import ErrorCode
from services.registry.store import DocumentStore
from shared.errors import Refusal
from shared.ids import derive, now
from shared.outcome import Outcome, announce


async def register(command: DocumentRegister, documents: DocumentStore) -> Outcome:
    """Record a document; one storage path, one document."""
    time = now()
    document = Document(
        id=derive("doc", command.command_id),
        workspace_id=command.workspace_id,
        created_by=command.actor,
        created_at=time,
        updated_at=time,
        version=1,
        **command.model_dump(include=set(DocumentFields.model_fields)),
    )
    stored = await documents.add(document)
    if stored.id != document.id:
        raise Refusal(
            ErrorCode.STORAGE_CONFLICT,
            "A document already exists at the supplied storage_path",
            {"storage_path": "Must be unique in the workspace"},
        )
    event = announce(
        command.command_id,
        DocumentRegistered(**stored.model_dump()),
        subject=stored.id,
        workspace_id=stored.workspace_id,
        time=stored.created_at,
    )
    return Outcome(DocumentResult(document=stored), [event])


async def get(query: DocumentGet, documents: DocumentStore) -> Outcome:
    """Read one document."""
    document = await documents.find(query.workspace_id, query.document_id)
    if document is None:
        raise Refusal(ErrorCode.NOT_FOUND, "Document not found")
    return Outcome(DocumentResult(document=document))
