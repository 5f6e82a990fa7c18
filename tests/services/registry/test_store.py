import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contracts.documents import Document, DocumentDelete, DocumentUpdate
from services.registry.numbers import EntryNumbers
from services.registry.revisions import deleted, updated
from services.registry.store import DocumentStore
from shared.ids import new_id
from shared.store.client import Database
from shared.store.faults import Conflict
from tests.services.registry.documents import TIME, made


@pytest.fixture
async def documents(database: Database) -> DocumentStore:
    store = DocumentStore(database, EntryNumbers(database))
    await store.prepare()
    return store


async def _deleted(documents: DocumentStore, document: Document) -> None:
    held = await documents.held(document.workspace_id, document.id)
    assert held is not None
    command = DocumentDelete(
        command_id=new_id("cmd"), workspace_id=document.workspace_id, document_id=document.id
    )
    await documents.write(held, deleted(held, command, TIME))


async def test_a_document_is_read_as_it_was_written_in_its_workspace_alone(
    documents: DocumentStore, workspace_id: str
) -> None:
    document = made(workspace_id)
    stored = (await documents.add(document)).document
    assert stored == document.model_copy(update={"entry_id": 2})
    assert await documents.find(workspace_id, document.id) == stored
    assert await documents.find(new_id("ws"), document.id) is None


async def test_a_storage_path_is_one_documents_within_its_workspace(
    documents: DocumentStore, workspace_id: str
) -> None:
    many = [made(workspace_id, storage_path="a/b.pdf") for _ in range(20)]
    held = await asyncio.gather(*(documents.add(each) for each in many))
    assert len({each.document.id for each in held}) == 1
    elsewhere = made(new_id("ws"), storage_path="a/b.pdf")
    assert (await documents.add(elsewhere)).document.id == elsewhere.id
    beside = made(workspace_id, storage_path="a/B.pdf")
    assert (await documents.add(beside)).document.id == beside.id


async def test_a_document_added_again_is_the_one_that_was_stored(
    documents: DocumentStore, workspace_id: str
) -> None:
    document = made(workspace_id)
    again = document.model_copy(update={"created_at": TIME + timedelta(seconds=1)})
    first, second = await asyncio.gather(documents.add(document), documents.add(again))
    assert first == second


async def test_every_document_has_a_number_of_its_own(
    documents: DocumentStore, workspace_id: str
) -> None:
    many = [made(workspace_id) for _ in range(50)]
    held = await asyncio.gather(*(documents.add(each) for each in many))
    numbers = {each.document.entry_id for each in held}
    assert numbers == set(range(2, 52))
    found = await documents.find_many(workspace_id, {2, 51, 52}, {many[0].id, "doc_none"})
    assert {each.entry_id for each in found} <= numbers
    assert {each.id for each in found} >= {many[0].id}
    assert await documents.find_many(new_id("ws"), {2}, {many[0].id}) == []


async def test_a_deleted_document_is_not_found_but_held_and_leaves_its_path_to_others(
    documents: DocumentStore, workspace_id: str
) -> None:
    document = made(workspace_id, storage_path="a")
    entry_id = (await documents.add(document)).document.entry_id
    assert entry_id is not None
    await _deleted(documents, document)
    assert await documents.find(workspace_id, document.id) is None
    assert await documents.at_path(workspace_id, "a") is None
    assert await documents.find_many(workspace_id, {entry_id}, {document.id}) == []
    held = await documents.add(document)
    assert held.end is not None
    assert held.document.storage_path == "a"
    other = made(workspace_id, storage_path="a")
    assert (await documents.add(other)).document.id == other.id


async def test_of_two_changes_to_one_version_one_is_a_conflict(
    documents: DocumentStore, workspace_id: str
) -> None:
    before = await documents.add(made(workspace_id))

    def renamed(name: str) -> Any:
        command = DocumentUpdate(
            command_id=new_id("cmd"),
            workspace_id=workspace_id,
            document_id=before.document.id,
            name=name,
        )
        return updated(before, command, TIME + timedelta(seconds=1))

    first = renamed("first")
    await documents.write(before, first)
    with pytest.raises(Conflict):
        await documents.write(before, renamed("second"))
    assert await documents.held(workspace_id, before.document.id) == first
