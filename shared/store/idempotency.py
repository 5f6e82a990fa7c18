"""Idempotency keys: the same request within 24 hours gets the same answer.

A claim ties a key to the first command that brought it. A repeat, which comes under a command id
of its own, gets the stored answer; while there is none yet it runs as the first command did, and
derived ids make that harmless. The first command itself, delivered again, runs again: its events
may not have gone out.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from contracts.catalogue import REQUESTS
from contracts.errors import ErrorCode, RefusalBody
from contracts.messages import Command
from shared.errors import Refusal
from shared.ids import now
from shared.outcome import Outcome
from shared.store.client import Document
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records

WINDOW = timedelta(hours=24)

CommandT = TypeVar("CommandT", bound=Command)
Handler = Callable[[CommandT], Awaitable[Outcome]]


class Claims:
    """The idempotency keys of one service."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def prepare(self) -> None:
        """Ensure the index."""
        await self._records.expire_tombstones()

    async def run(self, command: CommandT, handler: Handler[CommandT]) -> Outcome:
        """What `handler` makes of the command, or made of the first one with the same key.

        Raises:
            Refusal: as the handler; `idempotency_conflict` when the key came with another body.
        """
        claim = await self._claim(command)
        if claim["fingerprint"] != _fingerprint(command):
            raise Refusal(
                ErrorCode.IDEMPOTENCY_CONFLICT,
                "The idempotency key was used within 24 hours with another request",
            )
        if claim["command_id"] != command.command_id:
            if claim["reply"] is not None:
                return _replay(command, claim["reply"])
            command = command.model_copy(update={"command_id": claim["command_id"]})
        try:
            outcome = await handler(command)
        except Refusal as refusal:
            await self._keep(claim, {"refusal": refusal.body.model_dump(mode="json")})
            raise
        await self._keep(claim, {"result": outcome.result.model_dump(mode="json")})
        return outcome

    async def _claim(self, command: Command) -> Document:
        key = f"{command.type}:{command.idempotency_key}"
        claim: Document = {
            "_id": Records.key(command.workspace_id, key),
            "workspace_id": command.workspace_id,
            "command_id": command.command_id,
            "fingerprint": _fingerprint(command),
            "reply": None,
            "version": 1,
            "expires_at": now() + WINDOW,
        }
        while True:
            try:
                await self._records.insert(dict(claim))
            except Duplicate:
                held = await self._records.get(command.workspace_id, key)
                if held is None:
                    continue  # expired just now
                if held["expires_at"] > now():
                    return held
                claim["version"] = held["version"] + 1
                try:
                    await self._records.replace(claim, version=held["version"])
                except Conflict:
                    continue
            return claim

    async def _keep(self, claim: Document, reply: Document) -> None:
        text = json.dumps(reply)
        if claim["reply"] == text:
            return
        # The first command, run again: what it comes to in the end is the answer.
        kept = claim | {"reply": text, "version": claim["version"] + 1}
        try:
            await self._records.replace(kept, version=claim["version"])
        except Conflict:
            return  # the same command ran twice at once; the answers are the same


def _fingerprint(command: Command) -> str:
    """What makes two requests the same: everything but who numbered them and when."""
    body = command.model_dump_json(exclude={"command_id", "issued_at", "idempotency_key"})
    return hashlib.sha256(f"{command.type}\n{body}".encode()).hexdigest()


def _replay(command: Command, reply: str) -> Outcome:
    stored = json.loads(reply)
    if "refusal" in stored:
        body = RefusalBody.model_validate(stored["refusal"])
        raise Refusal(body.code, body.message, body.fields)
    return Outcome(REQUESTS[command.type].result.model_validate(stored["result"]))
