"""Rounds: each side is measured for a while, in turn, so that all meet the same weather."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any

from tests.bench.callers import CallersProcess
from tests.bench.contenders import Contender
from tests.bench.cpu import cpu_seconds, machine_seconds
from tests.bench.orders import Order, PutOrder, QueueOrder

PAUSE = 0.2
"""Between rounds, so that none pays for what the one before has left to do."""

AnyOrder = Order | PutOrder | QueueOrder


class RequestFailedError(Exception):
    """A request was not answered as it must be; figures would mean nothing."""


@dataclass(frozen=True)
class Round:
    """One side, measured once.

    Attributes:
        measure: What was measured.
        number: Counts from 1; every side has one of each number.
        side: Who was measured.
        count: How many requests were answered, or events heard.
        seconds: From the first request to the last answer.
        p50_ms: Half of the requests took no longer; None where single ones are not timed.
        p99_ms: 99 of 100 requests took no longer.
        cpu_seconds: CPU time of all who work for this side, but the callers; None where it cannot
            be read.
        callers_cores: How many cores the callers kept busy, on average; None likewise.
        others_cores: How many were busy with what is neither; None likewise.
        cpu_parts: What `cpu_seconds` is made of, by the names of the processes.
    """

    measure: str
    number: int
    side: str
    count: int
    seconds: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_seconds: float | None = None
    callers_cores: float | None = None
    others_cores: float | None = None
    cpu_parts: Mapping[str, float] | None = None

    @property
    def per_second(self) -> float:
        """Requests, or events, a second."""
        return self.count / self.seconds

    @property
    def cpu_ms_each(self) -> float | None:
        """CPU time of one of them."""
        return None if self.cpu_seconds is None else self.cpu_seconds * 1000 / self.count


@dataclass(frozen=True)
class _Clock:
    """CPU seconds so far of a contender's processes, of the callers, and of the whole machine."""

    contender: Mapping[str, float]
    callers: float
    machine: float


def turns(sides: Sequence[str], number: int) -> list[str]:
    """The sides in their order in round `number`.

    Of four sides each comes after each other one equally often (a Latin square after Williams), of
    two each is first as often as the other: none always finds what the same one has left behind.
    """
    size = len(sides)
    zigzag = [(step // 2 + 1) if step % 2 else -(step // 2) for step in range(size)]
    return [sides[(number - 1 + offset) % size] for offset in zigzag]


@dataclass(frozen=True)
class Measure:
    """What is measured, of whom.

    Attributes:
        name: Of the measure.
        sides: Who takes part.
        rounds: How many of each side.
        enter: Has a side ready.
        order: What the callers are told: for a side, the number of the first pair that is not
            linked yet, and how much of a full round it is to be.
    """

    name: str
    sides: Sequence[str]
    rounds: int
    enter: Callable[[str], Awaitable[Contender]]
    order: Callable[[Contender, int, float], AnyOrder]


class Contest:
    """Measures contenders with the same callers.

    Args:
        callers: Who sends the requests.
        warm_up: How much of a full round the warm-up is.
        say: Tells people of each round.
        until: When time is short (`time.monotonic()`): from then on, one round must be enough.
    """

    def __init__(
        self,
        callers: CallersProcess,
        warm_up: float,
        say: Callable[[str], None],
        until: float = inf,
    ) -> None:
        self._callers = callers
        self._warm_up = warm_up
        self._say = say
        self._until = until
        self._used = 0

    async def run(self, measure: Measure) -> list[Round]:
        """Rounds 1 to `rounds` of each side, fewer when time is short, after a warm-up.

        Raises:
            RequestFailedError: A request failed.
        """
        found = []
        for number in range(measure.rounds + 1):
            for side in turns(measure.sides, number):
                contender = await measure.enter(side)
                order = measure.order(contender, self._used, 1.0 if number else self._warm_up)
                measured = await self._measure(measure.name, number, contender, order)
                if number:
                    self._say(_line(measured))
                    found.append(measured)
            if number and monotonic() > self._until:
                break
        return found

    async def _measure(
        self, measure: str, number: int, contender: Contender, order: AnyOrder
    ) -> Round:
        await asyncio.sleep(PAUSE)
        before = self._clock(contender)
        result = await self._callers.run(order)
        after = self._clock(contender)
        self._used += result.requests
        if result.failures:
            told = "\n".join(result.failures)
            raise RequestFailedError(f"{measure}, {contender.side}: {told}")
        spent = _spent(before, after, result.seconds)
        return Round(
            measure=measure,
            number=number,
            side=contender.side,
            count=result.requests,
            seconds=round(result.seconds, 4),
            p50_ms=_milliseconds(result.p50),
            p99_ms=_milliseconds(result.p99),
            **spent,
        )

    def _clock(self, contender: Contender) -> _Clock | None:
        of_contender = cpu_seconds(contender.processes)
        of_callers = cpu_seconds({"callers": self._callers.pid})
        of_machine = machine_seconds()
        if of_contender is None or of_callers is None or of_machine is None:
            return None
        return _Clock(of_contender, of_callers["callers"], of_machine)


def _spent(before: _Clock | None, after: _Clock | None, seconds: float) -> dict[str, Any]:
    """What a round has taken of the machine, as `Round` has it."""
    if before is None or after is None:
        return {}
    parts = {
        name: round(after.contender[name] - before.contender[name], 3) for name in after.contender
    }
    ours, callers = sum(parts.values()), after.callers - before.callers
    others = after.machine - before.machine - ours - callers
    return {
        "cpu_seconds": round(ours, 3),
        "cpu_parts": parts,
        "callers_cores": round(callers / seconds, 2),
        "others_cores": round(max(0.0, others / seconds), 2),
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _line(measured: Round) -> str:
    line = f"{measured.measure:14} {measured.number:2} {measured.side:9}"
    line += f" {measured.per_second:7.0f}/s"
    if measured.p99_ms is not None:
        line += f"  p50 {measured.p50_ms:7.1f} ms  p99 {measured.p99_ms:7.1f} ms"
    return line
