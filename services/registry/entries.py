"""Documents and folders as the entries of one tree."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from contracts.documents import Document
from contracts.entries import (
    ROOT_ENTRY_ID,
    ROOT_FOLDER_ID,
    Entry,
    EntryFind,
    EntryFindResult,
    Folder,
)
from services.registry.folder_store import FolderStore
from services.registry.folders import line
from services.registry.store import DocumentStore
from shared.outcome import Outcome

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""When the root folders were made, which nobody did."""


async def find(query: EntryFind, documents: DocumentStore, folders: FolderStore) -> Outcome:
    """The documents and folders with these numbers or ids, each once."""
    wanted = query.workspace_id, set(query.entry_ids), set(query.ids)
    found, containers = await asyncio.gather(documents.find_many(*wanted), folders.find(*wanted))
    paths = {path for document in found for path in line(document.folder)}
    above = await folders.at(query.workspace_id, paths)
    entries = [
        _document_entry(document, document.entry_id, above)
        for document in found
        if document.entry_id is not None  # an earlier release that still runs has just made it
    ]
    entries += [_folder_entry(folder) for folder in containers]
    if ROOT_ENTRY_ID in query.entry_ids or ROOT_FOLDER_ID in query.ids:
        entries.append(_root(query.workspace_id))
    return Outcome(EntryFindResult(entries=_each_once(entries)))


def _document_entry(document: Document, entry_id: int, folders: dict[str, Folder]) -> Entry:
    # A document moves first and its folders are made then: for a moment the nearest one counts.
    parents = [folders[path] for path in line(document.folder) if path in folders]
    return Entry(
        entry_id=entry_id,
        id=document.id,
        workspace_id=document.workspace_id,
        kind="document",
        name=document.name,
        folder=document.folder,
        parent_id=parents[-1].entry_id if parents else ROOT_ENTRY_ID,
        created_by=document.created_by,
        created_at=document.created_at,
        updated_at=document.updated_at,
    )


def _folder_entry(folder: Folder) -> Entry:
    parent, _, name = folder.path.rpartition("/")
    return Entry(
        entry_id=folder.entry_id,
        id=folder.id,
        workspace_id=folder.workspace_id,
        kind="folder",
        name=name,
        folder=parent or None,
        parent_id=folder.parent_id,
        created_by=folder.created_by,
        created_at=folder.created_at,
        updated_at=folder.created_at,
    )


def _root(workspace_id: str) -> Entry:
    """The root folder, which has the name of the repository."""
    return Entry(
        entry_id=ROOT_ENTRY_ID,
        id=ROOT_FOLDER_ID,
        workspace_id=workspace_id,
        kind="folder",
        name=workspace_id,
        created_at=_ALWAYS,
        updated_at=_ALWAYS,
    )


def _each_once(entries: Iterable[Entry]) -> list[Entry]:
    """What was asked for by number and by id comes once."""
    return list({entry.entry_id: entry for entry in entries}.values())
