"""OData's options, and pages of collections: pure functions."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.ingress.laserfiche import odata
from services.ingress.laserfiche.odata import EntityType, Options, Order
from services.ingress.laserfiche.paging import page
from services.ingress.laserfiche.position import Position
from shared.errors import Refusal

LINK = EntityType(
    "Link", ("id", "name", "kind", "more"), {"id": int, "name": str, "kind": int}, "id"
)
Row = dict[str, Any]


def row(number: int, name: str | None = None, kind: int = 1) -> Row:
    return {"id": number, "name": name, "kind": kind, "more": {}}


def walk(
    rows: list[Row], options: Options, between: Callable[[], None] = lambda: None
) -> list[int]:
    """The numbers on all pages, each asked for with the options of the page before's next link."""
    seen: list[int] = []
    while True:
        shown, following = page(rows, options, LINK)
        seen += [each["id"] for each in shown]
        if following is None:
            return seen
        between()
        given = parse_qs(following)
        order = odata.ordering(given.get("$orderby", [None])[0], LINK)
        after = odata.position(given["$skiptoken"][0], order, LINK)
        assert after is not None
        top = int(given["$top"][0]) if "$top" in given else None
        options = Options(order=order, top=top, page_size=after.page_size, after=after)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, None),
        ("", None),
        ("*", None),
        ("id", ("id",)),
        ("name, id", ("name", "id")),
        ("more", ("more",)),
    ],
)
def test_select_names_properties(text: str | None, names: tuple[str, ...] | None) -> None:
    assert odata.selection(text, LINK) == names


@pytest.mark.parametrize("text", ["ID", "id,", "id,nothing", "id desc", ","])
def test_select_refuses_what_is_no_property(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        odata.selection(text, LINK)
    assert set(refused.value.body.fields or {}) == {"$select"}


def test_selected_members_keep_their_order() -> None:
    assert list(odata.selected(row(1), ("kind", "id"))) == ["id", "kind"]
    assert list(odata.selected(row(1), ("name",), "kind")) == ["name", "kind"]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        (None, ()),
        (" ", ()),
        ("id", (Order("id"),)),
        ("name desc,id asc", (Order("name", descending=True), Order("id"))),
        ("id,id,id,id,id", (Order("id"),) * 5),
    ],
)
def test_orderby_names_properties_and_directions(
    text: str | None, order: tuple[Order, ...]
) -> None:
    assert odata.ordering(text, LINK) == order


@pytest.mark.parametrize(
    "text", ["nothing", "id down", "id desc desc", "id,", ",", "more", "id,id,id,id,id,id"]
)
def test_orderby_refuses_what_it_cannot_sort_by(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        odata.ordering(text, LINK)
    assert set(refused.value.body.fields or {}) == {"$orderby"}


@pytest.mark.parametrize(
    ("prefer", "size"),
    [
        ("maxpagesize=7", 7),
        ("odata.maxpagesize=7", 7),
        ('respond-async, OData.MaxPageSize = "7"; x=y, wait=5', 7),
        ("maxpagesize=7,maxpagesize=8", 7),
        ("maxpagesize=1000000000000000000000", odata.MAX_PAGE_SIZE),
        (None, None),
        ("", None),
        ("maxpagesize=0", None),
        ("maxpagesize=-1", None),
        ("maxpagesize=x", None),
        ("minmaxpagesize=7", None),
        ("return=minimal", None),
    ],
)
def test_preferred_page_size_is_taken_where_it_is_understood(
    prefer: str | None, size: int | None
) -> None:
    assert odata.preferred_size(prefer) == size


@pytest.mark.parametrize(
    "order",
    [
        (),
        (Order("id", descending=True),),
        (Order("name"),),
        (Order("name", descending=True), Order("kind")),
        (Order("kind", descending=True), Order("name")),
    ],
)
def test_a_walk_shows_each_row_once_in_order(order: tuple[Order, ...]) -> None:
    draw = random.Random(4)
    names = [None, "a", "b", "ä"]
    rows = [row(n, draw.choice(names), draw.randint(1, 3)) for n in range(1, 40)]
    draw.shuffle(rows)
    everything = walk(rows, Options(order=order, page_size=1000))
    assert sorted(everything) == list(range(1, 40))
    assert walk(rows, Options(order=order, page_size=7)) == everything


def test_orders_apply_one_after_the_other_and_the_number_decides() -> None:
    rows = [row(1, "b"), row(2, "a", 2), row(3, "a", 1), row(4, "b"), row(5, "a", 2)]
    options = Options(order=(Order("name", descending=True), Order("kind", descending=True)))
    assert walk(rows, options) == [1, 4, 2, 5, 3]


@pytest.mark.parametrize(("descending", "numbers"), [(False, [2, 1, 3]), (True, [3, 1, 2])])
def test_null_is_the_least_of_all(descending: bool, numbers: list[int]) -> None:  # noqa: FBT001
    rows = [row(1, "a"), row(2, None), row(3, "b")]
    assert walk(rows, Options(order=(Order("name", descending),), page_size=1)) == numbers


@pytest.mark.parametrize("order", [(), (Order("name"),), (Order("id", descending=True),)])
def test_rows_that_come_and_go_leave_the_others_where_they_are(order: tuple[Order, ...]) -> None:
    draw = random.Random(3)
    staying = [row(n, draw.choice("abc")) for n in range(100, 150)]
    passing = [row(n, draw.choice("abc")) for n in range(200, 230)]
    rows = staying + passing

    def change() -> None:
        rows.remove(passing.pop())
        rows.append(row(300 + len(rows), draw.choice("abc")))
        rows.append(row(99 - len(passing), draw.choice("abc")))

    seen = walk(rows, Options(order=order, page_size=4), change)
    assert len(seen) == len(set(seen))
    assert set(seen) >= {each["id"] for each in staying}


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (Options(top=0), []),
        (Options(top=3, page_size=2), [1, 2, 3]),
        (Options(top=4, page_size=2), [1, 2, 3, 4]),
        (Options(top=50, page_size=2), list(range(1, 11))),
        (Options(skip=8, page_size=1), [9, 10]),
        (Options(skip=3, top=3, page_size=2), [4, 5, 6]),
        (Options(skip=10), []),
    ],
)
def test_top_and_skip_count_over_all_pages(options: Options, numbers: list[int]) -> None:
    assert walk([row(n) for n in range(1, 11)], options) == numbers


def test_next_query_keeps_what_was_asked_for() -> None:
    wish = Options(
        select=("id", "name"),
        order=(Order("name", descending=True),),
        top=9,
        skip=5,
        count=True,
        page_size=2,
    )
    text = wish.next_query(Position(("ä", 7), 2))
    token = Position(("ä", 7), 2).token()
    assert text == (f"$select=id%2Cname&$orderby=name%20desc&$top=7&$count=true&$skiptoken={token}")


def test_a_full_last_page_has_no_next() -> None:
    rows = [row(1), row(2)]
    assert page(rows, Options(page_size=2), LINK)[1] is None
    assert page(rows, replace(Options(page_size=2), count=True), LINK)[1] is None


ORDER = (Order("name"),)


@pytest.mark.parametrize("values", [("a", 1), (None, 2**31 - 1), ("\U0001f600\\", 5)])
def test_position_comes_back_from_its_token(values: tuple[str | None, int]) -> None:
    there = Position(values, 50)
    assert odata.position(there.token(), ORDER, LINK) == there


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "!!!!", "ä", "W10", "bnVsbA", "e30", "W" * 4001),
        Position((1,), 50).token(),
        Position(("a", 1, 2), 50).token(),
        Position((1, 1), 50).token(),
        Position(("a", "1"), 50).token(),
        Position(("a", None), 50).token(),
        Position(("a", True), 50).token(),
        Position(("a", 1), 0).token(),
        Position(("a", 1), odata.MAX_PAGE_SIZE + 1).token(),
        Position(("a", 1), 50).token() + "!",
    ],
)
def test_a_bad_token_is_refused(token: str) -> None:
    with pytest.raises(Refusal) as refused:
        odata.position(token, ORDER, LINK)
    assert set(refused.value.body.fields or {}) == {"$skiptoken"}
