"""Request and reply while the connection to the broker comes and goes."""

import asyncio
import gc
from typing import Any

import pytest
from aio_pika.abc import AbstractQueue
from pydantic_core import Url

from contracts.entities import EntityResult, EntityUpsert, EntityUpsertResult
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.bus.sender import Outgoing, Sender
from shared.errors import BrokerUnavailable, PeerUnavailable
from shared.settings import Settings
from tests.support.asking import NEVER, question, upsert
from tests.support.bus import PATIENCE, Outsider
from tests.support.proxy import Proxy
from tests.support.queues import waiting
from tests.support.waiting import until, until_true

CUTS = 15
"""What goes wrong depends on the moment: one cut seldom meets it."""


async def _started(settings: Settings, proxy: Proxy) -> tuple[Publisher, Requester]:
    """Both of one process, which reaches the broker through the proxy alone."""
    publisher = Publisher(settings.model_copy(update={"amqp_url": Url(proxy.url)}), "tests")
    await publisher.start()
    requester = Requester(publisher, "tests")
    await requester.start()
    return publisher, requester


async def test_a_lost_connection_fails_all_that_wait_and_the_next_ones_are_answered(
    settings: Settings, silent: AbstractQueue, outsider: Outsider, workspace_id: str
) -> None:
    async with Proxy(str(settings.amqp_url)) as proxy:
        publisher, requester = await _started(settings, proxy)
        asked: list[asyncio.Task[EntityResult]] = []
        for _ in range(5):
            asking = requester.ask(question(), EntityResult, deadline=NEVER)
            asked.append(asyncio.create_task(asking))
            await until(lambda: waiting(outsider, silent.name), lambda count: count == len(asked))
        await Sender(publisher).send(Outgoing(question()))  # confirmed after all of them
        proxy.cut()
        async with asyncio.timeout(PATIENCE):
            failures = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(failure) for failure in failures} == {PeerUnavailable}
        assert {str(failure) for failure in failures} == {"The connection to the broker was lost"}
        answer = await until(lambda: _attempt(requester, upsert(workspace_id)))
        assert answer is not None
        await publisher.stop()


async def _attempt(requester: Requester, request: EntityUpsert) -> EntityUpsertResult | None:
    try:
        return await requester.ask(request, EntityUpsertResult, deadline=1)
    except (BrokerUnavailable, PeerUnavailable):
        return None


async def test_however_often_the_connection_is_lost_nobody_is_left_waiting(
    settings: Settings, workspace_id: str
) -> None:
    answers: list[object] = []
    over = asyncio.Event()
    async with Proxy(str(settings.amqp_url)) as proxy:
        changes = {"amqp_url": Url(proxy.url), "publish_timeout": NEVER}
        publisher = Publisher(settings.model_copy(update=changes), "tests")
        await publisher.start()
        requester = Requester(publisher, "tests")
        await requester.start()

        async def keep_asking(entity_id: str) -> None:
            while not over.is_set():
                wish = upsert(workspace_id, entity_id)
                answer = requester.ask(wish, EntityUpsertResult, deadline=NEVER)
                answers.extend(await asyncio.gather(answer, return_exceptions=True))
                await asyncio.sleep(0.001)  # where it fails at once, others get their turn

        askers = [asyncio.create_task(keep_asking(f"deal_{number}")) for number in range(20)]
        for _ in range(CUTS):
            enough = len(answers) + 200
            await until_true(lambda: len(answers) > enough)  # noqa: B023 - awaited right here
            proxy.cut()
        over.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*askers)
        await publisher.stop()
    kinds = {type(answer) for answer in answers}
    assert kinds <= {EntityUpsertResult, PeerUnavailable, BrokerUnavailable}
    assert EntityUpsertResult in kinds


async def test_a_long_outage_is_survived(settings: Settings, workspace_id: str) -> None:
    proxy = Proxy(str(settings.amqp_url))
    behind = settings.model_copy(update={"amqp_url": Url(proxy.url), "publish_timeout": 0.1})
    publisher = Publisher(behind, "tests")
    requester = Requester(publisher, "tests")
    async with proxy:
        await publisher.start()
        await requester.start()
    assert await _attempt(requester, upsert(workspace_id)) is None
    gc.collect()  # long enough for what only the client's own weak references hold to be gone
    async with proxy:
        assert await until(lambda: _attempt(requester, upsert(workspace_id)))
        await publisher.stop()


async def test_while_the_broker_is_away_what_is_asked_fails_with_its_publish_deadline(
    settings: Settings,
) -> None:
    async with Proxy(str(settings.amqp_url)) as proxy:
        behind = settings.model_copy(update={"amqp_url": Url(proxy.url), "publish_timeout": 0.1})
        publisher = Publisher(behind, "tests")
        requester = Requester(publisher, "tests")
        with pytest.raises(BrokerUnavailable, match="Not connected"):
            await requester.ask(question(), EntityResult, deadline=NEVER)
        await publisher.start()
        await requester.start()
    try:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(BrokerUnavailable):
                await requester.ask(question(), EntityResult, deadline=NEVER)
    finally:
        await publisher.stop()


async def test_a_connection_comes_back_though_its_reconnecting_was_cancelled(
    settings: Settings, workspace_id: str
) -> None:
    async with Proxy(str(settings.amqp_url)) as proxy:
        publisher, requester = await _started(settings, proxy)
        for _ in range(2):  # the one that was revived is no different
            # As the client itself does at times, while it clears up after a lost connection.
            reconnecting: Any = publisher._connection  # noqa: SLF001 - not ours to hand out
            task = reconnecting._RobustConnection__reconnection_task  # noqa: SLF001
            task.cancel()
            await asyncio.wait({task})
            proxy.cut()
            answer = await until(lambda: _attempt(requester, upsert(workspace_id)))
            assert answer is not None
        await publisher.stop()
