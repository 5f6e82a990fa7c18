"""Laserfiche's links of an entry: the whole set is put, and pages of it are read."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Body

from contracts.errors import ErrorCode
from contracts.relations import (
    MAX_RELATIONS,
    DocumentRelations,
    DocumentRelationsResult,
    Relation,
    RelationsReplace,
    RelationsReplaceResult,
)
from services.ingress.demands import needs
from services.ingress.headers import IdempotencyKey
from services.ingress.laserfiche import odata
from services.ingress.laserfiche.bodies import (
    LINK,
    AssignedLinks,
    LinkPage,
    PutLinksRequest,
    WEntryLinkInfo,
)
from services.ingress.laserfiche.entries import full_path
from services.ingress.laserfiche.errors import documented
from services.ingress.laserfiche.odata import Options, Order
from services.ingress.laserfiche.options import collection_of
from services.ingress.laserfiche.repository import (
    REPOSITORY,
    CurrentRepository,
    PathEntryId,
    Repository,
    existing,
)
from shared.errors import Refusal
from shared.rules import MAX_FIELDS

router = APIRouter(tags=["Entries"])
_AT_ONCE = 1000
MAX_SORTED = 50_000
"""How many links are read at once to show some of them; more are walked page by page."""


@router.put(
    REPOSITORY + "/Entries/{entryId}/links",
    operation_id="AssignEntryLinks",
    dependencies=[needs("write:documents")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
@router.put(REPOSITORY + "/Entries/{entryId}/Links", include_in_schema=False)
async def assign_entry_links(
    repository: CurrentRepository,
    entry_id: PathEntryId,
    body: Annotated[list[PutLinksRequest], Body(max_length=MAX_RELATIONS)],
    _key: IdempotencyKey = None,
) -> AssignedLinks:
    """Give an entry these links and no others; an empty list removes them all."""
    wishes = await _wishes(repository, entry_id, body)
    answer = await repository.call.command(RelationsReplace, RelationsReplaceResult, **wishes)
    return AssignedLinks(value=[_row(each, repository) for each in answer.relations])


@router.get(
    REPOSITORY + "/Entries/{entryId}/links",
    operation_id="GetLinkValuesFromEntry",
    dependencies=[needs("read:documents")],
    responses=documented(ErrorCode.NOT_FOUND),
    response_model_exclude_unset=True,
)
@router.get(REPOSITORY + "/Entries/{entryId}/Links", include_in_schema=False)
async def get_link_values_from_entry(
    repository: CurrentRepository,
    entry_id: PathEntryId,
    options: Annotated[Options, collection_of(LINK)],
) -> LinkPage:
    """The links from and to an entry."""
    entry = await repository.entry(entry_id)
    relations, total = await _relations(repository, entry.id, options)
    rows = [_row(each, repository) for each in relations]
    return LinkPage(**repository.page(rows, options, LINK, total=total))


async def _wishes(
    repository: Repository, entry_id: int, body: Sequence[PutLinksRequest]
) -> dict[str, Any]:
    """The body as the link service takes it, with ids for numbers."""
    entries = await repository.entries(entry_id, *(each.target_id for each in body))
    source = existing(entries, entry_id)
    unknown = {
        f"{position}.targetId": f"{each.target_id} does not exist"
        for position, each in enumerate(body)
        if each.target_id not in entries
    }
    if unknown:
        fields = dict(islice(unknown.items(), MAX_FIELDS))
        raise Refusal(ErrorCode.NOT_FOUND, "Target entry does not exist", fields)
    relations = [
        {
            "target_id": entries[each.target_id].id,
            "link_type_id": each.link_type_id,
            "properties": each.custom_properties,
        }
        for each in body
    ]
    return {"document_id": source.id, "relations": relations}


async def _relations(
    repository: Repository, document_id: str, options: Options
) -> tuple[list[Relation], int]:
    """The relations that a page is made of, and how many there are.

    By number, which is how they are kept, those of the page are enough; any other order takes all.
    """
    by_number = options.order[:1] in ((), (Order(LINK.key),))
    after = options.after.values[-1] if by_number and options.after else 0
    enough = options.skip + options.take + 1 if by_number else MAX_SORTED + 1
    found: list[Relation] = []
    while True:
        limit = min(enough - len(found), _AT_ONCE)
        answer = await repository.call.query(
            DocumentRelations,
            DocumentRelationsResult,
            document_id=document_id,
            after=after,
            limit=limit,
        )
        found += answer.relations
        if len(found) > MAX_SORTED:
            option = "$skip" if by_number else "$orderby"
            raise odata.invalid(option, f"is for at most {MAX_SORTED} links; use @odata.nextLink")
        if len(answer.relations) < limit or len(found) == enough:
            return found, answer.total
        after = found[-1].link.link_number


def _row(relation: Relation, repository: Repository) -> WEntryLinkInfo:
    link, source, target, kind = relation.link, relation.source, relation.target, relation.link_type
    return WEntryLinkInfo(
        linkId=link.link_number or 0,
        sourceId=source.entry_id,
        sourceFullPath=full_path(source),
        sourceLabel=kind.source_label,
        targetId=target.entry_id,
        targetFullPath=full_path(target),
        targetLabel=kind.target_label,
        description="",
        linkTypeDescription=kind.description or "",
        linkTypeId=kind.link_type_id,
        linkProperties=link.properties,
        sourceLink=repository.entry_url(source.entry_id),
        targetLink=repository.entry_url(target.entry_id),
    )
