"""One page of a collection: sorted, after where the page before has ended."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

from services.ingress.laserfiche.odata import EntityType, Options, Order
from services.ingress.laserfiche.position import Position, Value

Row = Mapping[str, Any]


def page(rows: Iterable[Row], options: Options, entity: EntityType) -> tuple[list[Row], str | None]:
    """The rows of one page, and the query for the page after it; None if there is none."""
    order = (*options.order, Order(entity.key))

    def place(row: Row) -> tuple[Value, ...]:
        return tuple(row[each.property] for each in order)

    def by_place(left: Row, right: Row) -> int:
        return _compare(place(left), place(right), order)

    after = options.after
    ahead = [row for row in rows if not after or _compare(place(row), after.values, order) > 0]
    ahead = sorted(ahead, key=cmp_to_key(by_place))[options.skip :]
    shown = ahead[: options.take]
    if len(ahead) == len(shown) or options.take == options.top:
        return shown, None
    return shown, options.next_query(Position(place(shown[-1]), options.page_size))


def _compare(left: Sequence[Value], right: Sequence[Value], order: Sequence[Order]) -> int:
    """Below zero if `left` comes first; null is the least of all values (OData 4.01, 11.2.6.2)."""
    for mine, others, by in zip(left, right, order, strict=True):
        if mine != others:
            less = mine is None or (others is not None and mine < others)  # type: ignore[operator] # of one property, so of one type
            return 1 if less == by.descending else -1
    return 0
