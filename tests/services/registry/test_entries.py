"""Documents and folders as entries of one tree."""

from typing import Any

from contracts.topology import QUERIES
from services.registry.folder_store import FolderStore
from services.registry.folders import Folders
from services.registry.numbers import EntryNumbers
from services.registry.store import DocumentStore
from services.registry.upgrade import number_documents
from shared.store.client import Database
from shared.store.records import Records
from tests.services.registry.caller import Caller
from tests.services.registry.documents import TIME, made
from tests.support.bus import Outsider
from tests.support.workspace import Workspace


async def _found(
    outsider: Outsider, workspace: Workspace, **wanted: list[Any]
) -> dict[int, dict[str, Any]]:
    body = workspace.command(**wanted)
    reply = await outsider.ask("entry.find", body, exchange=QUERIES)
    entries = reply["result"]["entries"]
    assert len({entry["id"] for entry in entries}) == len(entries)
    return {entry["entry_id"]: entry for entry in entries}


async def test_a_document_is_found_in_its_folder_and_the_folder_in_its_own_up_to_the_root(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    _, document = await caller.registered(folder="/clients/acme", name="a.pdf")
    seen: list[tuple[str, str, str | None]] = []
    number = document["entry_id"]
    while number is not None:
        [entry] = (await _found(outsider, workspace, entry_ids=[number])).values()
        assert entry["workspace_id"] == workspace.id
        assert await _found(outsider, workspace, ids=[entry["id"]]) == {number: entry}
        seen.append((entry["kind"], entry["name"], entry["folder"]))
        number = entry["parent_id"]
    assert seen == [
        ("document", "a.pdf", "/clients/acme"),
        ("folder", "acme", "/clients"),
        ("folder", "clients", None),
        ("folder", workspace.id, None),
    ]
    assert (entry["entry_id"], entry["id"]) == (1, "fld_root")


async def test_entries_are_found_by_number_and_id_together_and_those_of_others_are_not(
    caller: Caller, workspace: Workspace, other_workspace: Workspace, outsider: Outsider
) -> None:
    documents = [(await caller.registered())[1] for _ in range(3)]
    gone = workspace.command(document_id=documents[2]["id"])
    await caller.ask("document.delete", gone)
    wanted = {
        "entry_ids": [1, documents[0]["entry_id"], documents[2]["entry_id"], 2**31 - 1],
        "ids": [*(each["id"] for each in documents), "fld_root", "fld_none"],
    }
    found = await _found(outsider, workspace, **wanted)
    assert set(found) == {1, documents[0]["entry_id"], documents[1]["entry_id"]}
    assert set(await _found(outsider, other_workspace, **wanted)) == {1}
    assert await _found(outsider, workspace) == {}


async def test_a_document_that_has_moved_has_another_parent(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    _, document = await caller.registered(folder="/a")
    number = document["entry_id"]
    before = (await _found(outsider, workspace, entry_ids=[number]))[number]["parent_id"]
    for folder in ("/b", "/"):
        move = workspace.command(document_id=document["id"], folder=folder)
        await caller.ask("document.update", move)
        after = (await _found(outsider, workspace, entry_ids=[number]))[number]["parent_id"]
        assert after != before
    assert after == 1


async def test_documents_of_an_earlier_release_get_their_numbers_and_folders(
    database: Database, workspace_id: str
) -> None:
    numbers = EntryNumbers(database)
    documents, folder_store = DocumentStore(database, numbers), FolderStore(database)
    folders = Folders(folder_store, numbers)
    await documents.prepare()
    await folder_store.prepare()
    old = [made(workspace_id, folder="/a/b") for _ in range(5)]
    records = Records(database, "documents")
    for document in old:
        record = document.model_dump(exclude={"entry_id"})
        await records.insert({"_id": Records.key(workspace_id, document.id), **record})
    for _ in range(2):
        await number_documents(documents, folders)
        ids = {document.id for document in old}
        found = await documents.find_many(workspace_id, set(), ids)
        tree = await folder_store.at(workspace_id, ["/a", "/a/b"])
        entry_ids = {each.entry_id for each in found} | {each.entry_id for each in tree.values()}
        assert len(entry_ids) == len(old) + 2
        assert None not in entry_ids
        assert {each.version for each in found} == {2}
        assert {each.created_at for each in found} == {TIME}
