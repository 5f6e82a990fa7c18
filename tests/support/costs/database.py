"""Listens to MongoDB's wire protocol: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/."""

import asyncio
from typing import Any

import bson

from tests.support.costs.ledger import Ledger

_HEADER = 16
_MESSAGE, _QUERY = 2013, 2004
_BODY = 0
_COUNTED = {
    *("find", "getMore", "aggregate", "count", "distinct"),
    *("insert", "update", "delete", "findAndModify", "bulkWrite"),
}
"""Commands that read or write; clients send others to find out how the server is."""

_SAID = {"aggregate": "count"}
"""How the drivers count; the services aggregate nothing else."""


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """One message."""
    header = await reader.readexactly(_HEADER)
    return header + await reader.readexactly(_number(header, 0) - _HEADER)


class DatabaseListener:
    """Enters what one connection asks for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._who = "somebody"
        self._unanswered: dict[int, int] = {}
        """By request, the turn at which it was sent."""

    def sent(self, message: bytes) -> None:
        """A message for the database."""
        command = _command(message)
        if command is None:
            return
        if "client" in command:
            name = command["client"].get("application", {}).get("name", self._who)
            self._who = name.removeprefix("doclink-")
        what = next(iter(command))
        if what in _COUNTED:
            on = command["collection"] if what == "getMore" else command[what]
            turn = self._ledger.called(self._who, f"{_SAID.get(what, what)} {on}")
            self._unanswered[_number(message, 4)] = turn

    def received(self, message: bytes) -> None:
        """A message from the database."""
        asked_at = self._unanswered.pop(_number(message, 8), None)
        if asked_at is not None:
            self._ledger.answered(self._who, asked_at)


def _command(message: bytes) -> dict[str, Any] | None:
    """The body of a request, if it has one."""
    code = _number(message, 12)
    if code == _MESSAGE and message[_HEADER + 4] == _BODY:
        start = _HEADER + 5
    elif code == _QUERY:
        start = message.index(b"\0", _HEADER + 4) + 9  # after the collection and two numbers
    else:
        return None
    return dict(bson.decode(message[start : start + _number(message, start)]))


def _number(message: bytes, offset: int) -> int:
    return int.from_bytes(message[offset : offset + 4], "little", signed=True)
