"""The bytes of documents: checked when one is registered, gone when it is deleted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.documents import DocumentRegister
from contracts.errors import ErrorCode
from deploy.local.stack import Stack
from services.registry.contents import Contents
from services.registry.numbers import EntryNumbers
from services.registry.store import DocumentStore
from shared.errors import Refusal
from shared.ids import new_id
from shared.objects import Objects
from shared.settings import Settings
from shared.store.client import Database
from tests.services.registry.caller import Caller
from tests.services.registry.documents import made
from tests.support.waiting import until
from tests.support.workspace import PDF


@pytest.fixture
def objects(stack: Stack) -> Objects:
    """The object store of the system under test."""
    return Objects(Settings(object_store_url=stack.infrastructure.urls.objects))


async def _put(objects: Objects, path: str, content: bytes = b"12345") -> str:
    async def sent() -> AsyncIterator[bytes]:
        yield content

    await objects.put(path, sent())
    return path


async def test_the_size_is_that_of_the_object_and_no_other(
    caller: Caller, objects: Objects
) -> None:
    path = await _put(objects, caller.workspace.path("a"))
    for size in (0, 4, 2**63 - 1):
        _, reply = await caller.registered(storage_path=path, size_bytes=size)
        assert reply["refusal"]["code"] == "validation_error"
        assert set(reply["refusal"]["fields"]) == {"size_bytes"}
    _, document = await caller.registered(storage_path=path)
    assert document["size_bytes"] == 5
    path = await _put(objects, caller.workspace.path("b"), b"")
    _, document = await caller.registered(storage_path=path, size_bytes=0)
    assert document["size_bytes"] == 0
    _, document = await caller.registered(size_bytes=7)
    assert document["size_bytes"] == 7


@pytest.mark.parametrize("path", ["a", "workspaces/", "workspaces/{}", "workspaces/{}x/a", "/{}/a"])
async def test_a_path_that_is_not_the_workspaces_own_is_refused(caller: Caller, path: str) -> None:
    _, reply = await caller.registered(storage_path=path.format(caller.workspace.id))
    assert set(reply["refusal"]["fields"]) == {"storage_path"}


async def test_a_registration_that_was_right_stays_right_when_it_comes_again(
    caller: Caller, objects: Objects
) -> None:
    path = await _put(objects, caller.workspace.path("a"))
    body, document = await caller.registered(storage_path=path, size_bytes=5)
    await _put(objects, path, b"other")
    await _put(objects, path, b"longer")
    assert await caller.ask("document.register", body) == document


async def test_bytes_go_soon_after_their_document_and_before_the_answer_if_wished(
    caller: Caller, objects: Objects
) -> None:
    for hard in (True, False):
        path = await _put(objects, caller.workspace.path("a"))
        beside = await _put(objects, caller.workspace.path("b"))
        _, document = await caller.registered(storage_path=path)
        body = caller.workspace.command(document_id=document["id"], hard=hard)
        assert (await caller.ask("document.delete", body))["id"] == document["id"]
        if hard:
            assert await objects.size(path) is None

        async def is_gone(path: str = path) -> bool:
            return await objects.size(path) is None

        await until(is_gone)
        assert await objects.size(beside) == 5


async def test_bytes_stay_where_another_document_has_the_path_by_now(
    caller: Caller, objects: Objects
) -> None:
    path = await _put(objects, caller.workspace.path("a"))
    _, document = await caller.registered(storage_path=path)
    body = caller.workspace.command(document_id=document["id"], hard=True)
    gone = await caller.ask("document.delete", body)
    await _put(objects, path, b"newer")
    await caller.registered(storage_path=path)
    assert await caller.ask("document.delete", body) == gone
    assert await objects.size(path) == 5


@pytest.fixture
def own(tmp_path: Path) -> Objects:
    return Objects(Settings(object_store_url=(tmp_path / "objects").as_uri()))


async def test_where_bytes_are_required_a_path_without_any_is_refused(
    database: Database, workspace_id: str, own: Objects
) -> None:
    documents = DocumentStore(database, EntryNumbers(database))
    contents = Contents(own, documents, required=True)
    path = f"workspaces/{workspace_id}/a"
    body = {"command_id": new_id("cmd"), "workspace_id": workspace_id, "storage_path": path}
    command = DocumentRegister.model_validate(PDF | body)
    with pytest.raises(Refusal) as caught:
        await contents.size_of(command)
    assert caught.value.code is ErrorCode.VALIDATION_ERROR
    assert set(caught.value.body.fields or {}) == {"storage_path"}
    await _put(own, path)
    assert await contents.size_of(command) == 5


async def test_bytes_that_lie_elsewhere_than_in_the_workspace_stay(
    database: Database, workspace_id: str, own: Objects
) -> None:
    contents = Contents(own, DocumentStore(database, EntryNumbers(database)), required=False)
    path = await _put(own, f"workspaces/{new_id('ws')}/a")
    await contents.release(made(workspace_id, storage_path=path))
    assert await own.size(path) == 5
