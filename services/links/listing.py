"""What the link service answers about an entity's documents and a document's entities."""

import asyncio

from contracts.documents import Document
from contracts.errors import ErrorCode
from contracts.links import (
    DocumentLinks,
    DocumentLinksResult,
    EntityDocuments,
    EntityDocumentsResult,
    Link,
    LinkedDocument,
)
from services.links.owners import Owners
from services.links.store import LinkStore
from shared.errors import Refusal
from shared.outcome import Outcome


async def documents_of_entity(query: EntityDocuments, links: LinkStore, owners: Owners) -> Outcome:
    """A page of the documents linked to an entity, newest link first."""
    _, (page, total) = await asyncio.gather(owners.require_entity(query), links.of_entity(query))
    documents = await asyncio.gather(
        *(_document_unless_gone(query.workspace_id, link.document_id, owners) for link in page)
    )
    shown = [
        _linked(document, link)
        for link, document in zip(page, documents, strict=True)
        if document is not None
    ]
    return Outcome(
        EntityDocumentsResult(
            documents=shown,
            page=query.page,
            per_page=query.per_page,
            total=total - (len(page) - len(shown)),
        )
    )


async def links_of_document(query: DocumentLinks, links: LinkStore, owners: Owners) -> Outcome:
    """A page of a document's links of one kind, newest first."""
    _, (page, total) = await asyncio.gather(
        owners.document(query.workspace_id, query.document_id), links.of_document(query)
    )
    return Outcome(
        DocumentLinksResult(links=page, page=query.page, per_page=query.per_page, total=total)
    )


async def _document_unless_gone(
    workspace_id: str, document_id: str, owners: Owners
) -> Document | None:
    """None for a document that is deleted, whose links are about to be removed."""
    try:
        return await owners.document(workspace_id, document_id)
    except Refusal as refusal:
        if refusal.code is not ErrorCode.NOT_FOUND:
            raise
        return None


def _linked(document: Document, link: Link) -> LinkedDocument:
    return LinkedDocument(
        **document.model_dump(include=set(LinkedDocument.model_fields)),
        role=link.role,
        link_id=link.id,
        linked_at=link.created_at,
    )
