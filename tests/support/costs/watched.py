"""A system of its own, all of whose conversations are listened to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local.infrastructure import AMQP_URL, MONGO_URL, Infrastructure
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.costs.broker import BrokerListener, read_frame
from tests.support.costs.database import DatabaseListener, read_message
from tests.support.costs.ledger import Ledger
from tests.support.costs.wiretap import Wiretap
from tests.support.waiting import until_true
from tests.support.workspace import Workspace, new_workspace


@dataclass(frozen=True)
class Watched:
    """A running system, a workspace in it, and what its services ask for."""

    workspace: Workspace
    outsider: Outsider
    ledger: Ledger
    wiretaps: tuple[Wiretap, Wiretap]

    async def account(self, act: Callable[[], Awaitable[object]], *, held_back: float) -> None:
        """Have the ledger say what an act costs, up to the last acknowledgement.

        Args:
            act: Ends when what it is about has taken effect.
            held_back: Seconds for which the servers' answers are held back meanwhile.
        """
        await until_true(lambda: self.ledger.settled)
        self._hold_back(held_back)
        self.ledger.clear()
        await act()
        await until_true(lambda: self.ledger.settled)
        self._hold_back(0)

    def _hold_back(self, seconds: float) -> None:
        for wiretap in self.wiretaps:
            wiretap.delay = seconds


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Watched]:
    """The system for as long as the block lasts."""
    ledger = Ledger()
    infrastructure = Infrastructure(folder)
    await asyncio.to_thread(infrastructure.start)
    urls = infrastructure.urls
    try:
        async with (
            Wiretap(urls.amqp, read_frame, partial(BrokerListener, ledger)) as broker,
            Wiretap(urls.mongo, read_message, partial(DatabaseListener, ledger)) as database,
        ):
            # All as one user of the broker, who may do everything: there is one way through it.
            stack = Stack(infrastructure, env={AMQP_URL: broker.url, MONGO_URL: database.url})
            await asyncio.to_thread(stack.start)
            try:
                async with (
                    Outsider.connected(urls.amqp) as outsider,
                    new_workspace(outsider, stack.url) as workspace,
                ):
                    yield Watched(workspace, outsider, ledger, (broker, database))
            finally:
                await asyncio.to_thread(stack.stop)
    finally:
        await asyncio.to_thread(infrastructure.stop)
