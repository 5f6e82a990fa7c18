"""Rate limits: how many calls an API key, or an address, has left in its window."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from shared.logs import logger

log = logger(__name__)


@dataclass(frozen=True)
class Allowance:
    """What is left of a caller's window; `reset` is in Unix seconds (LeadLex, Quickstart)."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    @property
    def retry_after(self) -> int:
        """Whole seconds until the window is new."""
        return max(1, self.reset - int(time.time()))

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The `X-RateLimit-*` headers of every authenticated response."""
        return [
            (b"x-ratelimit-limit", str(self.limit).encode()),
            (b"x-ratelimit-remaining", str(self.remaining).encode()),
            (b"x-ratelimit-reset", str(self.reset).encode()),
        ]


class Rates:
    """Counts whatever has a name and a limit such as `600/minute`, in fixed windows."""

    def __init__(self, storage: str) -> None:
        # Of the Redis clients that the library can use, the one that we install.
        options = {"implementation": "redispy"} if "redis" in storage.partition(":")[0] else {}
        backend = storage_from_string(storage, wrap_exceptions=True, **options)
        if not isinstance(backend, Storage):
            raise TypeError("DOCLINK_RATE_LIMIT_STORAGE must start with async+")
        self._limiter = FixedWindowRateLimiter(backend)

    async def count(self, name: str, limit: str) -> Allowance:
        """Count one more; it is allowed while the window has room."""
        return await self._ask(self._limiter.hit, name, _parse(limit))

    async def look(self, name: str, limit: str) -> Allowance:
        """Whether one more would be allowed, without counting it."""
        return await self._ask(self._limiter.test, name, _parse(limit))

    async def _ask(
        self, ask: Callable[[RateLimitItem, str], Awaitable[bool]], name: str, item: RateLimitItem
    ) -> Allowance:
        try:
            allowed = await ask(item, name)
            window = await self._limiter.get_window_stats(item, name)
        except StorageError as error:
            # Better a call too many than none at all while the shared store is away.
            log.warning("rates.away", error=str(error))
            return Allowance(
                allowed=True,
                limit=item.amount,
                remaining=item.amount,
                reset=int(time.time()) + 1,
            )
        return Allowance(allowed, item.amount, window.remaining, int(window.reset_time))


@lru_cache
def _parse(limit: str) -> RateLimitItem:
    return parse(limit)
