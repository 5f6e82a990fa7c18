import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from pydantic_core import Url
from ulid import ULID

from contracts.entities import EntityGet, EntityResult, EntityUpsert, EntityUpsertResult
from contracts.errors import ErrorCode
from contracts.topology import QUERIES
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.errors import BrokerUnavailable, Overloaded, PeerUnavailable, Refusal
from shared.ids import new_id
from shared.settings import Settings
from tests.support.bus import PATIENCE, Outsider
from tests.support.proxy import Proxy
from tests.support.queues import waiting
from tests.support.waiting import until

NEVER = 3600.0
"""A deadline that is not met by waiting for it."""


class Question(EntityGet):
    """A query that no service of ours answers."""

    type: ClassVar[str] = f"tests.{ULID()}"


def _question() -> Question:
    return Question(
        command_id=new_id("cmd"), workspace_id="ws_1", entity_type="deal", entity_id="deal_1"
    )


def _upsert(workspace_id: str, entity_id: str) -> EntityUpsert:
    return EntityUpsert(
        command_id=new_id("cmd"),
        workspace_id=workspace_id,
        entity_type="deal",
        entity_id=entity_id,
    )


@pytest.fixture
async def requester(publisher: Publisher) -> Requester:
    requester = Requester(publisher, "tests")
    await requester.start()
    return requester


@pytest.fixture
async def silent(outsider: Outsider) -> AsyncIterator[AbstractQueue]:
    """The queue of our questions; nobody answers them."""
    queue = await outsider.channel.declare_queue(f"tests.silent.{ULID()}")
    await queue.bind(QUERIES, Question.type)
    yield queue
    await queue.delete(if_unused=False, if_empty=False)


async def _taken(queue: AbstractQueue) -> AbstractIncomingMessage:
    message = await until(lambda: queue.get(fail=False, no_ack=True))
    assert message is not None
    return message


async def test_many_in_flight_get_each_its_own_answer(
    requester: Requester, workspace_id: str
) -> None:
    names = [f"deal_{number}" for number in range(300)]
    answers = await asyncio.gather(
        *(
            requester.ask(_upsert(workspace_id, name), EntityUpsertResult, deadline=PATIENCE)
            for name in names
        )
    )
    assert [answer.entity.entity_id for answer in answers] == names


async def test_a_refusal_is_raised_as_one(requester: Requester, workspace_id: str) -> None:
    query = EntityGet(
        command_id=new_id("cmd"), workspace_id=workspace_id, entity_type="deal", entity_id="none"
    )
    with pytest.raises(Refusal) as caught:
        await requester.ask(query, EntityResult, deadline=PATIENCE)
    assert caught.value.code is ErrorCode.NOT_FOUND


@pytest.mark.usefixtures("silent")
async def test_no_answer_within_the_deadline_is_a_peer_that_is_away(requester: Requester) -> None:
    with pytest.raises(PeerUnavailable, match="no answer within"):
        await requester.ask(_question(), EntityResult, deadline=0.1)


async def test_a_question_that_no_queue_takes_fails_before_its_deadline(
    requester: Requester,
) -> None:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(BrokerUnavailable, match="No queue takes"):
            await requester.ask(_question(), EntityResult, deadline=NEVER)


async def test_a_question_that_finds_its_queue_full_fails_before_its_deadline(
    requester: Requester, outsider: Outsider
) -> None:
    limit = {"x-max-length": 1, "x-overflow": "reject-publish"}
    queue = await outsider.channel.declare_queue(f"tests.full.{ULID()}", arguments=limit)
    await queue.bind(QUERIES, Question.type)
    try:
        await outsider.channel.default_exchange.publish(aio_pika.Message(b""), queue.name)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(Overloaded):
                await requester.ask(_question(), EntityResult, deadline=NEVER)
    finally:
        await queue.delete(if_unused=False, if_empty=False)


async def test_an_answer_that_comes_too_late_is_nobodys(
    requester: Requester, silent: AbstractQueue, outsider: Outsider, workspace_id: str
) -> None:
    asking = asyncio.create_task(requester.ask(_question(), EntityResult, deadline=NEVER))
    question = await _taken(silent)
    asking.cancel()
    for correlation_id in (question.correlation_id, None, "no number"):
        answer = aio_pika.Message(b"{}", correlation_id=correlation_id)
        await outsider.channel.default_exchange.publish(answer, str(question.reply_to))
    upsert = _upsert(workspace_id, "deal_1")
    answer_to_mine = await requester.ask(upsert, EntityUpsertResult, deadline=PATIENCE)
    assert answer_to_mine.created


async def test_a_query_expires_with_its_caller_and_a_command_does_not(
    requester: Requester, silent: AbstractQueue, outsider: Outsider, workspace_id: str
) -> None:
    with pytest.raises(PeerUnavailable):
        await requester.ask(_question(), EntityResult, deadline=0.05)
    await until(lambda: waiting(outsider, silent.name), lambda count: count == 0)
    asking = asyncio.create_task(requester.ask(_question(), EntityResult, deadline=30))
    question = await _taken(silent)
    asking.cancel()
    assert question.expiration == 30
    assert question.delivery_mode == 1
    copies = await outsider.channel.declare_queue(exclusive=True)
    await copies.bind("doclink.commands", "entity.upsert")
    upsert = _upsert(workspace_id, "deal_1")
    await requester.ask(upsert, EntityUpsertResult, deadline=PATIENCE, headers={"x-a": "b"})
    command = await _taken(copies)
    assert command.expiration is None
    assert command.delivery_mode == 2
    assert command.message_id == upsert.command_id
    assert command.type == command.routing_key == "entity.upsert"
    assert command.content_type == "application/json"
    assert command.headers["x-a"] == "b"


async def test_a_lost_connection_fails_all_that_wait_and_the_next_ones_are_answered(
    settings: Settings, silent: AbstractQueue, outsider: Outsider, workspace_id: str
) -> None:
    async with Proxy(str(settings.amqp_url)) as proxy:
        behind = settings.model_copy(update={"amqp_url": Url(proxy.url)})
        publisher = Publisher(behind, "tests")
        await publisher.start()
        requester = Requester(publisher, "tests")
        await requester.start()
        asked = [
            asyncio.create_task(requester.ask(_question(), EntityResult, deadline=NEVER))
            for _ in range(20)
        ]
        await until(lambda: waiting(outsider, silent.name), lambda count: count == len(asked))
        await publisher.send(_question())  # confirmed after all of them
        proxy.cut()
        async with asyncio.timeout(PATIENCE):
            failures = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(failure) for failure in failures} == {PeerUnavailable}
        assert {str(failure) for failure in failures} == {"The connection to the broker was lost"}
        answer = await until(lambda: _attempt(requester, _upsert(workspace_id, "deal_1")))
        assert answer is not None
        await publisher.stop()


async def _attempt(requester: Requester, request: EntityUpsert) -> EntityUpsertResult | None:
    try:
        return await requester.ask(request, EntityUpsertResult, deadline=1)
    except (BrokerUnavailable, PeerUnavailable):
        return None


async def test_while_the_broker_is_away_what_is_asked_fails_with_its_publish_deadline(
    settings: Settings,
) -> None:
    async with Proxy(str(settings.amqp_url)) as proxy:
        behind = settings.model_copy(update={"amqp_url": Url(proxy.url), "publish_timeout": 0.1})
        publisher = Publisher(behind, "tests")
        requester = Requester(publisher, "tests")
        with pytest.raises(BrokerUnavailable, match="Not connected"):
            await requester.ask(_question(), EntityResult, deadline=NEVER)
        await publisher.start()
        await requester.start()
    try:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(BrokerUnavailable):
                await requester.ask(_question(), EntityResult, deadline=NEVER)
    finally:
        await publisher.stop()
