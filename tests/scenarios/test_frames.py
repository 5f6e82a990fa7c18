"""A frame's messages: each comes to its own end, as if it had come alone."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from ulid import ULID

from contracts.topology import COMMANDS, frame_key
from shared.bus.frame import CONTENT_TYPE, Piece, pack, unpack
from tests.support import commands
from tests.support.bus import PATIENCE, Outsider
from tests.support.commands import Body, event_id
from tests.support.workspace import Workspace


def _frame(bodies: Sequence[Body], **facts: Any) -> bytes:
    return pack(
        [
            Piece(
                json.dumps(body).encode(),
                {
                    "type": "link.create",
                    "message_id": body["command_id"],
                    "correlation_id": body["command_id"],
                    "headers": {},
                    **facts,
                },
            )
            for body in bodies
        ]
    )


async def _four(workspace: Workspace, outsider: Outsider) -> list[Body]:
    """Two that succeed, one whose document does not exist, and one that breaks its contract."""
    good, late, lost, bad = [await commands.link(workspace, outsider) for _ in range(4)]
    return [good, lost | {"document_id": f"none_{ULID()}"}, bad | {"role": 7}, late]


async def test_each_message_of_a_frame_is_answered_with_its_own_end(
    workspace: Workspace, outsider: Outsider
) -> None:
    good, lost, bad, late = four = await _four(workspace, outsider)
    replies = await outsider.channel.declare_queue(exclusive=True, auto_delete=True)
    await outsider.publish(
        frame_key("links"), _frame(four), content_type=CONTENT_TYPE, reply_to=replies.name
    )
    answers: dict[str, Any] = {}
    async with asyncio.timeout(PATIENCE), replies.iterator(no_ack=True) as incoming:
        async for message in incoming:
            answers |= _answers(message)
            if len(answers) == len(four):
                break
    assert answers[good["command_id"]]["result"]["created"]
    assert answers[late["command_id"]]["result"]["created"]
    assert answers[lost["command_id"]]["refusal"]["code"] == "not_found"
    assert answers[bad["command_id"]]["refusal"]["code"] == "invalid_message"


def _answers(message: AbstractIncomingMessage) -> dict[str, Any]:
    assert message.content_type == CONTENT_TYPE
    return {each.facts["correlation_id"]: json.loads(each.body) for each in unpack(message.body)}


async def test_where_nobody_waits_each_goes_its_own_way(
    workspace: Workspace, outsider: Outsider
) -> None:
    good, lost, bad, late = four = await _four(workspace, outsider)
    async with outsider.tap() as tap:
        await outsider.publish(frame_key("links"), _frame(four), content_type=CONTENT_TYPE)
        await tap.one(id=event_id(good))
        await tap.one(id=event_id(late))
        parked = await outsider.parked("links", bad["command_id"])
        # It has its second chances first, in the retry queues, alone.
        await tap.one(type="command.refused", subject=lost["command_id"])
    assert json.loads(parked.body) == bad
    assert parked.headers["x-doclink-routing-key"] == "link.create"
    assert parked.headers["x-doclink-exchange"] == COMMANDS
    listed = [await workspace.listed(each["entity_id"]) for each in (good, late)]
    assert [each["meta"]["total"] for each in listed] == [1, 1]


async def test_what_is_no_frame_is_parked_whole(outsider: Outsider) -> None:
    message_id = await outsider.publish(
        frame_key("links"), b"[{}]", content_type=CONTENT_TYPE, message_id=str(ULID())
    )
    parked = await outsider.parked("links", message_id)
    assert parked.body == b"[{}]"
    assert parked.headers["x-doclink-reason"] == "invalid_message"
