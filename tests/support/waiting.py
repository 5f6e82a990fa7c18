"""Waiting for what nobody announces: ask again and again until it is so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.support.bus import PATIENCE

Answer = TypeVar("Answer")
PAUSE = 0.02


async def until(
    ask: Callable[[], Awaitable[Answer]],
    enough: Callable[[Answer], bool] = bool,
    timeout: float = PATIENCE,
) -> Answer:
    """The first answer that is enough; the last one stands in the error when none is in time."""
    last: Answer | None = None
    try:
        async with asyncio.timeout(timeout):
            while True:
                last = answer = await ask()
                if enough(answer):
                    return answer
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise AssertionError(f"Still {last!r:.500} after {timeout} s") from None


async def until_true(holds: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Return when it holds."""

    async def ask() -> bool:
        return holds()

    await until(ask, timeout=timeout)
