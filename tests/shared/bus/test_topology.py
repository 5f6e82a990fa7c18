"""Queues of an earlier release are used as they are, and those that somebody else gives awaited."""

import asyncio

import pytest

from contracts.topology import EVENTS, Queue
from shared.bus import topology
from shared.bus.subscription import Subscriptions
from shared.ids import new_id
from shared.settings import Settings
from tests.support.bus import PATIENCE, Outsider
from tests.support.queues import waiting
from tests.support.waiting import until_true


async def test_a_queue_with_other_arguments_is_taken_as_it_is(
    settings: Settings, outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, older_too, new = names = [new_id("queue") for _ in range(3)]
    for name in (older, older_too):
        await outsider.channel.declare_queue(name, durable=True, arguments={"x-max-length": 7})
    wanted = [Queue(name, {"x-max-length": 8}, ((EVENTS, f"heard.{name}"),)) for name in names]
    monkeypatch.setattr(topology, "QUEUES", wanted)
    subscriptions = Subscriptions(settings, "links", [])
    try:
        await subscriptions.connect()
        for name, limit in ((older, 7), (older_too, 7), (new, 8)):
            for _ in range(9):
                await outsider.publish(f"heard.{name}", {}, exchange=EVENTS)
            assert await waiting(outsider, name) == limit
            await outsider.channel.queue_delete(name)
    finally:
        await subscriptions.stop()


async def test_a_service_that_declares_nothing_waits_for_its_queues_and_says_which_is_missing(
    settings: Settings,
    outsider: Outsider,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there, missing = names = [new_id("queue") for _ in range(2)]
    await outsider.channel.declare_queue(there, durable=True)
    monkeypatch.setattr(topology, "queues_of", lambda _: [Queue(name) for name in names])
    subscriptions = Subscriptions(settings.model_copy(update={"topology": "given"}), "links", [])
    said: list[str] = []

    def missed() -> int:
        said.append(capsys.readouterr().out)
        return sum("queue.missing" in each and missing in each for each in said)

    connecting = asyncio.create_task(subscriptions.connect())
    try:
        await until_true(lambda: missed() > 1)
        assert not connecting.done()
        await outsider.channel.declare_queue(missing, durable=True)
        async with asyncio.timeout(PATIENCE):
            await connecting
    finally:
        await subscriptions.stop()
        for name in names:
            await outsider.channel.queue_delete(name)
