"""A document's links: listed by kind, and removed with the document."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.documents import DocumentDeleted
from contracts.links import DocumentLinks, Link
from services.links.store import LinkStore
from shared.ids import new_id, now
from shared.store.client import Database

START = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
async def links(database: Database) -> LinkStore:
    links = LinkStore(database)
    await links.prepare()
    return links


def _link(workspace_id: str, number: int, **fields: Any) -> Link:
    link: dict[str, Any] = {
        "id": new_id("dlnk"),
        "workspace_id": workspace_id,
        "kind": "entity",
        "document_id": "doc_1",
        "entity_type": "contact",
        "entity_id": f"contact_{number}",
        "created_at": START + MILLISECOND * number,
        "version": 1,
    }
    return Link(**(link | fields))


def _crm_link(workspace_id: str, provider: str, **fields: Any) -> Link:
    crm = {"kind": "crm", "provider": provider, "entity_type": "deal"}
    return _link(workspace_id, 1, **(crm | fields))


def _end(workspace_id: str) -> DocumentDeleted:
    return DocumentDeleted(
        id="doc_1",
        workspace_id=workspace_id,
        name="a",
        mime_type="text/plain",
        storage_path="a",
        created_at=START,
        updated_at=START,
        version=2,
        deleted_at=START,
        hard=False,
    )


async def _listed(links: LinkStore, workspace_id: str, **params: Any) -> tuple[list[Link], int]:
    return await links.of_document(
        DocumentLinks(
            command_id=new_id("cmd"), workspace_id=workspace_id, document_id="doc_1", **params
        )
    )


async def test_a_documents_links_of_a_kind_are_paged_newest_first_without_removed_ones(
    links: LinkStore, workspace_id: str
) -> None:
    made = [_link(workspace_id, number) for number in range(5)]
    crm = _crm_link(workspace_id, "hubspot")
    others = [_link(workspace_id, 1, document_id="doc_2"), _link(new_id("ws"), 1)]
    await asyncio.gather(*(links.add(link) for link in [*made, crm, *others]))
    await links.remove(made[3], cause="cmd_1", reason="unlinked", at=now())
    assert await _listed(links, workspace_id, per_page=3) == ([made[4], made[2], made[1]], 4)
    assert await _listed(links, workspace_id, per_page=3, page=2) == ([made[0]], 4)
    assert await _listed(links, workspace_id, kind="crm") == ([crm], 1)


async def test_a_document_has_one_link_for_each_crm(links: LinkStore, workspace_id: str) -> None:
    wished = [_crm_link(workspace_id, "hubspot", entity_id=str(n)) for n in range(10)]
    stored = await asyncio.gather(*(links.add(link) for link in wished))
    assert len({link.id for link in stored}) == 1
    other = _crm_link(workspace_id, "pipedrive")
    assert await links.add(other) == other
    same_record = _crm_link(workspace_id, "hubspot", document_id="doc_2")
    assert await links.add(same_record) == same_record


async def test_the_end_of_a_document_removes_its_links_of_every_kind_and_finds_them_again(
    links: LinkStore, workspace_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.links.store.CHUNK", 2)
    gone = [_link(workspace_id, number) for number in range(4)]
    gone.append(_crm_link(workspace_id, "hubspot"))
    kept = [_link(workspace_id, 1, document_id="doc_2"), _link(new_id("ws"), 1)]
    unlinked = _link(workspace_id, 9)
    await asyncio.gather(*(links.add(link) for link in [*gone, *kept, unlinked]))
    await links.remove(unlinked, cause="cmd_1", reason="unlinked", at=now())
    first = await links.remove_of_document(_end(workspace_id), cause="evt_1")
    assert {link.id for link in first} == {link.id for link in gone}
    assert {(x.reason, x.deleted_at, x.version) for x in first} == {("document_deleted", START, 2)}
    again = await links.remove_of_document(_end(workspace_id), cause="evt_1")
    assert sorted(again, key=lambda x: x.id) == sorted(first, key=lambda x: x.id)
    assert [await links.add(link) for link in kept] == kept
    assert await _listed(links, workspace_id) == ([], 0)
