"""Walks all pages of a listing, for APIs that show the whole of it at once."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Protocol, TypeVar

from contracts.links import DocumentLinksResult, EntityDocumentsResult
from contracts.messages import Query
from services.ingress.call import Call

PAGE_SIZE = 1000


class Listed(Protocol):
    """What a listing lists."""

    @property
    def id(self) -> str:
        """The record's id."""
        ...


PageT = TypeVar("PageT", DocumentLinksResult, EntityDocumentsResult)
ListedT = TypeVar("ListedT", bound=Listed)


async def every(
    call: Call,
    query: type[Query],
    page: type[PageT],
    listed: Callable[[PageT], Sequence[ListedT]],
    **payload: Any,
) -> list[ListedT]:
    """Everything that a query lists, in its order; raises as `Call.query` does."""
    found: dict[str, ListedT] = {}
    for number in count(1):
        answer = await call.query(query, page, page=number, per_page=PAGE_SIZE, **payload)
        records = listed(answer)
        # By id: what is added meanwhile moves the others on, to the next page once more.
        found |= {each.id: each for each in records}
        # What is about to go is in neither the page nor the total, but takes up room in the page.
        if (number - 1) * PAGE_SIZE + len(records) >= answer.total:
            break
    return list(found.values())
