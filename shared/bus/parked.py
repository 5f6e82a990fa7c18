"""Parked: one message of a dead queue, what is known of how it came there, and its way back."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage

from contracts import headers as h
from contracts.catalogue import Service
from contracts.topology import OUTSIDE, alone_queue, command_queue, event_queue, query_queue
from shared.bus.delivery import Delivery, time_in

DELIVERY_LIMIT = "delivery_limit"
"""The reason of what the broker itself has parked: its consumers went away with it too often."""

UNKNOWN = "unknown"
"""The reason of what says none: somebody has put it there."""

_OF_PARKING = (
    *(h.ATTEMPTS, h.CRASHES, h.QUEUE, h.REASON, h.ERROR),
    *(h.FIRST_FAILED_AT, h.LAST_FAILED_AT),
)
_OF_BROKER = ("x-death", "x-delivery-count", "x-acquired-count", "x-first-death-", "x-last-death-")
"""How the broker's own notes begin; left on, they would pass for those of the next time."""


@dataclass(frozen=True)
class Parked:
    """One parked message. Anybody may have set its headers: each is read as far as it makes sense.

    `service` is whose dead queue it lies in.
    """

    raw: AbstractIncomingMessage
    service: Service

    @cached_property
    def id(self) -> str:
        """Its message id; for one without, a digest of its body."""
        digest = hashlib.sha256(self.raw.body).hexdigest()
        return self.raw.message_id or f"sha256:{digest[:32]}"

    @property
    def reason(self) -> str:
        """Why it was parked, in one word."""
        by_broker = DELIVERY_LIMIT if self._death else UNKNOWN
        return _text(self.raw.headers.get(h.REASON)) or by_broker

    @property
    def error(self) -> str:
        """What exactly was wrong, as far as somebody has said it."""
        return _text(self.raw.headers.get(h.ERROR))

    @property
    def attempts(self) -> int | None:
        """How often it was tried."""
        value = self.raw.headers.get(h.ATTEMPTS)
        return value if isinstance(value, int) else None

    @property
    def type(self) -> str:
        """The routing key that it first came with."""
        keys = self._death.get("routing-keys")
        first = keys[0] if isinstance(keys, list) and keys else ""
        return _text(self.raw.headers.get(h.ROUTING_KEY)) or _text(first)

    @property
    def exchange(self) -> str:
        """The exchange that it first came by."""
        given = self.raw.headers.get(h.EXCHANGE, self._death.get("exchange"))
        return _text(given)

    @property
    def queue(self) -> str:
        """The queue whose consumer could not handle it."""
        queue = _text(self.raw.headers.get(h.QUEUE, self._death.get("queue")))
        return queue.removesuffix(alone_queue(""))

    @property
    def publisher(self) -> str | None:
        """Who sent it from outside: it stays his command when an operator sends it again."""
        # Only what the broker itself has parked still has the user: ours are sent by ourselves.
        nobody = "" if self.exchange == OUTSIDE else None
        return self.raw.user_id or Delivery(self.raw, self.queue).publisher or nobody

    @property
    def first_failed_at(self) -> datetime | None:
        """When it failed for the first time."""
        return time_in(self.raw.headers.get(h.FIRST_FAILED_AT)) or self.parked_at

    @property
    def parked_at(self) -> datetime | None:
        """When it was parked."""
        if self._death:
            return time_in(self._death.get("time"))
        return time_in(self.raw.headers.get(h.LAST_FAILED_AT))

    @property
    def can_go_back(self) -> bool:
        """Whether it is known which of the service's queues it came from, and what it was."""
        kinds = (command_queue, event_queue, query_queue)
        return bool(self.type) and self.queue in {kind(self.service) for kind in kinds}

    def again(self) -> Message:
        """The message as it first came, to be put into its own queue once more.

        It keeps its ids, trace and type. It loses whom to reply to: that caller went away long
        ago, and while one seems to wait, a refusal is no event and an invalid message not parked.
        """
        origin = {h.ROUTING_KEY: self.type, h.EXCHANGE: self.exchange}
        if self.publisher is not None:
            origin[h.PUBLISHER] = self.publisher
        message = Delivery(self.raw, self.queue).copy(**origin)
        message.headers = {
            name: value
            for name, value in message.headers.items()
            if name not in _OF_PARKING and not name.startswith(_OF_BROKER)
        }
        message.reply_to = None
        return message

    @cached_property
    def _death(self) -> Mapping[str, Any]:
        """The broker's note of how it parked the message; empty if it was our consumer."""
        deaths = self.raw.headers.get("x-death")
        if h.REASON in self.raw.headers or not isinstance(deaths, list):
            return {}
        noted: list[Any] = deaths
        return next((d for d in noted if isinstance(d, dict) and _is_at_limit(d)), {})


@dataclass(frozen=True)
class Wanted:
    """Which parked messages are meant; what is left out is no condition.

    `error` is a part of the error, in either case; `since` is included, `until` is not.
    """

    ids: Collection[str] = ()
    types: Collection[str] = ()
    reasons: Collection[str] = ()
    error: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, parked: Parked) -> bool:
        """Whether this one is meant."""
        return (
            (not self.ids or parked.id in self.ids)
            and (not self.types or parked.type in self.types)
            and (not self.reasons or parked.reason in self.reasons)
            and self.error.lower() in parked.error.lower()
            and self._is_of_time(parked.parked_at)
        )

    def _is_of_time(self, time: datetime | None) -> bool:
        if self.since is None and self.until is None:
            return True
        return (
            time is not None
            and (self.since is None or time >= self.since)
            and (self.until is None or time < self.until)
        )


def _is_at_limit(death: Mapping[str, Any]) -> bool:
    return death.get("reason") == DELIVERY_LIMIT


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
