"""Many callers at the same moment: what is the same is made once, what is not is made each."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
from aio_pika.abc import AbstractIncomingMessage

from deploy.local.stack import Stack
from tests.support.bus import Outsider, Tap
from tests.support.records import stored
from tests.support.workspace import PDF, Workspace

MANY = 500
PATIENCE = 60.0


class Crowd:
    """Callers who all send at the same moment, each on a connection of its own."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def send(
        self, method: str, requests: Sequence[tuple[str, dict[str, Any]]]
    ) -> list[tuple[int, dict[str, Any]]]:
        """The status and body of the answer to each path and body."""
        return await asyncio.gather(*(self._send(method, *request) for request in requests))

    async def _send(
        self, method: str, path: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        async with self._session.request(method, path, json=body) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def crowd(stack: Stack, workspace: Workspace) -> AsyncIterator[Crowd]:
    """A crowd of the test's workspace; httpx spends seconds on so many connections."""
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Authorization": f"Bearer {workspace.key}"}
    async with aiohttp.ClientSession(stack.url, connector=connector, headers=headers) as session:
        yield Crowd(session)


def link_to(contact: str, document: str, **fields: str) -> tuple[str, dict[str, Any]]:
    """The path and body of a request for a link."""
    body = {"entity_type": "contact", "entity_id": contact, **fields}
    return f"/v1/documents/{document}/link", body


async def ask_all(
    outsider: Outsider, type_: str, commands: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The replies to commands that are all published at once."""
    replies: list[dict[str, Any]] = []
    complete = asyncio.Event()

    async def take(message: AbstractIncomingMessage) -> None:
        replies.append(json.loads(message.body))
        if len(replies) == len(commands):
            complete.set()

    channel = outsider.connection.channel()
    await channel.initialize()
    try:
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        await queue.consume(take, no_ack=True)
        await asyncio.gather(
            *(outsider.publish(type_, command, reply_to=queue.name) for command in commands)
        )
        async with asyncio.timeout(PATIENCE):
            await complete.wait()
    finally:
        await channel.close()
    return replies


async def heard(tap: Tap, workspace: Workspace, type_: str) -> list[str]:
    """The subjects of all events of a type that there were until now.

    All were confirmed before their commands were answered, so what is announced now comes last.
    """
    last = await workspace.document()
    await tap.one(type="document.registered", subject=last)
    events = tap.all(type=type_, workspaceid=workspace.id)
    return [event["subject"] for event in events if event["subject"] != last]


async def documents_of(workspace: Workspace, crowd: Crowd) -> list[str]:
    """So many documents."""
    paths = [workspace.path(f"{number}.pdf") for number in range(MANY)]
    answers = await crowd.send(
        "POST", [("/v1/documents", {**PDF, "storage_path": path}) for path in paths]
    )
    assert {status for status, _ in answers} == {201}
    return [body["data"]["id"] for _, body in answers]


async def test_identical_requests_make_one_link(
    workspace: Workspace, outsider: Outsider, crowd: Crowd, stack: Stack
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    async with outsider.tap() as tap:
        answers = await crowd.send("POST", [link_to(contact, document, role="signed")] * MANY)
        subjects = await heard(tap, workspace, "link.created")
    assert Counter(status for status, _ in answers) == {201: 1, 200: MANY - 1}
    assert all(body == answers[0][1] for _, body in answers)
    link = answers[0][1]["data"]["link_id"]
    assert subjects == [link]
    assert [each["id"] for each in stored(stack, "links", "links", document_id=document)] == [link]
    assert (await workspace.listed(contact))["meta"]["total"] == 1


async def test_of_many_roles_one_is_kept(workspace: Workspace, crowd: Crowd) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    requests = [link_to(contact, document, role=f"role {number}") for number in range(50)]
    answers = await crowd.send("POST", requests)
    assert Counter(status for status, _ in answers) == {201: 1, 200: 49}
    assert all(body == answers[0][1] for _, body in answers)
    (listed,) = (await workspace.listed(contact))["data"]["documents"]
    assert listed["role"] == answers[0][1]["data"]["role"]


async def test_different_requests_make_a_link_each(
    workspace: Workspace, outsider: Outsider, crowd: Crowd
) -> None:
    documents, contact = await documents_of(workspace, crowd), await workspace.entity()
    async with outsider.tap() as tap:
        answers = await crowd.send("POST", [link_to(contact, document) for document in documents])
        subjects = await heard(tap, workspace, "link.created")
    assert Counter(status for status, _ in answers) == {201: MANY}
    links = [body["data"]["link_id"] for _, body in answers]
    assert len(set(links)) == MANY
    assert sorted(subjects) == sorted(links)
    pages = [await workspace.listed(contact, page=page, per_page=100) for page in range(1, 7)]
    assert {page["meta"]["total"] for page in pages} == {MANY}
    listed = [document["id"] for page in pages for document in page["data"]["documents"]]
    assert sorted(listed) == sorted(documents)


async def test_identical_commands_make_one_link(
    workspace: Workspace, outsider: Outsider, stack: Stack
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    link = {"document_id": document, "entity_type": "contact", "entity_id": contact}
    async with outsider.tap() as tap:
        commands = [workspace.command(**link) for _ in range(MANY)]
        replies = await ask_all(outsider, "link.create", commands)
        subjects = await heard(tap, workspace, "link.created")
    assert Counter(reply["result"]["created"] for reply in replies) == {True: 1, False: MANY - 1}
    (link_id,) = {reply["result"]["link"]["id"] for reply in replies}
    assert subjects == [link_id]
    assert len(stored(stack, "links", "links", document_id=document)) == 1


async def test_different_commands_make_a_link_each(
    workspace: Workspace, outsider: Outsider, crowd: Crowd
) -> None:
    documents, contact = await documents_of(workspace, crowd), await workspace.entity()
    link = {"entity_type": "contact", "entity_id": contact}
    async with outsider.tap() as tap:
        commands = [workspace.command(document_id=document, **link) for document in documents]
        replies = await ask_all(outsider, "link.create", commands)
        subjects = await heard(tap, workspace, "link.created")
    assert all(reply["result"]["created"] for reply in replies)
    assert sorted(subjects) == sorted(reply["result"]["link"]["id"] for reply in replies)
    assert len(set(subjects)) == MANY
    assert (await workspace.listed(contact))["meta"]["total"] == MANY


async def test_one_command_published_many_times_makes_one_link(
    workspace: Workspace, outsider: Outsider, stack: Stack
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    link = {"document_id": document, "entity_type": "contact", "entity_id": contact}
    async with outsider.tap() as tap:
        replies = await ask_all(outsider, "link.create", [workspace.command(**link)] * 50)
        subjects = await heard(tap, workspace, "link.created")
    assert all(reply == replies[0] for reply in replies)
    assert replies[0]["result"]["created"]
    # The same event again is what at-least-once means; its id is always the same.
    assert set(subjects) == {replies[0]["result"]["link"]["id"]}
    assert len({event["id"] for event in tap.all(type="link.created")}) == 1
    assert len(stored(stack, "links", "links", document_id=document)) == 1


async def test_of_registrations_of_one_path_one_succeeds(
    workspace: Workspace, outsider: Outsider, crowd: Crowd, stack: Stack
) -> None:
    body = {**PDF, "storage_path": workspace.path("nda.pdf")}
    async with outsider.tap() as tap:
        answers = await crowd.send("POST", [("/v1/documents", body)] * 50)
        subjects = await heard(tap, workspace, "document.registered")
    assert Counter(status for status, _ in answers) == {201: 1, 409: 49}
    (made,) = [body["data"]["id"] for status, body in answers if status == 201]
    refusals = {body["error"]["code"] for status, body in answers if status == 409}
    assert refusals == {"storage_conflict"}
    assert subjects == [made]
    path = body["storage_path"]
    (kept,) = stored(stack, "registry", "documents", storage_path=path)
    assert kept["id"] == made


async def test_of_putting_one_entity_one_makes_it(
    workspace: Workspace, outsider: Outsider, crowd: Crowd
) -> None:
    async with outsider.tap() as tap:
        request = ("/v1/entities/contact/ada", {"name": "Ada"})
        answers = await crowd.send("PUT", [request] * 50)
        subjects = await heard(tap, workspace, "entity.upserted")
    assert Counter(status for status, _ in answers) == {201: 1, 200: 49}
    assert all(body == answers[0][1] for _, body in answers)
    assert subjects == ["ada"]
