"""Queues of an earlier release, which had other arguments, are used as they are."""

import pytest

from contracts.topology import EVENTS, Queue
from shared.bus import topology
from shared.bus.subscription import Subscriptions
from shared.ids import new_id
from shared.settings import Settings
from tests.support.bus import Outsider
from tests.support.queues import waiting


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
