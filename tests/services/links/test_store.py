import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.entities import EntityDeleted
from contracts.links import EntityDocuments, Link
from services.links.store import LinkStore, uniqueness_key
from shared.ids import new_id, now
from shared.store.client import Database

START = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
async def links(database: Database) -> LinkStore:
    links = LinkStore(database)
    await links.prepare()
    return links


def _link(workspace_id: str, **fields: Any) -> Link:
    link: dict[str, Any] = {
        "id": new_id("dlnk"),
        "workspace_id": workspace_id,
        "kind": "entity",
        "document_id": new_id("doc"),
        "entity_type": "contact",
        "entity_id": "contact_1",
        "created_at": START,
        "version": 1,
    }
    return Link(**(link | fields))


def _end(workspace_id: str, at: datetime = START, **fields: Any) -> EntityDeleted:
    entity: dict[str, Any] = {
        "workspace_id": workspace_id,
        "provider": "workspace",
        "entity_type": "contact",
        "entity_id": "contact_1",
        "created_at": START,
        "updated_at": at,
        "version": 2,
        "deleted_at": at,
    }
    return EntityDeleted(**(entity | fields))


async def _listed(links: LinkStore, workspace_id: str, **params: Any) -> tuple[list[str], int]:
    query = EntityDocuments(
        command_id=new_id("cmd"),
        workspace_id=workspace_id,
        entity_type="contact",
        entity_id="contact_1",
        **params,
    )
    page, total = await links.of_entity(query)
    return [link.id for link in page], total


@pytest.mark.parametrize("change", ["document_id", "entity_type", "entity_id"])
def test_document_and_entity_make_a_link_unique(change: str) -> None:
    link = _link("ws_1", document_id="doc_1")
    other = link.model_copy(update={change: "another"})
    assert uniqueness_key(link) == "entity:doc_1:contact:contact_1"
    assert uniqueness_key(other) != uniqueness_key(link)


def test_the_document_and_the_crm_make_a_crms_link_unique() -> None:
    link = _link("ws_1", kind="crm", document_id="doc_1", provider="pipedrive", entity_type="deal")
    assert uniqueness_key(link) == "crm:doc_1:pipedrive"


def test_neither_role_nor_creator_nor_id_make_a_link_another_one() -> None:
    link = _link("ws_1", document_id="doc_1")
    other = _link("ws_1", document_id="doc_1", role="signed", created_by="usr_2", version=2)
    assert uniqueness_key(link) == uniqueness_key(other)


async def test_the_first_of_equal_links_is_kept(links: LinkStore, workspace_id: str) -> None:
    equal = [_link(workspace_id, document_id="doc_1", role=str(number)) for number in range(20)]
    stored = await asyncio.gather(*(links.add(link) for link in equal))
    assert len({link.id for link in stored}) == 1
    assert stored[0] in equal
    again = await links.add(_link(workspace_id, document_id="doc_1"))
    assert again == stored[0]
    assert (await _listed(links, workspace_id))[1] == 1


async def test_a_link_added_again_is_the_one_that_was_stored(
    links: LinkStore, workspace_id: str
) -> None:
    link = _link(workspace_id)
    assert await links.add(link) == link
    again = link.model_copy(update={"created_at": START + MILLISECOND, "role": "other"})
    assert await links.add(again) == link
    assert await links.find(workspace_id, link.id) == link
    assert await links.find(new_id("ws"), link.id) is None


async def test_pages_are_newest_first_and_counted_over_all(
    links: LinkStore, workspace_id: str
) -> None:
    made = [
        _link(workspace_id, created_at=START + MILLISECOND * (number // 2), role=f"r{number % 3}")
        for number in range(7)
    ]
    await asyncio.gather(*(links.add(link) for link in made))
    await links.add(_link(new_id("ws")))
    await links.add(_link(workspace_id, entity_id="contact_2"))
    newest_first = [link.id for link in sorted(made, key=lambda m: (m.created_at, m.id))][::-1]
    pages = [await _listed(links, workspace_id, page=page, per_page=3) for page in (1, 2, 3, 4)]
    assert [total for _, total in pages] == [7] * 4
    assert [link_id for ids, _ in pages for link_id in ids] == newest_first
    assert await _listed(links, workspace_id, role="r1") == (
        [link_id for link_id in newest_first if link_id in {made[1].id, made[4].id}],
        2,
    )


async def test_removing_an_entitys_links_removes_all_of_them_and_no_other(
    links: LinkStore, workspace_id: str
) -> None:
    gone = [_link(workspace_id) for _ in range(3)]
    kept = [
        _link(workspace_id, entity_id="contact_2"),
        _link(workspace_id, entity_type="company"),
        _link(new_id("ws")),
    ]
    await asyncio.gather(*(links.add(link) for link in gone + kept))
    removed = await links.remove_of_entity(_end(workspace_id), cause="evt_1", before=now())
    assert {link.id for link in removed} == {link.id for link in gone}
    assert {(r.reason, r.deleted_at, r.version) for r in removed} == {("entity_deleted", START, 2)}
    assert await _listed(links, workspace_id) == ([], 0)
    assert [await links.add(link) for link in kept] == kept


async def test_a_removal_run_again_finds_what_it_removed_and_nothing_else(
    links: LinkStore, workspace_id: str
) -> None:
    await links.add(_link(workspace_id))
    first = await links.remove_of_entity(_end(workspace_id), cause="evt_1", before=now())
    await links.add(_link(workspace_id))
    second = await links.remove_of_entity(_end(workspace_id), cause="evt_2", before=now())
    assert first != second
    again = await links.remove_of_entity(_end(workspace_id), cause="evt_1", before=now())
    assert again == first


async def test_links_made_after_a_time_are_left_even_by_a_millisecond(
    links: LinkStore, workspace_id: str
) -> None:
    times = [START + MILLISECOND * number for number in (-1000, -1, 0, 1, 999)]
    made = [_link(workspace_id, created_at=time) for time in times]
    await asyncio.gather(*(links.add(link) for link in made))
    removed = await links.remove_of_entity(_end(workspace_id), cause="evt_1", before=START)
    assert {link.id for link in removed} == {link.id for link in made[:3]}
    left, _ = await _listed(links, workspace_id)
    assert left == [made[4].id, made[3].id]


async def test_a_removed_link_frees_its_key_and_cannot_be_added_again(
    links: LinkStore, workspace_id: str
) -> None:
    link = _link(workspace_id, document_id="doc_1")
    await links.add(link)
    await links.remove_of_entity(_end(workspace_id), cause="evt_1", before=now())
    assert (await links.add(link)).id == link.id
    assert await _listed(links, workspace_id) == ([], 0)
    newer = _link(workspace_id, document_id="doc_1")
    assert await links.add(newer) == newer
    assert (await links.add(link)).id == link.id
    assert await _listed(links, workspace_id) == ([newer.id], 1)


async def test_one_link_is_removed_once_and_never_in_the_place_of_its_successor(
    links: LinkStore, workspace_id: str
) -> None:
    old = _link(workspace_id, document_id="doc_1")
    new = _link(workspace_id, document_id="doc_1")
    await links.add(old)
    gone = await links.remove(old, cause="cmd_1", reason="unlinked", at=START)
    assert gone is not None
    assert (gone.id, gone.reason, gone.version) == (old.id, "unlinked", 2)
    await links.add(new)
    assert await links.remove(old, cause="cmd_1", reason="unlinked", at=now()) == gone
    assert await links.remove(old, cause="evt_2", reason="document_deleted", at=now()) is None
    assert await _listed(links, workspace_id) == ([new.id], 1)


async def test_more_links_than_a_chunk_are_removed(
    links: LinkStore, workspace_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.links.store.CHUNK", 3)
    made = await asyncio.gather(*(links.add(_link(workspace_id)) for _ in range(10)))
    late = await links.add(_link(workspace_id, created_at=START + MILLISECOND))
    removed = await links.remove_of_entity(_end(workspace_id), cause="evt_1", before=START)
    assert {link.id for link in removed} == {link.id for link in made}
    assert await _listed(links, workspace_id) == ([late.id], 1)
