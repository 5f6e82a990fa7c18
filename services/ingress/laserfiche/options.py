"""OData's options as dependencies of endpoints, described for OpenAPI."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from pydantic import Field

from services.ingress.demands import InDigits, InWords
from services.ingress.laserfiche import odata
from services.ingress.laserfiche.odata import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, EntityType, Options

_COLLECTION = frozenset({"$select", "$orderby", "$top", "$skip", "$count", "$skiptoken"})
_PREFER = f"""`odata.maxpagesize=N` or `maxpagesize=N`: how many there may be on a page, at most
{MAX_PAGE_SIZE}; {DEFAULT_PAGE_SIZE} if nothing is said."""


Number = Annotated[int, Field(ge=0, le=2**31 - 1), InDigits]


def single_of(entity: EntityType) -> Any:
    """A dependency: the selected properties of one record, None for all."""

    async def read(
        request: Request,
        *,
        select: Annotated[str | None, _select(entity)] = None,
    ) -> tuple[str, ...] | None:
        _offered(request, frozenset({"$select"}))
        return odata.selection(select, entity)

    return Depends(read)


def collection_of(entity: EntityType) -> Any:
    """A dependency: what the caller wants to see of a collection."""

    async def read(
        request: Request,
        *,
        select: Annotated[str | None, _select(entity)] = None,
        orderby: Annotated[str | None, _orderby(entity)] = None,
        top: Annotated[
            Number | None, Query(alias="$top", description="Show at most so many, over all pages.")
        ] = None,
        skip: Annotated[Number, Query(alias="$skip", description="Leave out the first.")] = 0,
        count: Annotated[
            bool,
            InWords,
            Query(alias="$count", description="Tell how many there are, whatever is shown."),
        ] = False,
        skiptoken: Annotated[str | None, Query(alias="$skiptoken", include_in_schema=False)] = None,
        prefer: Annotated[str | None, Header(description=_PREFER)] = None,
    ) -> Options:
        _offered(request, _COLLECTION)
        order = odata.ordering(orderby, entity)
        after = odata.position(skiptoken, order, entity)
        kept = after.page_size if after else DEFAULT_PAGE_SIZE
        return Options(
            select=odata.selection(select, entity),
            order=order,
            top=top,
            skip=skip,
            count=count,
            page_size=odata.preferred_size(prefer) or kept,
            after=after,
        )

    return Depends(read)


def _select(entity: EntityType) -> Any:
    name = f"(?:{'|'.join(entity.properties)})"
    return Query(
        alias="$select",
        description="The properties to show, with commas between them.",
        json_schema_extra={"pattern": f"^(?:{name}(?:,{name})*)?$"},
    )


def _orderby(entity: EntityType) -> Any:
    expression = f"(?:{'|'.join(entity.sortable)})(?: (?:asc|desc))?"
    return Query(
        alias="$orderby",
        description="The properties to sort by, with commas between them; null comes first.",
        json_schema_extra={
            "pattern": f"^(?:{expression}(?:,{expression}){{0,{odata.MAX_ORDER - 1}}})?$"
        },
    )


def _offered(request: Request, offered: frozenset[str]) -> None:
    """Refuse options that would be left aside, or of which one would.

    To take no notice of a `$filter` would be to show what the caller has asked not to see.
    """
    given = [name for name, _ in request.query_params.multi_items() if name.startswith("$")]
    for name in given:
        if name not in offered:
            raise odata.invalid(name[:64], "is not offered here")
        if given.count(name) > 1:
            raise odata.invalid(name, "must be given once")
