"""A consumer's bounds."""

import asyncio

from contracts.entities import EntityDelete
from contracts.messages import Command
from shared.bus.consumer import Consumer
from shared.bus.frame import CONTENT_TYPE, Piece, pack
from shared.bus.publisher import Publisher
from shared.ids import new_id
from shared.outcome import Outcome
from tests.support.bus import Outsider
from tests.support.settling import Bench

COMMAND = EntityDelete(
    command_id=new_id("cmd"), workspace_id="ws_1", entity_type="deal", entity_id="1"
)
PIECE = Piece(b"{}", {"type": COMMAND.type, "message_id": COMMAND.command_id, "headers": {}})


async def test_of_a_frame_no_more_are_in_hand_at_once_than_may_be(
    outsider: Outsider, publisher: Publisher
) -> None:
    bench = Bench(outsider, publisher)
    await bench.start()
    in_hand: list[int] = [0]

    async def handler(_: Command) -> Outcome:
        in_hand.append(in_hand[-1] + 1)
        await asyncio.sleep(0)  # the others' turn
        in_hand.append(in_hand[-1] - 1)
        return Outcome()

    consumer = Consumer(
        *(bench.queue_name, lambda _: COMMAND, {COMMAND.type: handler}, bench.settlement),
        at_once=3,
    )
    delivery = await bench.deliver(pack([PIECE] * 10), content_type=CONTENT_TYPE)
    await consumer.take(delivery.raw)
    assert len(in_hand) == 1 + 2 * 10
    assert max(in_hand) == 3
    assert (await bench.seen(delivery)).left == []
