"""Brings documents that an earlier release stored up to date, when the service starts."""

import asyncio

from services.registry.folders import Folders
from services.registry.revisions import Held
from services.registry.store import DocumentStore


async def number_documents(documents: DocumentStore, folders: Folders) -> None:
    """Return when every document has its entry number, and every folder is there.

    Nothing is announced: who misses the number of a document that it knows asks for it.
    """

    async def bring_up_to_date(held: Held) -> None:
        document = held.document
        await folders.ensure(
            document.workspace_id,
            document.folder,
            cause_id=document.id,
            actor=document.created_by,
            time=document.created_at,
        )
        await documents.number(held)

    while some := await documents.unnumbered():
        await asyncio.gather(*(bring_up_to_date(held) for held in some))
