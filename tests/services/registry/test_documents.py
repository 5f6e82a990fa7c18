"""The document's life through the queue: what comes again, comes late, or comes twice."""

from deploy.local.stack import Stack
from shared.ids import derive
from tests.services.registry.caller import Caller, heard
from tests.support.bus import Outsider
from tests.support.records import stored
from tests.support.workspace import PDF, Workspace


async def test_a_registration_makes_its_folders_and_run_again_announces_the_same(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    async with outsider.tap() as tap:
        body, document = await caller.registered(folder="/a/b")
        assert await caller.ask("document.register", body) == document
        events = await heard(tap, workspace, 6)
    assert sorted(events[:3], key=str) == sorted(events[3:], key=str)
    made = {type_: data for type_, _, data in events[:3] if type_ == "document.registered"}
    assert made == {"document.registered": document}
    folders = {data["path"]: data for type_, _, data in events[:3] if type_ == "folder.created"}
    assert set(folders) == {"/a", "/a/b"}
    assert folders["/a"]["parent_id"] == 1
    assert folders["/a/b"]["parent_id"] == folders["/a"]["entry_id"]
    numbers = {document["entry_id"], *(folder["entry_id"] for folder in folders.values())}
    assert len(numbers) == 3
    assert min(numbers) == 2


async def test_folders_that_are_there_are_not_announced_again(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    await caller.registered(folder="/a/b")
    async with outsider.tap() as tap:
        await caller.registered(folder="/a")
        await caller.registered(folder="/a/c")
        events = await heard(tap, workspace, 3)
    paths = [data["path"] for type_, _, data in events if type_ == "folder.created"]
    assert paths == ["/a/c"]


async def test_a_refused_registration_makes_no_folders(
    caller: Caller, workspace: Workspace, stack: Stack
) -> None:
    _, document = await caller.registered()
    _, reply = await caller.registered(storage_path=document["storage_path"], folder="/new")
    assert reply["refusal"]["code"] == "storage_conflict"
    _, reply = await caller.registered(storage_path="elsewhere/a.pdf", folder="/new")
    assert set(reply["refusal"]["fields"]) == {"storage_path"}
    assert stored(stack, "registry", "folders", workspace_id=workspace.id) == []


async def test_an_update_is_announced_with_the_folders_it_makes_and_only_if_it_changes_something(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    _, document = await caller.registered(folder="/a")
    wish = {"document_id": document["id"], "name": "new", "folder": "/b/c", "tags": ["x"]}
    async with outsider.tap() as tap:
        first = workspace.command(**wish)
        changed = await caller.ask("document.update", first)
        assert await caller.ask("document.update", workspace.command(**wish)) == changed
        assert await caller.ask("document.update", first) == changed
        events = await heard(tap, workspace, 6)
    assert (changed["name"], changed["folder"], changed["version"]) == ("new", "/b/c", 2)
    assert changed["entry_id"] == document["entry_id"]
    assert sorted(events[:3], key=str) == sorted(events[3:], key=str)
    updates = [(id_, data) for type_, id_, data in events[:3] if type_ == "document.updated"]
    assert updates == [(derive("evt", first["command_id"]), changed)]
    assert await caller.get(document["id"]) == changed


async def test_what_comes_again_late_announces_what_it_did_and_undoes_nothing(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    body, document = await caller.registered(folder="/a")
    names = [workspace.command(document_id=document["id"], name=name) for name in ("one", "two")]
    one, two = [await caller.ask("document.update", each) for each in names]
    async with outsider.tap("document.*") as tap:
        assert await caller.ask("document.register", body) == document
        assert await caller.ask("document.update", names[0]) == one
        events = await heard(tap, workspace, 2)
    assert [(type_, data) for type_, _, data in events] == [
        ("document.registered", document),
        ("document.updated", one),
    ]
    assert await caller.get(document["id"]) == two


async def test_a_deleted_document_is_not_brought_back_by_what_comes_again_late(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    body, document = await caller.registered()
    update = workspace.command(document_id=document["id"], name="new")
    await caller.ask("document.update", update)
    end = workspace.command(document_id=document["id"])
    async with outsider.tap("document.*") as tap:
        gone = await caller.ask("document.delete", end)
        for type_, late in (("document.register", body), ("document.update", update)):
            assert (await caller.ask(type_, late))["id"] == document["id"]
        assert await caller.ask("document.delete", end) == gone
        events = await heard(tap, workspace, 4)
    assert [type_ for type_, _, _ in events] == [
        "document.deleted",
        "document.registered",
        "document.updated",
        "document.deleted",
    ]
    assert events[0] == events[3]
    assert events[0][2]["version"] == gone["version"] == 3
    for type_ in ("document.delete", "document.update"):
        again = workspace.command(document_id=document["id"])
        assert (await caller.ask(type_, again))["refusal"]["code"] == "not_found"
    assert (await caller.get(document["id"]))["refusal"]["code"] == "not_found"


async def test_a_document_that_is_deleted_leaves_its_storage_path_to_others(
    caller: Caller, workspace: Workspace
) -> None:
    _, document = await caller.registered()
    await caller.ask("document.delete", workspace.command(document_id=document["id"]))
    _, other = await caller.registered(storage_path=document["storage_path"])
    assert other["id"] != document["id"]
    assert other["storage_path"] == document["storage_path"]


async def test_an_update_that_comes_before_its_registration_waits_for_it(
    caller: Caller, workspace: Workspace, outsider: Outsider
) -> None:
    body = workspace.command(**PDF, storage_path=workspace.path("a"))
    document_id = derive("doc", body["command_id"])
    async with outsider.tap("document.*", "command.*") as tap:
        update = workspace.command(document_id=document_id, name="new")
        await outsider.publish("document.update", update)
        await outsider.publish("document.register", body)
        await tap.one(type="document.updated", subject=document_id)
    assert (await caller.get(document_id))["name"] == "new"
