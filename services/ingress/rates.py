"""Rate limits: how many calls an API key has left in its window."""

import time
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from services.ingress.caller import Caller
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
    """Counts each key's calls."""

    def __init__(self, storage: str, default: str) -> None:
        # Of the Redis clients that the library can use, the one that we install.
        options = {"implementation": "redispy"} if "redis" in storage.partition(":")[0] else {}
        backend = storage_from_string(storage, wrap_exceptions=True, **options)
        if not isinstance(backend, Storage):
            raise TypeError("DOCLINK_RATE_LIMIT_STORAGE must start with async+")
        self._limiter = FixedWindowRateLimiter(backend)
        self._default = default

    async def count(self, caller: Caller) -> Allowance:
        """Count one call of the caller; it is allowed while the window has room."""
        item = _parse(caller.rate_limit or self._default)
        try:
            allowed = await self._limiter.hit(item, caller.key_id)
            window = await self._limiter.get_window_stats(item, caller.key_id)
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
