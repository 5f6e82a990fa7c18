import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local.ports import LOOPBACK, free_port
from shared.errors import StoreUnavailable
from shared.settings import Settings
from shared.store.client import Database
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records

Document = dict[str, Any]


@pytest.fixture
async def records(database: Database) -> Records:
    records = Records(database, "records")
    await records.index("workspace_id", "name", unique=True)
    return records


@pytest.fixture
def document(workspace_id: str) -> Any:
    def make(record_id: str, version: int = 1, **fields: Any) -> Document:
        return {
            "_id": Records.key(workspace_id, record_id),
            "workspace_id": workspace_id,
            "version": version,
            "name": record_id,
            **fields,
        }

    return make


async def test_a_record_is_read_as_it_was_written(
    records: Records, document: Any, workspace_id: str
) -> None:
    time = datetime(2026, 4, 17, 10, 45, 0, 123000, tzinfo=UTC)
    written = document("a", time=time, nested={"time": time, "list": [1, None, "x"]}, none=None)
    written["text"] = "a$b.c\u00e9\U0001f600"
    written["big"] = 2**63 - 1
    await records.insert(dict(written))
    assert await records.get(workspace_id, "a") == written
    assert await records.find_one({"_id": written["_id"]}) == written
    assert await records.get(workspace_id, "b") is None
    assert await records.get(workspace_id + "x", "a") is None


async def test_duplicates_in_one_batch_are_told_to_their_own_callers(
    records: Records, document: Any, workspace_id: str
) -> None:
    await records.insert(document("held"))
    answers = await asyncio.gather(
        *(records.insert(document(str(number))) for number in range(20)),
        records.insert(document("held")),
        records.insert(document("other id", name="held")),
        records.insert(document("twin", who=1)),
        records.insert(document("twin", who=2)),
        *(records.insert(document(str(number))) for number in range(20, 40)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers[20:24]] == [
        Duplicate,
        Duplicate,
        type(None),
        Duplicate,
    ]
    assert answers[:20] == answers[24:] == [None] * 20
    assert await records.count({"workspace_id": workspace_id}) == 42
    twin = await records.get(workspace_id, "twin")
    assert twin is not None
    assert twin["who"] == 1


async def test_reads_at_once_are_answered_each_with_its_own(
    records: Records, document: Any, workspace_id: str
) -> None:
    await asyncio.gather(*(records.insert(document(str(number))) for number in range(10)))
    wanted = [str(number % 12) for number in range(100)]
    found = await asyncio.gather(*(records.get(workspace_id, each) for each in wanted))
    names = [None if each is None else each["name"] for each in found]
    assert names == [None if each in ("10", "11") else each for each in wanted]


async def test_a_replacement_meets_its_version_or_nothing(
    records: Records, document: Any, workspace_id: str
) -> None:
    await records.insert(document("a"))
    await records.replace(document("a", 2, by="first"), version=1)
    with pytest.raises(Conflict):
        await records.replace(document("a", 2, by="second"), version=1)
    with pytest.raises(Conflict):
        await records.replace(document("gone", 2), version=1)
    assert await records.get(workspace_id, "a") == document("a", 2, by="first")
    assert await records.get(workspace_id, "gone") is None


async def test_of_replacements_at_once_one_wins(
    records: Records, document: Any, workspace_id: str
) -> None:
    await records.insert(document("a"))
    replacements = [records.replace(document("a", 2, by=by), version=1) for by in range(20)]
    answers = await asyncio.gather(*replacements, return_exceptions=True)
    [winner] = [by for by, answer in enumerate(answers) if answer is None]
    assert sum(isinstance(answer, Conflict) for answer in answers) == 19
    assert await records.get(workspace_id, "a") == document("a", 2, by=winner)


@pytest.mark.parametrize(
    ("held", "offered", "is_stored"), [(None, 1, True), (1, 2, True), (2, 2, False), (3, 2, False)]
)
async def test_the_newest_version_is_kept(
    records: Records,
    document: Any,
    workspace_id: str,
    held: int | None,
    offered: int,
    *,
    is_stored: bool,
) -> None:
    if held is not None:
        await records.insert(document("a", held, by="held"))
    assert await records.keep_newest(document("a", offered, by="offered")) is is_stored
    kept = await records.get(workspace_id, "a")
    assert kept is not None
    assert kept["by"] == ("offered" if is_stored else "held")


@pytest.mark.parametrize("order", [1, -1], ids=["rising", "falling"])
async def test_of_versions_at_once_the_newest_is_kept(
    records: Records, document: Any, workspace_id: str, order: int
) -> None:
    versions = list(range(1, 21))[::order]
    await asyncio.gather(*(records.keep_newest(document("a", each)) for each in versions))
    assert await records.get(workspace_id, "a") == document("a", 20)


async def test_the_same_version_many_times_at_once_is_stored_once(
    records: Records, document: Any
) -> None:
    stored = await asyncio.gather(*(records.keep_newest(document("a", 1)) for _ in range(20)))
    assert sum(stored) == 1


async def test_many_are_replaced_unless_they_are_marked(
    records: Records, document: Any, workspace_id: str
) -> None:
    for name in "abc":
        await records.insert(document(name))
    await records.replace_many([document("a", 2, by="one")], unless="by")
    await records.replace_many([document(name, 3, by="two") for name in "abd"], unless="by")
    await records.replace_many([], unless="by")
    found = await records.find({"workspace_id": workspace_id}, order=[("name", 1)])
    assert [(each["name"], each.get("by")) for each in found] == [
        ("a", "one"),
        ("b", "two"),
        ("c", None),
    ]


async def test_pages_are_in_order_and_the_count_is_over_all(
    records: Records, document: Any, workspace_id: str
) -> None:
    start = datetime(2026, 4, 17, tzinfo=UTC)
    for number in range(7):
        time = start + timedelta(milliseconds=number // 2)
        await records.insert(document(f"d{number}", time=time, kind=number % 2))
    which = {"workspace_id": workspace_id}
    order = [("time", -1), ("name", -1)]
    pages = [await records.find(which, order=order, skip=skip, limit=3) for skip in (0, 3, 6, 9)]
    assert [[each["name"] for each in page] for page in pages] == [
        ["d6", "d5", "d4"],
        ["d3", "d2", "d1"],
        ["d0"],
        [],
    ]
    short = await records.find(which, order=order, limit=1, without=("time", "name"))
    assert short == [{"_id": Records.key(workspace_id, "d6"), **which, "version": 1, "kind": 0}]
    assert len(await records.find(which)) == await records.count(which) == 7
    assert await records.count(which | {"kind": 1}) == 3
    assert await records.count({"workspace_id": "nobody"}) == 0


@pytest.mark.parametrize("driver", ["pymongo", "motor"])
async def test_a_database_that_is_away_is_a_fault_that_passes(driver: Any) -> None:
    url = f"mongodb://{LOOPBACK}:{free_port()}/"
    away = Database(Settings(mongo_url=url, mongo_driver=driver, store_timeout=0.05), "kernel")
    records = Records(away, "records")
    answers = await asyncio.gather(
        away.ping(),
        away.recognise(),
        records.index("a"),
        records.get("ws_1", "a"),
        records.find({}),
        records.find_one({}),
        records.count({}),
        records.insert({"_id": "a"}),
        records.keep_newest({"_id": "a", "version": 1}),
        records.replace({"_id": "a"}, version=1),
        records.replace_many([{"_id": "a"}], unless="by"),
        return_exceptions=True,
    )
    await away.close()
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 11
