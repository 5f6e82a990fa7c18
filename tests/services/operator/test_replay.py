"""`doclink replay`, run as operators run it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from subprocess import CompletedProcess
from typing import Any

import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue

from contracts.broker_users import OPERATOR
from contracts.examples import EXAMPLES
from contracts.topology import EVENT_LOG, EVENTS
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack
from shared.ids import new_id, now
from tests.services.operator.run import run
from tests.support.bus import Outsider
from tests.support.waiting import until
from tests.support.workspace import Workspace

CLOUDEVENT = "application/cloudevents+json"


class Replay:
    """The command line, against the running system, with a queue of the test's own."""

    def __init__(self, amqp_url: str, queue: AbstractQueue) -> None:
        self._amqp_url = amqp_url
        self.queue = queue

    def run(self, *arguments: str) -> CompletedProcess[str]:
        return run("replay", "--queue", self.queue.name, *arguments, amqp_url=self._amqp_url)

    def said(self, *arguments: str) -> list[str]:
        ran = self.run(*arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.splitlines()

    async def got(self) -> list[AbstractIncomingMessage]:
        """All that is in the queue, taken off it; every one of them was confirmed before."""
        found = []
        while (message := await self.queue.get(no_ack=True, fail=False)) is not None:
            found.append(message)
        return found


@pytest.fixture
async def replay(stack: Stack, outsider: Outsider) -> AsyncIterator[Replay]:
    queue = await outsider.channel.declare_queue(exclusive=True)
    yield Replay(stack.infrastructure.urls.broker_users[OPERATOR.name], queue)
    await queue.delete(if_unused=False, if_empty=False)


async def _sent(outsider: Outsider, workspace_id: str, sent_at: datetime) -> str:
    """The id of an event that says it was sent at this time."""
    event = EXAMPLES["link.created"] | {"id": new_id("evt"), "workspaceid": workspace_id}
    options: dict[str, Any] = {"content_type": CLOUDEVENT, "timestamp": sent_at}
    event_id = str(event["id"])
    await outsider.publish("link.created", event, exchange=EVENTS, message_id=event_id, **options)
    return event_id


async def test_events_are_counted_first_and_then_sent_as_they_were_to_one_queue_alone(
    replay: Replay, workspace: Workspace, outsider: Outsider
) -> None:
    async with outsider.tap("document.*", "link.*") as tap:
        document, contact = await workspace.document(), await workspace.entity()
        await workspace.link(document, contact)
        before = [await tap.one(type=name, workspaceid=workspace.id) for name in _NAMES]
        wish = ["--workspace", workspace.id, "--types", "document.*, link.created"]
        counted = replay.said(*wish)
        assert counted[-1] == "2 events match; nothing was sent without --yes"
        assert await replay.got() == []
        assert replay.said(*wish, "--yes")[-1] == f"2 events sent to {replay.queue.name}"
        messages = await replay.got()
        assert len(tap.all(workspaceid=workspace.id)) == 2
    assert [json.loads(message.body) for message in messages] == before
    for message, event in zip(messages, before, strict=True):
        assert message.message_id == event["id"]
        assert message.type == event["type"] == message.headers["x-doclink-routing-key"]
        assert message.content_type == CLOUDEVENT
        assert message.headers["x-doclink-exchange"] == EVENTS
        replayed_at = datetime.fromisoformat(str(message.headers["x-doclink-replayed-at"]))
        assert message.timestamp is not None
        assert message.timestamp <= replayed_at


_NAMES = ("document.registered", "link.created")


async def test_events_are_chosen_by_when_they_were_sent(replay: Replay, outsider: Outsider) -> None:
    workspace_id, latest = new_id("ws"), now().replace(microsecond=0)
    times = [latest - timedelta(seconds=ago) for ago in (40, 20, 0)]
    ids = [await _sent(outsider, workspace_id, time) for time in times]
    first, second = (f"{time:%Y-%m-%dT%H:%M:%S}" for time in times[:2])

    async def found(*arguments: str) -> list[str | None]:
        replay.said("--workspace", workspace_id, "--types", "link.*", "--yes", *arguments)
        return [message.message_id for message in await replay.got()]

    assert await found("--from", second) == ids[1:]
    assert await found("--to", second) == ids[:2]
    assert await found("--from", first, "--to", first) == ids[:1]
    assert await found("--from", "2999-01-01") == []


async def test_what_is_no_event_is_passed_over(replay: Replay, outsider: Outsider) -> None:
    workspace_id = new_id("ws")
    for body in (b"\xff", b"[]", b"", b"[" * 100_000):
        await outsider.publish("link.created", body, exchange=EVENTS)
    event = await _sent(outsider, workspace_id, now())
    await outsider.publish("no.such", {"workspaceid": workspace_id}, exchange=EVENTS)
    replay.said("--workspace", workspace_id, "--types", "#", "--yes")
    assert [message.message_id for message in await replay.got()] == [event]


async def test_a_full_queue_is_waited_for(stack: Stack, outsider: Outsider) -> None:
    workspace_id = new_id("ws")
    ids = [await _sent(outsider, workspace_id, now()) for _ in range(3)]
    full = {"x-max-length": 1, "x-overflow": "reject-publish"}
    queue = await outsider.channel.declare_queue(exclusive=True, arguments=full)
    replay = Replay(stack.infrastructure.urls.broker_users[OPERATOR.name], queue)
    wish = ["--workspace", workspace_id, "--types", "link.*", "--yes"]
    running = asyncio.create_task(asyncio.to_thread(replay.run, *wish))
    heard: set[str | None] = set()

    async def all_heard() -> bool:
        heard.update(message.message_id for message in await replay.got())
        return heard == set(ids)

    await until(all_heard, timeout=30)
    ran = await running
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, f"3 events sent to {queue.name}")
    assert "The queue is full" in ran.stderr


async def test_a_queue_that_is_not_there_is_named(replay: Replay, outsider: Outsider) -> None:
    workspace_id = new_id("ws")
    await _sent(outsider, workspace_id, now())
    wish = ["--workspace", workspace_id, "--types", "#", "--yes", "--queue", "nobodys"]
    ran = replay.run(*wish)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "No queue takes nobodys" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--types", "link.craeted", "--queue", "mine"], "link.craeted"),
        (["--types", "link.created,", "--queue", "mine"], "--types"),
        (["--types", "#", "--queue", EVENT_LOG], "--queue"),
        (["--types", "#", "--queue", "mine", "--from", "yesterday"], "yesterday"),
        (["--types", "#"], "--queue"),
        (["--queue", "mine"], "--types"),
    ],
)
def test_a_bad_option_is_named_and_nothing_is_read(arguments: list[str], named: str) -> None:
    ran = run("replay", *arguments, amqp_url=f"amqp://{LOOPBACK}:{free_port()}/")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert named in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_broker_that_is_away_is_said_so() -> None:
    wish = ["replay", "--types", "#", "--queue", "mine"]
    ran = run(*wish, amqp_url=f"amqp://{LOOPBACK}:{free_port()}/")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("Broken off: ")
    assert "Traceback" not in ran.stderr
