"""Probes: the same request again and again through each part, to see when it works."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import aiohttp

from tests.chaos.callers import Caller, session
from tests.chaos.journal import Journal
from tests.chaos.order import Order
from tests.chaos.workload import Workload

INTERVAL = 0.2
STEADY = 3
"""How many probes, one after the other, must succeed for a path to have recovered."""
LOOK = 0.1

PATHS = {
    "registry": "document.register",
    "links": "link.create",
    "crm_sync": "entity.upsert",
    "webhooks": None,
}
"""What goes through each service: a command, waited for; to the webhooks a query."""


@dataclass(frozen=True)
class Probe:
    """One request; times are monotonic seconds."""

    path: str
    began: float
    ended: float
    succeeded: bool


def recovered_at(probes: Iterable[Probe], path: str, since: float) -> float | None:
    """When a path worked steadily again, by probes that began after `since`; None: not yet."""
    later = sorted(
        (each for each in probes if each.path == path and each.began >= since),
        key=lambda each: each.began,
    )
    for first in range(len(later) - STEADY + 1):
        steady = later[first : first + STEADY]
        if all(each.succeeded for each in steady):
            return min(each.ended for each in steady)
    return None


def recovery(probes: Sequence[Probe], paths: Iterable[str], since: float) -> float | None:
    """Seconds until the last of the paths worked steadily again; None: one does not yet."""
    longest = 0.0
    for path in paths:
        time = recovered_at(probes, path, since)
        if time is None:
            return None
        longest = max(longest, time - since)
    return longest


class Prober:
    """Sends probes through all paths. They overlap: one that hangs does not hide a recovery."""

    def __init__(self, client: aiohttp.ClientSession, order: Order, journal: Journal) -> None:
        self.probes: list[Probe] = []
        self._client = client
        self._urls = order.urls
        self._caller = Caller(client, order.urls, journal, order.party)
        self._workload = Workload(order.world, order.party, order.share, order.seed)
        self._underway: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def probing(cls, order: Order) -> AsyncIterator["Prober"]:
        """A prober at work for as long as the block lasts."""
        async with session(order.key) as client:
            prober = cls(client, order, Journal(Path(order.journal)))
            work = asyncio.create_task(prober._work())
            try:
                yield prober
            finally:
                work.cancel()
                await asyncio.wait({work, *prober._underway})

    async def recovery(self, paths: Sequence[str], since: float, timeout: float) -> float | None:
        """Seconds until all the paths have recovered; None if they have not in time."""
        deadline = monotonic() + timeout
        while (found := recovery(self.probes, paths, since)) is None:
            if monotonic() > deadline:
                return None
            await asyncio.sleep(LOOK)
        return found

    async def _work(self) -> None:
        while True:
            for path in PATHS:
                task = asyncio.create_task(self._probe(path))
                self._underway.add(task)
                task.add_done_callback(self._underway.discard)
            await asyncio.sleep(INTERVAL)

    async def _probe(self, path: str) -> None:
        began = monotonic()
        succeeded = await (self._query() if path == "webhooks" else self._command(path))
        self.probes.append(Probe(path, began, monotonic(), succeeded))

    async def _command(self, path: str) -> bool:
        wish = self._workload.wish(PATHS[path] or "")
        assert wish is not None
        return bool(await self._caller.ask(wish, self._caller.begin(wish)))

    async def _query(self) -> bool:
        try:
            async with self._client.get(f"{self._urls[0]}/v1/webhooks") as said:
                await said.read()
                return said.ok
        except (aiohttp.ClientError, TimeoutError):
            return False
