import asyncio
from collections.abc import Sequence

import pytest

from shared.batching import Batcher
from shared.errors import Passing

FOR_EVER, PATIENCE = 3600.0, 15.0


class Slow:
    """Answers each item with its double when it is let go; notes what came together."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.began = asyncio.Event()

    async def run(self, items: list[int]) -> Sequence[int | Exception]:
        self.batches.append(items)
        self.began.set()
        await self.go.wait()
        return [ValueError(item) if item < 0 else item * 2 for item in items]


async def _asked(batch: Batcher[int, int], *items: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(_ask(batch, item)) for item in items]
    await asyncio.sleep(0)
    return tasks


async def _ask(batch: Batcher[int, int], item: int) -> int:
    return await batch(item)


async def test_what_waits_while_a_batch_runs_goes_out_as_the_next_one() -> None:
    slow = Slow()
    batch = Batcher(slow.run)
    first = await _asked(batch, 1)
    await slow.began.wait()
    others = await _asked(batch, 2, 3, 4)
    slow.go.set()
    assert await asyncio.gather(*first, *others) == [2, 4, 6, 8]
    assert slow.batches == [[1], [2, 3, 4]]


async def test_calls_at_once_become_one_and_no_batch_is_larger_than_its_limit() -> None:
    slow = Slow()
    slow.go.set()
    batch = Batcher(slow.run, limit=3)
    assert await asyncio.gather(*(batch(item) for item in range(7))) == [0, 2, 4, 6, 8, 10, 12]
    assert slow.batches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_it_works_again_after_it_ran_empty() -> None:
    slow = Slow()
    slow.go.set()
    batch = Batcher(slow.run)
    assert [await batch(item) for item in (1, 2)] == [2, 4]
    assert slow.batches == [[1], [2]]


async def test_an_error_goes_to_the_caller_it_belongs_to() -> None:
    slow = Slow()
    slow.go.set()
    batch = Batcher(slow.run)
    first, error, last = await asyncio.gather(batch(1), batch(-2), batch(3), return_exceptions=True)
    assert (first, last) == (2, 6)
    assert repr(error) == "ValueError(-2)"


async def test_an_error_of_the_whole_batch_goes_to_all_and_the_next_batch_works() -> None:
    broken = True

    async def run(items: list[int]) -> list[int]:
        if broken:
            raise OSError("away")
        return items

    batch: Batcher[int, int] = Batcher(run)
    answers = await asyncio.gather(batch(1), batch(2), return_exceptions=True)
    assert [repr(answer) for answer in answers] == ["OSError('away')"] * 2
    broken = False
    assert await batch(3) == 3


@pytest.mark.parametrize("answers", [[], [1], [1, 2, 3]], ids=len)
async def test_a_wrong_number_of_answers_is_an_error_for_all_and_leaves_nobody_waiting(
    answers: list[int],
) -> None:
    async def run(_: list[int]) -> list[int]:
        return answers

    batch: Batcher[int, int] = Batcher(run)
    found = await asyncio.gather(batch(1), batch(2), return_exceptions=True)
    assert [type(each) for each in found] == [RuntimeError, RuntimeError]


@pytest.mark.parametrize("cancelled", [0, 1, 2])
async def test_a_cancelled_caller_harms_no_other(cancelled: int) -> None:
    slow = Slow()
    batch = Batcher(slow.run)
    tasks = await _asked(batch, 1, 2, 3)
    await slow.began.wait()
    waiting = await _asked(batch, 4, 5, 6)
    for each in (tasks, waiting):
        each.pop(cancelled).cancel()
    slow.go.set()
    answers = await asyncio.gather(*tasks, *waiting)
    assert answers == [n * 2 for n in (1, 2, 3, 4, 5, 6) if n not in (cancelled + 1, cancelled + 4)]
    assert await batch(7) == 14


async def test_all_callers_may_be_cancelled_and_it_still_works() -> None:
    slow = Slow()
    batch = Batcher(slow.run)
    tasks = await _asked(batch, 1, 2)
    await slow.began.wait()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    slow.go.set()
    assert await batch(3) == 6


async def test_nobody_waits_for_ever_when_what_a_batch_waits_for_is_cancelled() -> None:
    async def run(_items: list[int]) -> list[int]:
        waited_for = asyncio.get_running_loop().create_future()
        waited_for.cancel()
        await waited_for
        return []

    batch = Batcher(run)
    for _ in range(2):
        with pytest.raises(Passing):
            await batch(1)


async def test_after_a_batch_of_several_what_comes_soon_goes_together() -> None:
    slow = Slow()
    slow.go.set()
    batch = Batcher(slow.run)
    await asyncio.gather(*(batch(item) for item in (1, 2)))
    third = await _asked(batch, 3)
    await asyncio.sleep(0)
    await asyncio.gather(*third, batch(4))
    assert slow.batches == [[1, 2], [3, 4]]


async def test_a_batch_that_is_full_does_not_wait() -> None:
    slow = Slow()
    slow.go.set()
    batch = Batcher(slow.run, limit=2, distance=FOR_EVER)
    await asyncio.gather(*(batch(item) for item in (1, 2)))
    third = await _asked(batch, 3)
    fourth = await _asked(batch, 4)
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.gather(*third, *fourth) == [6, 8]
    assert slow.batches == [[1, 2], [3, 4]]


async def test_who_comes_while_a_call_is_under_way_is_a_crowd_too() -> None:
    slow = Slow()
    batch = Batcher(slow.run)
    first = await _asked(batch, 1)
    await slow.began.wait()
    second = await _asked(batch, 2)
    slow.go.set()
    await asyncio.gather(*first)
    await asyncio.gather(*second, *await _asked(batch, 3))
    assert slow.batches == [[1], [2, 3]]


async def test_one_call_after_another_waits_for_nothing() -> None:
    slow = Slow()
    slow.go.set()
    batch = Batcher(slow.run, distance=3600)
    async with asyncio.timeout(10):
        assert [await batch(item) for item in range(3)] == [0, 2, 4]
    assert slow.batches == [[0], [1], [2]]
