import asyncio

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from ulid import ULID

from contracts.entities import EntityGet, EntityResult, EntityUpsertResult
from contracts.errors import ErrorCode
from contracts.topology import QUERIES
from shared.bus.requester import Requester
from shared.errors import BrokerUnavailable, Overloaded, PeerUnavailable, Refusal
from shared.ids import new_id
from tests.support.asking import NEVER, Question, question, upsert
from tests.support.bus import PATIENCE, Outsider
from tests.support.queues import waiting
from tests.support.waiting import until


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
            requester.ask(upsert(workspace_id, name), EntityUpsertResult, deadline=PATIENCE)
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
        await requester.ask(question(), EntityResult, deadline=0.1)


async def test_a_question_that_no_queue_takes_fails_before_its_deadline(
    requester: Requester,
) -> None:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(BrokerUnavailable, match="No queue takes"):
            await requester.ask(question(), EntityResult, deadline=NEVER)


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
                await requester.ask(question(), EntityResult, deadline=NEVER)
    finally:
        await queue.delete(if_unused=False, if_empty=False)


async def test_an_answer_that_comes_too_late_is_nobodys(
    requester: Requester, silent: AbstractQueue, outsider: Outsider, workspace_id: str
) -> None:
    asking = asyncio.create_task(requester.ask(question(), EntityResult, deadline=NEVER))
    asked = await _taken(silent)
    asking.cancel()
    for correlation_id in (asked.correlation_id, None, "no number"):
        answer = aio_pika.Message(b"{}", correlation_id=correlation_id)
        await outsider.channel.default_exchange.publish(answer, str(asked.reply_to))
    mine = await requester.ask(upsert(workspace_id), EntityUpsertResult, deadline=PATIENCE)
    assert mine.created


async def test_a_query_expires_with_its_caller_and_a_command_does_not(
    requester: Requester, silent: AbstractQueue, outsider: Outsider, workspace_id: str
) -> None:
    with pytest.raises(PeerUnavailable):
        await requester.ask(question(), EntityResult, deadline=0.05)
    await until(lambda: waiting(outsider, silent.name), lambda count: count == 0)
    asking = asyncio.create_task(requester.ask(question(), EntityResult, deadline=30))
    asked = await _taken(silent)
    asking.cancel()
    assert asked.expiration == 30
    assert asked.delivery_mode == 1
    copies = await outsider.channel.declare_queue(exclusive=True)
    await copies.bind("doclink.commands", "entity.upsert")
    sent = upsert(workspace_id)
    await requester.ask(sent, EntityUpsertResult, deadline=PATIENCE, headers={"x-a": "b"})
    command = await _taken(copies)
    assert command.expiration is None
    assert command.delivery_mode == 2
    assert command.message_id == sent.command_id
    assert command.type == command.routing_key == "entity.upsert"
    assert command.content_type == "application/json"
    assert command.headers["x-a"] == "b"
