"""What the link service answers about an entity's documents."""

import asyncio

from contracts.links import EntityDocuments, EntityDocumentsResult, LinkedDocument
from services.links.owners import Owners
from services.links.store import LinkStore
from shared.outcome import Outcome


async def documents_of_entity(query: EntityDocuments, links: LinkStore, owners: Owners) -> Outcome:
    """A page of the documents linked to an entity, newest link first."""
    _, (page, total) = await asyncio.gather(owners.require_entity(query), links.page(query))
    documents = await asyncio.gather(
        *(owners.document(query.workspace_id, link.document_id) for link in page)
    )
    return Outcome(
        EntityDocumentsResult(
            documents=[
                LinkedDocument(
                    id=document.id,
                    name=document.name,
                    mime_type=document.mime_type,
                    size_bytes=document.size_bytes,
                    folder=document.folder,
                    tags=document.tags,
                    role=link.role,
                    linked_at=link.created_at,
                    created_at=document.created_at,
                )
                for link, document in zip(page, documents, strict=True)
            ],
            page=query.page,
            per_page=query.per_page,
            total=total,
        )
    )
