"""AMQP properties and headers as no client of ours sets them; the broker takes them all."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from contracts import headers as h
from contracts.catalogue import EVENTS, REQUESTS
from contracts.topology import command_queue, dead_queue
from tests.scenarios.bad_messages.message import Wire

NOT_UTF8 = b"\xff\xfe"
NEVER = b"\xff" * 8
"""A time that no calendar has."""


def _table(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _short(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _nested(kind: bytes, depth: int) -> bytes:
    name = _short(b"a") if kind == b"F" else b""
    value = name + b"V"
    for _ in range(depth):
        value = name + kind + _table(value)
    return value


def _header(kind: bytes, data: bytes) -> Wire:
    """Headers with one of this type."""
    return Wire(_table(_short(b"x-odd") + kind + data))


ON_THE_WIRE = (
    *(_header(b"T", NEVER), _header(b"T", struct.pack(">Q", 1_776_422_700_000))),
    *(_header(b"d", struct.pack(">d", value)) for value in (1e300, -0.0)),
    *(_header(b"D", b"\xff" * 5), _header(b"l", b"\x80" + bytes(7)), _header(b"V", b"")),
    *(_header(b"S", _table(NOT_UTF8)), _header(b"x", _table(NEVER)), _header(b"A", _table(b""))),
    *(_header(b"A", _table(_nested(b"A", depth))) for depth in (10, 900, 3000)),
    *(_header(b"F", _table(_nested(b"F", depth))) for depth in (10, 900, 3000)),
    *(Wire(_table(_short(name) + b"V")) for name in (NOT_UTF8, b"", b"x" * 200)),
    Wire(_table(b"".join(_short(b"%0200d" % number) + b"V" for number in range(300)))),
)
_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 6, 2**31, 2**63 - 1, -(2**63), 1.5, Decimal("1.5")),
    *("", "x", "\x00", "\r\nx: y", "é" * 200, "x" * 3000, [], {}, [[1]], {"a": {"b": None}}),
    *(datetime(2026, 1, 1, tzinfo=UTC), bytearray(b"\xff"), "2026-04-17T10:45:00Z", "9" * 300),
)
_TYPES = (*REQUESTS, *EVENTS, "link.created.x", "link.", "#", "x" * 255, "")
_OURS = (
    *(h.ATTEMPTS, h.REQUEST_ID, h.TRACEPARENT, h.KEEP_OUTCOME_AFTER, h.EXCHANGE, h.QUEUE),
    *(h.REASON, h.ERROR, h.REPLAYED_AT, h.FIRST_FAILED_AT, h.LAST_FAILED_AT, h.ROUTING_KEY),
    *("x-death", "x-delivery-count", "x-first-death-queue"),
)
_LONG = (33_000, 65_000, 130_000)

_NOBODY = (
    *("nobody", "x" * 255, "a|b", "é", Wire(_short(NOT_UTF8))),
    *(command_queue("links"), dead_queue("registry")),
)
"""Where answers reach nobody, or somebody who has not asked."""

PROPERTIES: dict[str, tuple[Any, ...]] = {
    "content_type": (
        *("", "text/plain", "application/jsonx", "application/json;charset=utf-16", "\x00", ";;;"),
        *("APPLICATION/JSON", "application/cloudevents+json", "application/json", "é", "x" * 255),
        Wire(_short(NOT_UTF8)),
    ),
    "content_encoding": ("gzip", "utf-16", "", "x" * 255, Wire(_short(NOT_UTF8))),
    "message_type": _TYPES,
    "delivery_mode": (1,),
    "priority": (0, 9, 255),
    "timestamp": (Wire(NEVER), Wire(struct.pack(">Q", 1_776_422_700_000))),
    "app_id": ("x" * 255, Wire(_short(NOT_UTF8))),
    "expiration": ("60000", "4294967295"),
    "reply_to": _NOBODY,
}

names = st.text(min_size=1, max_size=20)
"""Names of headers."""


def odd_properties(random: Random) -> dict[str, Any]:
    """Often none; those of a good message stand beside them."""
    if random.random() < 1 / 2:
        return {}
    chosen = random.sample(list(PROPERTIES), k=random.randint(1, 2))
    return {name: random.choice(PROPERTIES[name]) for name in chosen}


def odd_headers(random: Random, others: Sequence[str]) -> dict[str, Any] | Wire:
    """Often none; else such as are ours, and others with these names, or as no client writes."""
    match random.randrange(20):
        case 0 | 1:
            return random.choice(ON_THE_WIRE)
        case 2:
            return {"x-long": "x" * random.choice(_LONG)}
        case 3:
            return {h.ROUTING_KEY: random.choice(_TYPES)}
        case 4 | 5 | 6:
            return {random.choice(others): random.choice(_ODD) for _ in range(3)}
        case 7 | 8 | 9:
            return {random.choice(_OURS): random.choice(_ODD) for _ in range(2)}
        case _:
            return {}
