"""Rounds: each side is measured for a while, in turn, so that both meet the same weather."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.callers import CallersProcess
from tests.bench.contenders import Contender
from tests.bench.cpu import cpu_seconds
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
    """

    number: int
    side: str
    requests: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms_per_link: float | None


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
        before = cpu_seconds(contender.pids)
        result = await self._callers.run(
            Order(contender.url, self._plan.callers, seconds, first=self._used)
        )
        after = cpu_seconds(contender.pids)
        if result.failures:
            raise RequestFailedError(f"{contender.side}: " + "\n".join(result.failures))
        self._used += result.requests
        spent = None if before is None or after is None else after - before
        return Round(
            number=number,
            side=contender.side,
            requests=result.requests,
            seconds=round(result.seconds, 3),
            per_second=round(result.requests / result.seconds, 1),
            p50_ms=round(result.p50 * 1000, 2),
            p99_ms=round(result.p99 * 1000, 2),
            cpu_ms_per_link=None if spent is None else round(spent * 1000 / result.requests, 3),
        )
