"""The keyring: whose API key this is, asked of the registry and remembered for a while.

A revocation reaches every ingress as an event, and is remembered by key id: an answer that was
under way when the key was revoked must not bring it back.
"""

import asyncio
import json
import time
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from ulid import ULID

from contracts.api_keys import ApiKeyGet, ApiKeyResult, ApiKeyRevoked
from contracts.errors import ErrorCode
from contracts.topology import EVENTS
from services.ingress.caller import Caller, is_key, key_hash
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.errors import Refusal
from shared.ids import new_id
from shared.logs import logger

log = logger(__name__)
MAX_REMEMBERED = 100_000


class Keyring:
    """Identifies callers."""

    def __init__(
        self, publisher: Publisher, requester: Requester, *, keep_seconds: float, deadline: float
    ) -> None:
        self._publisher = publisher
        self._requester = requester
        self._keep_seconds = keep_seconds
        self._deadline = deadline
        self._known: dict[str, tuple[float, Caller]] = {}
        self._asked: dict[str, asyncio.Task[Caller | None]] = {}
        self._revoked: dict[str, float] = {}

    async def start(self) -> None:
        """Begin to hear of revocations."""
        channel = await self._publisher.consuming_channel()
        queue = await channel.declare_queue(
            f"doclink.ingress.notices.{ULID()}", exclusive=True, auto_delete=True
        )
        await queue.bind(EVENTS, ApiKeyRevoked.type)
        channel.close_callbacks.add(self._forget_all)
        await queue.consume(self._hear, no_ack=True)

    def knows(self, key: str) -> bool:
        """Whether `key` was good when it was last asked about, and nothing else was heard since."""
        return is_key(key) and key_hash(key) in self._known

    async def identify(self, key: str) -> Caller | None:
        """The caller who shows `key`; None for a key that is unknown, revoked or expired.

        Raises:
            PeerUnavailable, BrokerUnavailable: the registry cannot be asked.
        """
        if not is_key(key):
            return None
        digest = key_hash(key)
        kept_until, caller = self._known.get(digest, (0.0, None))
        if caller is None or kept_until < time.monotonic():
            caller = await self._ask_once(digest)
        return None if caller is None or caller.expired else caller

    async def _ask_once(self, digest: str) -> Caller | None:
        """One question for all who show the same key at once."""
        task = self._asked.get(digest)
        if task is None:
            task = asyncio.create_task(self._ask(digest))
            self._asked[digest] = task
            task.add_done_callback(lambda _: self._asked.pop(digest, None))
        return await asyncio.shield(task)

    async def _ask(self, digest: str) -> Caller | None:
        query = ApiKeyGet(command_id=new_id("cmd"), key_hash=digest)
        try:
            answer = await self._requester.ask(query, ApiKeyResult, deadline=self._deadline)
        except Refusal as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                return None
            raise
        caller = Caller.of(answer.api_key)
        if caller is None or caller.key_id in self._revoked:
            return None
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[digest] = (time.monotonic() + self._keep_seconds, caller)
        return caller

    async def _hear(self, message: AbstractIncomingMessage) -> None:
        event: dict[str, Any] = json.loads(message.body)
        key_id = event["data"]["id"]
        log.info("key.revoked", key_id=key_id)
        if len(self._revoked) >= MAX_REMEMBERED:
            self._revoked.clear()
        self._revoked[key_id] = time.monotonic()
        self._known = {
            digest: known for digest, known in self._known.items() if known[1].key_id != key_id
        }

    def _forget_all(self, *_: Any) -> None:
        """While the connection is down no revocation is heard, so nothing may be remembered."""
        self._known.clear()
