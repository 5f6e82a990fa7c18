"""The sender: commands and queries on their way out, those that wait together in one frame.

While one batch waits for the broker's confirm, the next one gathers: a lone request is not held up,
and the more are sent, the less each one costs its sender, the broker and its consumer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aio_pika import DeliveryMode, Message

from contracts.catalogue import REQUESTS, Service
from contracts.messages import JSON_CONTENT_TYPE, Command, Request
from contracts.topology import COMMANDS, QUERIES, frame_key
from shared.batching import Batcher
from shared.bus.frame import CONTENT_TYPE, DISTANCE_SECONDS, MAX_PIECES, Piece, pack
from shared.bus.publisher import Publisher

MAX_FRAMED_BYTES = 16 * 1024
"""A longer message goes alone: its own length is what it costs."""


@dataclass(frozen=True)
class Outgoing:
    """A request, and where its answer goes, if anywhere; a query expires after `deadline` s."""

    request: Request
    reply_to: str | None = None
    correlation_id: str | None = None
    deadline: float | None = None
    headers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Way:
    """What the requests of one frame have in common."""

    owner: Service | None
    is_command: bool
    reply_to: str | None
    expiration: float | None


_Waiting = Batcher[tuple[Outgoing, bytes], None]


class Sender:
    """Sends requests; returns when the broker has confirmed them.

    Raises, as the publisher does:
        BrokerUnavailable: no confirm within the deadline; the message may have been taken.
        Overloaded: the queue is full and has refused the message.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._waiting: dict[_Way, _Waiting] = {}

    async def send(self, outgoing: Outgoing) -> None:
        """Send one, with whatever else waits to go the same way."""
        is_command = isinstance(outgoing.request, Command)
        entry = REQUESTS.get(outgoing.request.type)
        expiration = None if is_command else outgoing.deadline
        owner = entry.owner if entry else None
        way = _Way(owner, is_command, outgoing.reply_to, expiration)
        body = outgoing.request.model_dump_json(exclude_none=True).encode()
        if way.owner is None or len(body) > MAX_FRAMED_BYTES:
            await self._send(way, [(outgoing, body)])
        else:
            await self._batcher(way)((outgoing, body))

    def _batcher(self, way: _Way) -> _Waiting:
        batcher = self._waiting.get(way)
        if batcher is None:

            async def run(batch: list[tuple[Outgoing, bytes]]) -> Sequence[None]:
                await self._send(way, batch)
                return [None] * len(batch)

            batcher = self._waiting[way] = Batcher(run, limit=MAX_PIECES, distance=DISTANCE_SECONDS)
        return batcher

    async def _send(self, way: _Way, batch: list[tuple[Outgoing, bytes]]) -> None:
        if way.owner is None or len(batch) == 1:
            message, key = _single(way, *batch[0]), batch[0][0].request.type
        else:
            message, key = _frame(way, batch), frame_key(way.owner)
        await self._publisher.forward(COMMANDS if way.is_command else QUERIES, key, message)


def _single(way: _Way, outgoing: Outgoing, body: bytes) -> Message:
    request = outgoing.request
    return Message(
        body,
        content_type=JSON_CONTENT_TYPE,
        delivery_mode=_mode(way),
        message_id=request.command_id,
        type=request.type,
        reply_to=way.reply_to,
        correlation_id=outgoing.correlation_id,
        expiration=way.expiration,
        headers=dict(outgoing.headers),
    )


def _frame(way: _Way, batch: list[tuple[Outgoing, bytes]]) -> Message:
    pieces = [
        Piece(
            body,
            {
                "type": outgoing.request.type,
                "message_id": outgoing.request.command_id,
                "correlation_id": outgoing.correlation_id,
                "headers": outgoing.headers,
            },
        )
        for outgoing, body in batch
    ]
    return Message(
        pack(pieces),
        content_type=CONTENT_TYPE,
        delivery_mode=_mode(way),
        reply_to=way.reply_to,
        expiration=way.expiration,
    )


def _mode(way: _Way) -> DeliveryMode:
    return DeliveryMode.PERSISTENT if way.is_command else DeliveryMode.NOT_PERSISTENT
