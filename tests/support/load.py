"""A small load of link requests, over HTTP and on the queue, which remembers what was confirmed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import httpx

from shared.bus.faults import publishing
from shared.errors import BrokerUnavailable, Overloaded
from tests.support.bus import Outsider
from tests.support.waiting import until_true
from tests.support.workspace import Workspace

WORKERS = 3
PACE = 0.02
"""Seconds between two requests of a worker: the load is to last, not to be heavy."""
CONFIRM_SECONDS = 5.0

Pair = tuple[str, str]
"""A document and a contact; each is linked once."""


class Load:
    """Asks for one link after the other.

    Attributes:
        confirmed: The pairs whose link was promised: answered with 2xx, or confirmed by the broker.
        failed: How many HTTP requests came to nothing.
        refused: The pairs that got another answer than 2xx, each with the answer.
    """

    def __init__(self, workspace: Workspace, outsider: Outsider, pairs: list[Pair]) -> None:
        self.confirmed: set[Pair] = set()
        self.failed = 0
        self.refused: list[tuple[Pair, httpx.Response]] = []
        self._workspace = workspace
        self._outsider = outsider
        self._pairs = iter(pairs)
        self._workers: list[asyncio.Task[None]] = []

    @classmethod
    @asynccontextmanager
    async def running(
        cls, workspace: Workspace, outsider: Outsider, documents: int = 60, contacts: int = 100
    ) -> AsyncIterator["Load"]:
        """A load over HTTP for as long as the block lasts."""
        pairs = product(
            await asyncio.gather(*(workspace.document() for _ in range(documents))),
            await asyncio.gather(*(workspace.entity() for _ in range(contacts))),
        )
        load = cls(workspace, outsider, list(pairs))
        load._workers = [asyncio.create_task(load._work()) for _ in range(WORKERS)]
        try:
            yield load
        finally:
            for worker in load._workers:
                worker.cancel()
            await asyncio.gather(*load._workers, return_exceptions=True)

    async def _work(self) -> None:
        for document, contact in self._pairs:
            try:
                answer = await self._workspace.link(document, contact)
            except httpx.TransportError:
                self.failed += 1
            else:
                if answer.is_success:
                    self.confirmed.add((document, contact))
                else:
                    self.refused.append(((document, contact), answer))
                    assert answer.status_code == 503, answer.text
                    self.failed += 1
            await asyncio.sleep(PACE)
        raise AssertionError("Nothing is left to link: the test has taken longer than its load")

    async def burst(self, count: int) -> None:
        """Publish so many commands at once; return when the broker has confirmed them all."""
        pairs = [next(self._pairs) for _ in range(count)]
        await asyncio.gather(*(self._publish(pair) for pair in pairs))
        self.confirmed.update(pairs)

    async def _publish(self, pair: Pair) -> None:
        document, contact = pair
        body: dict[str, Any] = {"entity_type": "contact", "entity_id": contact}
        command = self._workspace.command(document_id=document, **body)
        while True:  # under the same id, as is right for who has no confirm
            try:
                async with publishing("link.create", CONFIRM_SECONDS):
                    await self._outsider.publish("link.create", command)
            except BrokerUnavailable:
                await asyncio.sleep(PACE)
            except Overloaded:  # see `Publisher._renew`
                await self._outsider.renew()
                await asyncio.sleep(PACE)
            else:
                return

    async def until_confirmed(self, more: int) -> None:
        """Return when so many more links are promised than now."""
        wanted = len(self.confirmed) + more

        def reached() -> bool:
            for worker in self._workers:
                if worker.done():
                    worker.result()
            return len(self.confirmed) >= wanted

        await until_true(reached, timeout=30)
