"""Listens to AMQP 0-9-1: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2."""

import asyncio
from typing import Any

from pamqp.commands import Basic, Confirm, Connection
from pamqp.frame import unmarshal

from tests.support.costs.ledger import Ledger

_HEADER, _END = 7, 1
_METHOD = 1
_GREETING = b"AMQP"


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """One frame, or what a client greets the broker with."""
    header = await reader.readexactly(_HEADER)
    if header.startswith(_GREETING):
        return header + await reader.readexactly(1)
    return header + await reader.readexactly(int.from_bytes(header[3:7]) + _END)


class BrokerListener:
    """Enters what one connection publishes and gets."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._who = "somebody"
        self._unconfirmed: dict[int, list[int]] = {}
        """For each channel with confirms, the turns at which its publishes went out."""
        self._unacknowledged: set[str] = set()
        """The consumers that never acknowledge."""
        self._in_hand: dict[int, set[int]] = {}

    def sent(self, message: bytes) -> None:
        """A frame for the broker."""
        channel, method = _method(message)
        match method:
            case Connection.StartOk():
                # E.g. "doclink links publisher".
                name = str((method.client_properties or {}).get("connection_name", "")).split()
                self._who = name[1] if len(name) > 1 else self._who
            case Confirm.Select():
                self._unconfirmed[channel] = []
            case Basic.Consume() if method.no_ack:
                self._unacknowledged.add(method.consumer_tag)
            case Basic.Publish():
                turn = self._ledger.published(self._who, method.exchange, method.routing_key)
                if channel in self._unconfirmed:
                    self._unconfirmed[channel].append(turn)
            case Basic.Ack() | Basic.Nack() | Basic.Reject():
                held = self._in_hand.setdefault(channel, set())
                done = _tags(held, method)
                held -= done
                self._ledger.taken(-len(done))

    def received(self, message: bytes) -> None:
        """A frame from the broker."""
        channel, method = _method(message)
        match method:
            case Basic.Deliver():
                self._ledger.delivered(self._who, method.exchange, method.routing_key or "")
                if method.consumer_tag not in self._unacknowledged:
                    self._in_hand.setdefault(channel, set()).add(method.delivery_tag or 0)
                    self._ledger.taken(1)
            case Basic.Ack():
                # Publishes are numbered from 1; the last one that is confirmed was asked last.
                self._ledger.answered(
                    self._who, self._unconfirmed[channel][method.delivery_tag - 1]
                )


def _method(frame: bytes) -> tuple[int, Any]:
    """The channel and the method of a frame, if it is one that has a method."""
    if frame[0] != _METHOD:
        return 0, None
    _, channel, method = unmarshal(frame)
    return channel, method


def _tags(held: set[int], method: Any) -> set[int]:
    if getattr(method, "multiple", False):
        return {tag for tag in held if tag <= method.delivery_tag}
    return {method.delivery_tag} & held
