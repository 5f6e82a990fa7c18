"""Rounds: each side is measured for a while, in turn, so that both meet the same weather."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.callers import CallersProcess
from tests.bench.contenders import Contender
from tests.bench.cpu import cpu_seconds, machine_seconds
from tests.bench.load import Order
from tests.bench.plan import Plan

_PAUSE = 0.2
"""Between rounds, so that none pays for what the one before has left to do."""


class RequestFailedError(Exception):
    """A request was not answered as it must be; figures would mean nothing."""


@dataclass(frozen=True)
class Round:
    """One side, measured once.

    Attributes:
        number: Counts from 1; both sides have one of each number.
        side: `ours` or `rival`.
        requests: How many were answered.
        seconds: From the first request to the last answer.
        per_second: Requests a second.
        p50_ms: Half of the requests took no longer.
        p99_ms: 99 of 100 requests took no longer.
        cpu_ms_per_link: CPU time of all processes but the callers'; None where it cannot be read.
        others_cores: How many cores were busy with what is not ours, on average; None likewise.
    """

    number: int
    side: str
    requests: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms_per_link: float | None
    others_cores: float | None


@dataclass(frozen=True)
class _Clock:
    """CPU seconds so far of a contender, of the callers, and of the whole machine."""

    contender: float
    callers: float
    machine: float


class Contest:
    """Measures contenders with the same callers.

    Args:
        callers: Who sends the requests.
        plan: How many and how long.
        say: Tells people of each round.
    """

    def __init__(self, callers: CallersProcess, plan: Plan, say: Callable[[str], None]) -> None:
        self._callers = callers
        self._plan = plan
        self._say = say
        self._used = 0

    async def run(self, contenders: list[Contender]) -> list[Round]:
        """All rounds, after a warm-up of each contender.

        Raises:
            RequestFailedError: A request failed.
        """
        for contender in contenders:
            await self._measure(contender, 0, self._plan.warm_up)
        rounds = []
        for number in range(1, self._plan.rounds + 1):
            for contender in contenders:
                measured = await self._measure(contender, number, self._plan.seconds)
                self._say(f"round {number} {measured.side:6} {measured.per_second:6.0f} requests/s")
                rounds.append(measured)
        return rounds

    async def _measure(self, contender: Contender, number: int, seconds: float) -> Round:
        await asyncio.sleep(_PAUSE)
        before = self._clock(contender)
        result = await self._callers.run(
            Order(contender.url, self._plan.callers, seconds, first=self._used)
        )
        after = self._clock(contender)
        if result.failures:
            raise RequestFailedError(f"{contender.side}: " + "\n".join(result.failures))
        self._used += result.requests
        spent = others = None
        if before is not None and after is not None:
            spent = after.contender - before.contender
            busy = after.machine - before.machine
            others = busy - spent - (after.callers - before.callers)
        return Round(
            number=number,
            side=contender.side,
            requests=result.requests,
            seconds=round(result.seconds, 3),
            per_second=round(result.requests / result.seconds, 1),
            p50_ms=round(result.p50 * 1000, 2),
            p99_ms=round(result.p99 * 1000, 2),
            cpu_ms_per_link=None if spent is None else round(spent * 1000 / result.requests, 3),
            others_cores=None if others is None else round(max(0.0, others / result.seconds), 2),
        )

    def _clock(self, contender: Contender) -> _Clock | None:
        of_contender = cpu_seconds(contender.pids)
        of_callers = cpu_seconds([self._callers.pid])
        of_machine = machine_seconds()
        if of_contender is None or of_callers is None or of_machine is None:
            return None
        return _Clock(of_contender, of_callers, of_machine)
