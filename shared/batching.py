"""Batching: concurrent calls for one item each become one call for many.

The handlers of a consumer run concurrently and each awaits its own write. What waits while a
write is under way goes out together as the next one, so the batch grows with the load and a
lone call is not held up. Where calls come in crowds, batches keep a distance: two small ones cost
more than one large (docs/decisions/0022). One caller after another is no crowd.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.cancellation import is_being_cancelled
from shared.errors import Passing

DISTANCE_SECONDS = 0.01
"""From one batch to the next at least, where calls come in crowds."""

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
        limit: int = 500,
        distance: float = DISTANCE_SECONDS,
    ) -> None:
        self._run = run
        self._limit = limit
        self._distance = distance
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._drain: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def __call__(self, item: Item) -> Answer:
        """The answer for `item`."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._drain is None:
            self._drain = asyncio.create_task(self._run_until_empty())
        return await future

    async def _run_until_empty(self) -> None:
        try:
            while self._waiting:
                if (wait := self._not_before - _clock()) > 0:
                    await asyncio.sleep(wait)
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
