"""Which types of events the service hears: those that some webhook is sent, or once was.

Most workspaces have no webhooks, and most events are wanted by none: what no queue is bound to
costs nobody anything.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from shared.store.client import Database
from shared.store.faults import Duplicate
from shared.store.records import Records


class Hearing:
    """The bindings of the service's event queue.

    Args:
        database: Remembers the types, for a broker that comes back empty.
        bind: Has the queue get all events of a type.
    """

    def __init__(self, database: Database, bind: Callable[[str], Awaitable[None]]) -> None:
        self._records = Records(database, "heard_types")
        self._bind = bind
        self._heard: set[str] = set()

    async def prepare(self) -> None:
        """Hear what was wanted before this process started."""
        await self.of([record["_id"] for record in await self._records.find({})])

    async def of(self, event_types: Sequence[str]) -> None:
        """Return when all events of these types reach the service.

        Raises:
            BrokerUnavailable, StoreUnavailable: that is not sure.
        """
        await asyncio.gather(*(self._hear(each) for each in set(event_types) - self._heard))

    async def _hear(self, event_type: str) -> None:
        with contextlib.suppress(Duplicate):  # by another process, or before
            await self._records.insert({"_id": event_type})
        await self._bind(event_type)
        self._heard.add(event_type)
