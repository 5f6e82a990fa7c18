"""Sets of relations under many writers, and after a writer that died half way."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.links import Link
from services.links.set_store import LinkSets
from services.links.sets import Change, LinkSet, changed
from shared.ids import new_id
from shared.store.client import Database

AT = datetime(2026, 4, 17, 10, 45, 30, 250_000, tzinfo=UTC)


@pytest.fixture
async def sets(database: Database) -> LinkSets:
    sets = LinkSets(database)
    await sets.prepare()
    return sets


def _link(workspace_id: str, target: str, **fields: Any) -> Link:
    link: dict[str, Any] = {
        "id": new_id("dlnk"),
        "workspace_id": workspace_id,
        "kind": "relation",
        "document_id": "doc_0",
        "provider": "doclink",
        "entity_type": "document",
        "entity_id": target,
        "link_number": 1,
        "link_type_id": 1,
        "created_at": AT,
        "version": 1,
    }
    return Link(**(link | fields))


class Writer:
    """Replaces a set by its own, under one cause."""

    def __init__(self, sets: LinkSets, workspace_id: str, cause: str, *targets: str) -> None:
        self.cause = cause
        self.links = [_link(workspace_id, target) for target in targets]
        self._sets = sets
        self._workspace_id = workspace_id

    def like(self, other: "Writer") -> "Writer":
        """The same command, perhaps in another process."""
        self.links = other.links
        return self

    async def decide(self, before: LinkSet) -> Change | None:
        if await self._sets.changes_by(self._workspace_id, self.cause, "doc_0"):
            return None
        return changed(before, self.links, cause=self.cause, reason="replaced", at=AT)

    async def write(self) -> Change | None:
        return await self._sets.change(self._workspace_id, "doc_0", self.decide)


class Dying(LinkSets):
    """Dies after it has stored a change, and before the set is in its place."""

    async def _put_in_place(self, change: dict[str, Any]) -> None:
        raise ConnectionAbortedError(change["_id"])


async def test_a_set_is_read_as_it_was_written_and_found_by_its_targets(
    sets: LinkSets, workspace_id: str
) -> None:
    writer = Writer(sets, workspace_id, "cmd_1", "doc_1", "doc_2")
    writer.links[0] = writer.links[0].model_copy(update={"properties": {"a.b": "1", "$c": ""}})
    await writer.write()
    held = await sets.find(workspace_id, "doc_0")
    assert held == LinkSet(workspace_id, "doc_0", 1, writer.links)
    assert await sets.with_target(workspace_id, "doc_1") == [held]
    assert await sets.with_target(workspace_id, "doc_2") == [held]
    assert await sets.with_target(workspace_id, "doc_0") == []
    assert await sets.with_target(new_id("ws"), "doc_1") == []
    await Writer(sets, workspace_id, "cmd_2", "doc_2").write()
    assert await sets.with_target(workspace_id, "doc_1") == []


async def test_a_change_is_found_by_its_cause_as_it_was_made(
    sets: LinkSets, workspace_id: str
) -> None:
    first, second = (
        Writer(sets, workspace_id, "cmd_1", "doc_1"),
        Writer(sets, workspace_id, "cmd_2", "doc_2"),
    )
    made = [await first.write(), await second.write()]
    assert await sets.changes_by(workspace_id, "cmd_1") == made[:1]
    assert await sets.changes_by(workspace_id, "cmd_2", "doc_0") == made[1:]
    assert await sets.changes_by(workspace_id, "cmd_2", "doc_1") == []
    assert await sets.changes_by(new_id("ws"), "cmd_1") == []


async def test_of_many_writers_at_once_each_owns_one_version_and_follows_from_the_one_before(
    sets: LinkSets, database: Database, workspace_id: str
) -> None:
    targets = [[f"doc_{n}", f"doc_{n + 1}", "doc_99"] for n in range(1, 13)]
    # Each in a process of its own, as far as the store can tell; some share one.
    processes = [sets, *(LinkSets(database) for _ in range(7))]
    writers = [
        Writer(processes[number % 8], workspace_id, new_id("cmd"), *each)
        for number, each in enumerate(targets)
    ]
    # Every command is delivered twice, at the same moment.
    twins = [
        Writer(processes[number % 5], workspace_id, writer.cause).like(writer)
        for number, writer in enumerate(writers)
    ]
    made = await asyncio.gather(*(writer.write() for writer in writers + twins))
    changes = sorted(
        [c for w in writers for c in await sets.changes_by(workspace_id, w.cause)],
        key=lambda change: change.after.version,
    )
    assert [change.after.version for change in changes] == list(range(1, len(writers) + 1))
    assert len([change for change in made if change is not None]) == len(writers)
    assert await sets.find(workspace_id, "doc_0") == changes[-1].after
    there: set[str] = set()
    for change in changes:
        assert {gone.id for gone in change.removed} == there
        there = {link.id for link in change.created}
        assert there == {link.id for link in change.after.links}


async def test_a_reader_sees_one_of_the_sets_at_any_moment(
    sets: LinkSets, database: Database, workspace_id: str
) -> None:
    writers = [
        Writer(
            LinkSets(database), workspace_id, new_id("cmd"), *(f"doc_{n}_{m}" for m in range(20))
        )
        for n in range(8)
    ]
    wanted = [set[str]()] + [{link.id for link in writer.links} for writer in writers]
    writing = asyncio.gather(*(writer.write() for writer in writers))
    seen = 0
    while not writing.done():
        held = await sets.find(workspace_id, "doc_0")
        assert {link.id for link in held.links} in wanted
        seen += 1
    await writing
    assert seen > 1


async def test_a_change_whose_writer_died_is_put_in_place_by_the_next_one(
    sets: LinkSets, database: Database, workspace_id: str
) -> None:
    await Writer(sets, workspace_id, "cmd_1", "doc_1").write()
    dead = Writer(Dying(database), workspace_id, "cmd_2", "doc_2")
    with pytest.raises(ConnectionAbortedError):
        await dead.write()
    next_one = Writer(sets, workspace_id, "cmd_3", "doc_3")
    change = await next_one.write()
    assert change is not None
    assert change.after.version == 3
    assert [gone.id for gone in change.removed] == [link.id for link in dead.links]


async def test_a_writer_that_died_finds_its_own_change_and_puts_it_in_place(
    sets: LinkSets, database: Database, workspace_id: str
) -> None:
    dead = Writer(Dying(database), workspace_id, "cmd_1", "doc_1")
    with pytest.raises(ConnectionAbortedError):
        await dead.write()
    assert (await sets.find(workspace_id, "doc_0")).links == []
    again = Writer(sets, workspace_id, "cmd_1", "doc_1")
    assert await again.write() is None
    assert (await sets.find(workspace_id, "doc_0")).links == dead.links
    [change] = await sets.changes_by(workspace_id, "cmd_1")
    assert change.created == dead.links


async def test_a_late_second_run_leaves_what_came_after_it(
    sets: LinkSets, workspace_id: str
) -> None:
    first = Writer(sets, workspace_id, "cmd_1", "doc_1")
    await first.write()
    newer = Writer(sets, workspace_id, "cmd_2", "doc_2")
    await newer.write()
    assert await first.write() is None
    assert (await sets.find(workspace_id, "doc_0")).links == newer.links
