"""Batching: concurrent calls for one item each become one call for many.

The handlers of a consumer run concurrently and each awaits its own write. What waits while a
write is under way goes out together as the next one, so the batch grows with the load and a
lone call is not held up. Where calls come in crowds, batches keep a distance: two small ones cost
more than one large. One that is full keeps none, so that several are on their way through the
system, each at another station (docs/decisions/0022). One caller after another is no crowd.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from shared.cancellation import is_being_cancelled
from shared.errors import Passing

DISTANCE_SECONDS = 0.01
"""From one batch to the next at least, where calls come in crowds and do not fill it sooner."""
LIMIT = 128
"""How many calls fill a batch."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Gathers concurrent calls; `run` gets the items and returns an answer for each, in order.

    An answer that is an exception is raised to the one caller it belongs to; an exception that
    `run` itself raises goes to all callers of the batch.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Awaitable[Sequence[Answer | Exception]]],
        *,
        limit: int = LIMIT,
        distance: float = DISTANCE_SECONDS,
    ) -> None:
        self._run = run
        self._limit = limit
        self._distance = distance
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._drain: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._full = asyncio.Event()

    async def __call__(self, item: Item) -> Answer:
        """The answer for `item`."""
        return await self._enqueue(item)

    async def all(self, items: Iterable[Item]) -> list[Answer]:
        """The answer for each; if one is an exception, that is raised."""
        return await asyncio.gather(*(self._enqueue(item) for item in items))

    def _enqueue(self, item: Item) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._waiting) >= self._limit:
            self._full.set()
        if self._drain is None:
            self._drain = asyncio.create_task(self._run_until_empty())
        return future

    async def _run_until_empty(self) -> None:
        try:
            while self._waiting:
                await self._keep_distance()
                batch = self._waiting[: self._limit]
                del self._waiting[: self._limit]
                begun = _clock()
                answers = await self._answers([item for item, _ in batch])
                if len(batch) > 1 or self._waiting:
                    self._not_before = begun + self._distance
                for (_, future), answer in zip(batch, answers, strict=True):
                    if future.done():  # its caller was cancelled
                        continue
                    if isinstance(answer, Exception):
                        future.set_exception(answer)
                    else:
                        future.set_result(answer)
        finally:
            self._drain = None

    async def _keep_distance(self) -> None:
        wait = self._not_before - _clock()
        if wait > 0 and len(self._waiting) < self._limit:
            self._full.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._full.wait()

    async def _answers(self, items: list[Item]) -> Sequence[Answer | Exception]:
        try:
            answers = await self._run(items)
        except Exception as error:  # noqa: BLE001 - handed on to each caller
            return [error] * len(items)
        except asyncio.CancelledError:
            if is_being_cancelled():
                raise
            # What `run` waited for was cancelled, not we: its callers must not wait for ever.
            return [Passing("What the batch waited for was cancelled")] * len(items)
        if len(answers) != len(items):
            return [RuntimeError("A batch must have an answer for each item")] * len(items)
        return answers


def _clock() -> float:
    return asyncio.get_running_loop().time()
