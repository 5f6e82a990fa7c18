"""What the registry does with documents."""

from contracts.documents import (
    DocumentDelete,
    DocumentDeleted,
    DocumentGet,
    DocumentList,
    DocumentListResult,
    DocumentRegister,
    DocumentRegistered,
    DocumentResult,
    DocumentUpdate,
    DocumentUpdated,
)
from contracts.errors import ErrorCode
from services.registry.contents import Contents
from services.registry.folders import Folders
from services.registry.revisions import Held, deleted, registered, updated
from services.registry.store import DocumentStore
from shared.errors import Refusal
from shared.ids import derive, now
from shared.outcome import Announcement, Outcome, announce
from shared.store.faults import Conflict


async def register(
    command: DocumentRegister, documents: DocumentStore, folders: Folders, contents: Contents
) -> Outcome:
    """Record a document and the folders it lies in; one storage path, one document."""
    held = await _add(command, documents, contents)
    if held.document.id != derive("doc", command.command_id):
        raise Refusal(
            ErrorCode.STORAGE_CONFLICT,
            "A document already exists at the supplied storage_path",
            {"storage_path": "Must be unique in the workspace"},
        )
    # As this command made it, whatever others have made of it since.
    document = registered(
        command,
        entry_id=held.document.entry_id,
        size_bytes=held.document.size_bytes,
        time=held.document.created_at,
    )
    # Only a command that succeeds makes folders: a refusal announces nothing.
    made = await folders.announced(command, document.folder, document.created_at)
    event = _announce(command.command_id, DocumentRegistered(**document.model_dump()))
    return Outcome(DocumentResult(document=document), [*made, event])


async def _add(command: DocumentRegister, documents: DocumentStore, contents: Contents) -> Held:
    """What is held under the command's id or storage path, after adding the document."""
    try:
        size = await contents.size_of(command)
    except Refusal:
        # It may have been right when the command ran first.
        document_id = derive("doc", command.command_id)
        held = await documents.held(command.workspace_id, document_id)
        if held is None:
            raise
        return held
    return await documents.add(registered(command, entry_id=None, size_bytes=size, time=now()))


async def update(command: DocumentUpdate, documents: DocumentStore, folders: Folders) -> Outcome:
    """Change what is known of a document; no event where nothing changes."""
    while True:
        held = await _require(command, documents)
        changed = updated(held, command, now())
        try:
            await documents.write(held, changed)
        except Conflict:
            continue  # somebody else wrote in between: decide anew
        break
    change = changed.change_by(command.command_id)
    if change is None:
        if changed.end is not None:
            raise _not_found()
        return Outcome(DocumentResult(document=changed.document))
    document = change.document
    made = await folders.announced(command, document.folder, document.updated_at)
    event = _announce(command.command_id, DocumentUpdated(**document.model_dump()))
    return Outcome(DocumentResult(document=document), [*made, event])


async def delete(command: DocumentDelete, documents: DocumentStore, contents: Contents) -> Outcome:
    """Forget a document, and say so; the link service removes its links on hearing it."""
    while True:
        held = await _require(command, documents)
        changed = deleted(held, command, now())
        try:
            await documents.write(held, changed)
        except Conflict:
            continue
        break
    document, end = changed.document, changed.end
    if end is None or end.command_id != command.command_id:
        raise _not_found()
    if end.hard:
        await contents.release(document)
    gone = DocumentDeleted(**document.model_dump(), deleted_at=end.deleted_at, hard=end.hard)
    return Outcome(DocumentResult(document=document), [_announce(command.command_id, gone)])


async def get(query: DocumentGet, documents: DocumentStore) -> Outcome:
    """Read one document."""
    document = await documents.find(query.workspace_id, query.document_id)
    if document is None:
        raise _not_found()
    return Outcome(DocumentResult(document=document))


async def list_page(query: DocumentList, documents: DocumentStore) -> Outcome:
    """A page of the documents that meet all conditions, newest first."""
    page, total = await documents.page(query)
    return Outcome(
        DocumentListResult(documents=page, page=query.page, per_page=query.per_page, total=total)
    )


async def _require(command: DocumentUpdate | DocumentDelete, documents: DocumentStore) -> Held:
    held = await documents.held(command.workspace_id, command.document_id)
    if held is None:
        # Its registration may have been published just before, and be under way.
        raise _not_found(may_pass=True)
    return held


def _not_found(*, may_pass: bool = False) -> Refusal:
    return Refusal(ErrorCode.NOT_FOUND, "Document not found", may_pass=may_pass)


def _announce(
    cause_id: str, data: DocumentRegistered | DocumentUpdated | DocumentDeleted
) -> Announcement:
    time = data.deleted_at if isinstance(data, DocumentDeleted) else data.updated_at
    return announce(cause_id, data, subject=data.id, workspace_id=data.workspace_id, time=time)
