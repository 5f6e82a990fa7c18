"""Answers on their way back to waiting callers; to a frame's sender, many in one frame.

What is answered in the same turn of the event loop goes together: the messages of a frame have
their writes in one batch, and so come to their ends side by side.
"""

import json
from collections.abc import Sequence

from aio_pika import Message

from contracts.errors import RefusalBody
from contracts.messages import JSON_CONTENT_TYPE, Result
from shared.batching import Batcher
from shared.bus.delivery import Delivery
from shared.bus.frame import CONTENT_TYPE, DISTANCE_SECONDS, MAX_PIECES, Piece, pack
from shared.bus.publisher import Publisher

_Answer = tuple[str, str | None, bytes]
"""The caller's queue, its correlation id, and the body."""


class Answers:
    """Answers deliveries whose caller waits; an answer is lost if the caller has gone.

    Both return whether anybody waits, and raise:
        BrokerUnavailable: the connection is down.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._framed: Batcher[_Answer, None] = Batcher(
            self._send_framed, limit=MAX_PIECES, distance=DISTANCE_SECONDS
        )

    async def result(self, delivery: Delivery, result: Result) -> bool:
        """Send what came of it."""
        if delivery.reply_to is None:
            return False
        body = b'{"result":' + result.model_dump_json().encode() + b"}"
        return await self._send(delivery, delivery.reply_to, body)

    async def refusal(self, delivery: Delivery, refusal: RefusalBody) -> bool:
        """Send why it was refused."""
        if delivery.reply_to is None:
            return False
        body = json.dumps({"refusal": refusal.model_dump(mode="json")}).encode()
        return await self._send(delivery, delivery.reply_to, body)

    async def _send(self, delivery: Delivery, queue: str, body: bytes) -> bool:
        correlation_id = delivery.raw.correlation_id
        if delivery.framed:
            await self._framed((queue, correlation_id, body))
        else:
            message = Message(body, content_type=JSON_CONTENT_TYPE, correlation_id=correlation_id)
            await self._publisher.reply(queue, message)
        return True

    async def _send_framed(self, answers: list[_Answer]) -> Sequence[None]:
        frames: dict[str, list[Piece]] = {}
        for queue, correlation_id, body in answers:
            frames.setdefault(queue, []).append(Piece(body, {"correlation_id": correlation_id}))
        for queue, pieces in frames.items():
            await self._publisher.reply(queue, Message(pack(pieces), content_type=CONTENT_TYPE))
        return [None] * len(answers)
