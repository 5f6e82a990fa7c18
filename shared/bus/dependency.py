"""Dependencies: what many messages need alike, and wait for where they are while it is away.

A fault alone does not tell whether it is everybody's or one message's own. A probe does: while it
fails too, nothing is gained by moving messages to retry queues; they wait in the consumer's hands,
no more are taken than are prefetched, and the rest stays in the queue (docs/decisions/0016).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context

from shared.errors import Passing
from shared.logs import logger

log = logger(__name__)
PAUSE_SECONDS = 0.25

Probe = Callable[[], Awaitable[None]]
"""Returns when the dependency answers, and raises a `Passing` when it does not."""


class Dependency:
    """Something outside that a service's handlers cannot do without.

    Attributes:
        name: What operators know it by.
        away: Whether somebody waits for it now.
    """

    def __init__(self, name: str, probe: Probe) -> None:
        self.name = name
        self.away = False
        self._probe = probe
        self._looking: asyncio.Task[bool] | None = None

    async def until_back(self) -> bool:
        """Return when it answers, however long that takes; false if it does so at once.

        All who wait share one probe, and two lines in the log.
        """
        if self._looking is None:
            # In a context of its own: its log lines are not about one message.
            self._looking = asyncio.create_task(self._look(), context=Context())
        return await asyncio.shield(self._looking)

    async def _look(self) -> bool:
        began = time.monotonic()
        try:
            while True:
                try:
                    await self._probe()
                except Passing as fault:
                    if not self.away:
                        self.away = True
                        log.warning("consumer.paused", dependency=self.name, error=str(fault))
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    return self._is_back(time.monotonic() - began)
        finally:
            self._looking = None

    def _is_back(self, seconds: float) -> bool:
        was_away, self.away = self.away, False
        if was_away:
            log.info("consumer.resumed", dependency=self.name, seconds=round(seconds, 1))
        return was_away
