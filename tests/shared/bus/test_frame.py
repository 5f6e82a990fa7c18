"""Frames: what is packed comes out again, what is none is told so, and who sends them."""

import asyncio

import pytest
from aio_pika.abc import AbstractIncomingMessage

from contracts.topology import COMMANDS, frame_key
from shared.bus.frame import CONTENT_TYPE, MAX_PIECES, Piece, pack, unpack
from shared.bus.publisher import Publisher
from shared.bus.sender import MAX_FRAMED_BYTES, Outgoing, Sender
from shared.errors import InvalidMessage
from tests.support.asking import upsert
from tests.support.bus import PATIENCE, Outsider

PIECES = [Piece(b'{"a":1}', {"type": "x"}), Piece(b"", {"type": "y", "headers": {"k": "\n"}})]


def test_what_is_packed_comes_out_again() -> None:
    assert unpack(pack(PIECES)) == PIECES


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"[]", b"{}\n{}", b"[{}]", b"[{}]\n{}\n{}", b"[1]\n{}", b"\xff\n{}", b"[" * 9999],
)
def test_what_is_no_frame_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage):
        unpack(body)


async def test_what_waits_together_travels_together_and_what_is_long_alone(
    publisher: Publisher, outsider: Outsider, workspace_id: str
) -> None:
    sent = [upsert(workspace_id, f"deal_{number}") for number in range(300)]
    long = upsert(workspace_id, "deal_long").model_copy(
        update={"name": "n" * MAX_FRAMED_BYTES}  # not valid, which is the consumer's affair
    )
    queue = await outsider.channel.declare_queue(exclusive=True, auto_delete=True)
    for key in (frame_key("crm_sync"), "entity.upsert"):
        await queue.bind(COMMANDS, key)
    sender = Sender(publisher)
    await asyncio.gather(*(sender.send(Outgoing(each)) for each in [*sent, long]))
    sizes: list[int] = []
    seen: set[str] = set()
    async with asyncio.timeout(PATIENCE), queue.iterator(no_ack=True) as incoming:
        async for message in incoming:
            pieces = _pieces(message)
            sizes.append(len(pieces))
            seen |= {str(each.facts["message_id"]) for each in pieces}
            if len(seen) == len(sent) + 1:
                break
    assert seen == {each.command_id for each in [*sent, long]}
    assert sum(sizes) == len(seen)
    assert max(sizes) == MAX_PIECES
    assert 1 in sizes


def _pieces(message: AbstractIncomingMessage) -> list[Piece]:
    if message.content_type == CONTENT_TYPE:
        return unpack(message.body)
    return [Piece(message.body, {"message_id": message.message_id})]
