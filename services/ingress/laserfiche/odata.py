"""OData's query options, as far as Laserfiche v1 offers them, as pure functions.

Source: OData 4.01 part 2, section 5.1 (`$select`, `$orderby`), and RFC 7240 (`Prefer`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, get_type_hints
from urllib.parse import quote, urlencode

from contracts.errors import ErrorCode
from services.ingress.laserfiche.position import Position
from shared.errors import Refusal

MAX_ORDER = 5
DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 500
_PAGE_SIZE = re.compile(
    r'(?:^|,)\s*(?:odata\.)?maxpagesize\s*=\s*"?0*([1-9][0-9]*)"?\s*(?=[,;]|$)', re.IGNORECASE
)


@dataclass(frozen=True)
class EntityType:
    """What a collection holds.

    Attributes:
        name: In OData's metadata.
        properties: All there are, in the order in which they are shown.
        sortable: Those that have an order, and their type.
        key: The one that no two have in common.
    """

    name: str
    properties: tuple[str, ...]
    sortable: Mapping[str, type]
    key: str

    @classmethod
    def of(cls, name: str, shape: Any, key: str) -> Self:
        """An entity type with the members of a TypedDict as its properties."""
        hints = get_type_hints(shape)
        sortable = {name: hint for name, hint in hints.items() if hint in (int, str)}
        return cls(name, tuple(hints), sortable, key)


@dataclass(frozen=True)
class Order:
    """One expression of `$orderby`."""

    property: str
    descending: bool = False

    def __str__(self) -> str:
        """The expression itself."""
        return f"{self.property} desc" if self.descending else self.property


@dataclass(frozen=True)
class Options:
    """What a caller wants to see of a collection; `after` is where the page before has ended."""

    select: tuple[str, ...] | None = None
    order: tuple[Order, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    page_size: int = DEFAULT_PAGE_SIZE
    after: Position | None = None

    @property
    def take(self) -> int:
        """How many of them this page may hold."""
        return self.page_size if self.top is None else min(self.page_size, self.top)

    def next_query(self, position: Position) -> str:
        """The query for the page after `position`; what has been skipped is behind it."""
        options: dict[str, Any] = {}
        if self.select is not None:
            options["$select"] = ",".join(self.select)
        if self.order:
            options["$orderby"] = ",".join(map(str, self.order))
        if self.top is not None:
            options["$top"] = self.top - self.take
        if self.count:
            options["$count"] = "true"
        options["$skiptoken"] = position.token()
        return urlencode(options, safe="$", quote_via=quote)


def selection(text: str | None, entity: EntityType) -> tuple[str, ...] | None:
    """The properties that `$select` names; None for all of them."""
    names = tuple(name.strip() for name in (text or "").split(","))
    if names == ("",) or "*" in names:
        return None
    for name in names:
        if name not in entity.properties:
            raise invalid("$select", f"{_shown(name)} is not a property")
    return names


def selected(row: Mapping[str, Any], select: tuple[str, ...] | None, *always: str) -> Any:
    """The selected members of a row, in their own order."""
    if select is None:
        return row
    return {name: value for name, value in row.items() if name in select or name in always}


def ordering(text: str | None, entity: EntityType) -> tuple[Order, ...]:
    """The expressions of `$orderby`, at most five."""
    if not (text or "").strip():
        return ()
    expressions = (text or "").split(",")
    if len(expressions) > MAX_ORDER:
        raise invalid("$orderby", f"must have at most {MAX_ORDER} expressions")
    return tuple(_order(expression, entity) for expression in expressions)


def _order(expression: str, entity: EntityType) -> Order:
    name, *direction = expression.split()[:3] or [""]
    if name not in entity.sortable:
        raise invalid("$orderby", f"{_shown(name)} is not a property that has an order")
    if direction not in ([], ["asc"], ["desc"]):
        raise invalid("$orderby", f"{name} must be followed by asc, desc or nothing")
    return Order(name, descending=direction == ["desc"])


def preferred_size(prefer: str | None) -> int | None:
    """The page size of a `Prefer` header, which has a say and no force (RFC 7240, section 2)."""
    found = _PAGE_SIZE.search(prefer or "")
    return min(int(found[1][:10]), MAX_PAGE_SIZE) if found else None


def position(token: str | None, order: tuple[Order, ...], entity: EntityType) -> Position | None:
    """Where `$skiptoken` says that the page before has ended."""
    if token is None:
        return None
    types = [entity.sortable[name] for name in (*(each.property for each in order), entity.key)]
    found = Position.of(token, types, MAX_PAGE_SIZE)
    if found is None:
        raise invalid("$skiptoken", "must be that of an @odata.nextLink, with the same $orderby")
    return found


def invalid(option: str, rule: str) -> Refusal:
    """What a caller is told whose option breaks a rule."""
    return Refusal(ErrorCode.VALIDATION_ERROR, "The request is not valid", {option: rule})


def _shown(name: str) -> str:
    return repr(name[:64])
