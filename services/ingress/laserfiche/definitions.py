"""Laserfiche's link definitions: what kinds of links there are."""

from typing import Annotated

from fastapi import APIRouter, Path

from contracts.errors import ErrorCode
from contracts.fields import LinkTypeId
from contracts.link_types import (
    LinkType,
    LinkTypeDefine,
    LinkTypeList,
    LinkTypeListResult,
    LinkTypeResult,
)
from services.ingress.call import CurrentCall
from services.ingress.demands import InDigits, needs
from services.ingress.headers import IdempotencyKey
from services.ingress.laserfiche import odata
from services.ingress.laserfiche.bodies import (
    DEFINITION,
    DefinitionPage,
    EntryLinkTypeInfo,
    PostLinkDefinitionRequest,
)
from services.ingress.laserfiche.errors import documented
from services.ingress.laserfiche.odata import Options
from services.ingress.laserfiche.options import collection_of, single_of
from services.ingress.laserfiche.repository import REPOSITORY, CurrentRepository, Repository
from shared.errors import Refusal

router = APIRouter(tags=["LinkDefinitions"])


@router.get(
    REPOSITORY + "/LinkDefinitions",
    operation_id="GetLinkDefinitions",
    dependencies=[needs("read:documents")],
    responses=documented(ErrorCode.NOT_FOUND),
    response_model_exclude_unset=True,
)
async def get_link_definitions(
    repository: CurrentRepository, options: Annotated[Options, collection_of(DEFINITION)]
) -> DefinitionPage:
    """The kinds of links that this repository has."""
    rows = [_row(each) for each in await _link_types(repository)]
    return DefinitionPage(**repository.page(rows, options, DEFINITION, total=len(rows)))


@router.get(
    REPOSITORY + "/LinkDefinitions/{linkTypeId}",
    operation_id="GetLinkDefinitionById",
    dependencies=[needs("read:documents")],
    responses=documented(ErrorCode.NOT_FOUND),
)
async def get_link_definition_by_id(
    repository: CurrentRepository,
    link_type_id: Annotated[LinkTypeId, InDigits, Path(alias="linkTypeId", examples=[1])],
    select: Annotated[tuple[str, ...] | None, single_of(DEFINITION)],
) -> EntryLinkTypeInfo:
    """One kind of link."""
    for link_type in await _link_types(repository):
        if link_type.link_type_id == link_type_id:
            shown: EntryLinkTypeInfo = odata.selected(_row(link_type), select)
            return shown
    raise Refusal(ErrorCode.NOT_FOUND, f"Link definition {link_type_id} does not exist")


@router.post(
    REPOSITORY + "/LinkDefinitions",
    operation_id="CreateLinkDefinition",
    status_code=201,
    dependencies=[needs("write:documents")],
    responses=documented(
        ErrorCode.NOT_FOUND, ErrorCode.LIMIT_REACHED, ErrorCode.IDEMPOTENCY_CONFLICT
    ),
)
async def create_link_definition(
    call: CurrentCall,
    _repository: CurrentRepository,
    body: PostLinkDefinitionRequest,
    _key: IdempotencyKey = None,
) -> EntryLinkTypeInfo:
    """Define one more kind of link; this endpoint is ours, Laserfiche v1 has none."""
    answer = await call.command(
        LinkTypeDefine,
        LinkTypeResult,
        source_label=body.source_label,
        target_label=body.target_label,
        description=body.link_type_description,
    )
    return _row(answer.link_type)


async def _link_types(repository: Repository) -> list[LinkType]:
    return (await repository.call.query(LinkTypeList, LinkTypeListResult)).link_types


def _row(link_type: LinkType) -> EntryLinkTypeInfo:
    return EntryLinkTypeInfo(
        linkTypeId=link_type.link_type_id,
        sourceLabel=link_type.source_label,
        targetLabel=link_type.target_label,
        linkTypeDescription=link_type.description or "",
    )
