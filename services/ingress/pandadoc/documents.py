"""PandaDoc's listing of the documents that are linked to one record of a CRM."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from contracts.errors import ErrorCode
from contracts.fields import CrmProvider, EntityTypeName, RecordId
from contracts.links import EntityDocuments, EntityDocumentsResult, LinkedDocument
from services.ingress.call import CurrentCall
from services.ingress.demands import needs
from services.ingress.pandadoc.errors import DOCUMENTED
from services.ingress.pandadoc.models import DocumentBody
from services.ingress.walk import every
from shared.errors import Refusal

router = APIRouter(tags=["Document Link to CRM"], responses=DOCUMENTED)

OrderBy = Literal["-date_created", "date_created", "-name", "name"]
_ORDERS: dict[str, Callable[[LinkedDocument], Any]] = {
    "date_created": lambda document: (document.created_at, document.id),
    "name": lambda document: (document.name.casefold(), document.id),
}
MAX_OWNERS = 100
MAX_OWNER = 128
NO_OWNERS = {"[]", ""}
"""PandaDoc's own default for `owner_ids` is a list of one string, `[]`."""


@router.get(
    "/public/v1/documents/linked-objects",
    operation_id="listDocumentsByLinkedObject",
    summary="List Documents by Linked Object",
    dependencies=[needs("read:documents")],
)
async def list_documents_by_linked_object(
    *,
    call: CurrentCall,
    entity_id: Annotated[RecordId, Query(examples=["134"])],
    entity_type: Annotated[EntityTypeName, Query(examples=["deal"])],
    provider: Annotated[CrmProvider, Query(examples=["pipedrive"])],
    order_by: OrderBy = "-date_created",
    owner_ids: Annotated[
        list[Annotated[str, Field(max_length=MAX_OWNER)]],
        Query(
            default_factory=list,
            max_length=MAX_OWNERS,
            description="Only documents that one of these created",
        ),
    ],
) -> list[DocumentBody]:
    """All documents that are linked to a record of a CRM; none for a record that is not there."""
    entity = {"provider": provider, "entity_type": entity_type, "entity_id": entity_id}
    try:
        documents = await every(
            call, EntityDocuments, EntityDocumentsResult, lambda page: page.documents, **entity
        )
    except Refusal as refusal:
        if refusal.code is not ErrorCode.NOT_FOUND:
            raise
        documents = []
    owners = set(owner_ids) - NO_OWNERS
    wanted = [each for each in documents if not owners or each.created_by in owners]
    wanted.sort(key=_ORDERS[order_by.removeprefix("-")], reverse=order_by.startswith("-"))
    return [DocumentBody.of(each) for each in wanted]
