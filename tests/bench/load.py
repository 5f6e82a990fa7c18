"""The callers: a process that keeps a number of requests in flight.

It reads JSON lines and answers each with one: first the `Workload`, then an order per round.
It is a process of its own so that its work is the same for all who are measured, and none of
theirs. It ends with its standard input.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from itertools import count
from time import perf_counter
from typing import Any

import uvloop

from tests.bench.calls import Calls, calls_of, put_fault, put_links
from tests.bench.connection import Connection
from tests.bench.orders import Order, PutOrder, QueueOrder, Result
from tests.bench.pipeline import Pipeline
from tests.bench.workload import Workload

PATIENCE = 20.0
"""Seconds after the end of an order in which its last answers must come."""

RESOLUTION = 0.001
"""The least that the event loop sleeps; for less it would spin, and take a core from servers."""

MAX_FAILURES = 5
"""Failures that a caller reports; then it is no use to go on."""


class Callers:
    """Callers with one order.

    Args:
        calls: What they ask.
        order: How.
    """

    def __init__(self, calls: Calls, order: Order) -> None:
        self._calls = calls
        self._order = order
        self._numbers = count(order.first)
        self._times: list[float] = []
        self._failures: list[str] = []

    async def run(self) -> Result:
        """Carry out the order."""
        opening = (Connection.opened(self._order.url) for _ in range(self._order.callers))
        connections = await asyncio.gather(*opening)
        began = perf_counter()
        try:
            async with asyncio.timeout(self._order.seconds + PATIENCE):
                if self._order.rate is None:
                    await self._closed(connections, began + self._order.seconds)
                else:
                    await self._paced(connections, began, self._order.rate)
        except TimeoutError:
            self._failures.append(f"not answered {PATIENCE:.0f} s after the end")
        seconds = perf_counter() - began
        for each in connections:
            each.close()
        return Result.of(self._times, seconds, self._failures[:MAX_FAILURES])

    async def _closed(self, connections: list[Connection], end: float) -> None:
        """Each caller asks again when it is answered."""
        await asyncio.gather(*(self._call_until(end, each) for each in connections))

    async def _call_until(self, end: float, connection: Connection) -> None:
        while (now := perf_counter()) < end and not self._failures:
            await self._call(connection, since=now)

    async def _paced(self, connections: list[Connection], began: float, rate: float) -> None:
        """Requests at their times, however slow the answers are.

        A request that has to wait for a connection, or for this process, has been under way since
        its time: else a slow server would be asked less, and its slowness not be seen.
        """
        idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for each in connections:
            idle.put_nowait(each)

        async def call(due: float) -> None:
            connection = await idle.get()
            await self._call(connection, since=due)
            idle.put_nowait(connection)

        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * self._order.seconds)):
                due = began + number / rate
                await _until(due)
                if self._failures:
                    return
                group.create_task(call(due))

    async def _call(self, connection: Connection, since: float) -> None:
        number = next(self._numbers)
        try:
            answer = await connection.ask(self._calls.request(number))
        except OSError as error:
            self._failures.append(repr(error))
            return
        self._times.append(perf_counter() - since)
        fault = self._calls.fault(number, answer)
        if fault is not None:
            self._failures.append(fault)


async def _until(due: float) -> None:
    """Return at that time, or just after it."""
    while (wait := due - perf_counter()) > 0:  # noqa: ASYNC110 - a clock sets no event
        await asyncio.sleep(max(wait, RESOLUTION))


async def put(workload: Workload, order: PutOrder, numbers: "count[int]") -> Result:
    """Put sets of links one after another; taking each away again is not in the times."""
    times: list[float] = []
    failures: list[str] = []
    connection = await Connection.opened(order.url)
    began = perf_counter()
    for _ in range(order.times):
        number = next(numbers)
        started = perf_counter()
        answer = await connection.ask(put_links(workload, number, order.links))
        times.append(perf_counter() - started)
        cleared = await connection.ask(put_links(workload, number, 0))
        faults = put_fault(answer, order.links), put_fault(cleared, 0)
        failures += [fault for fault in faults if fault is not None]
    seconds = perf_counter() - began
    connection.close()
    return Result.of(times, seconds, failures[:MAX_FAILURES])


class Clerk:
    """Carries out one order after another, with one workload."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._puts = count()

    async def carry_out(self, kind: str, fields: Mapping[str, Any]) -> Result:
        """What comes of an order."""
        if kind == PutOrder.__name__:
            return await put(self._workload, PutOrder(**fields), self._puts)
        if kind == QueueOrder.__name__:
            return await Pipeline(self._workload, QueueOrder(**fields)).run()
        order = Order(**fields)
        return await Callers(calls_of(order, self._workload), order).run()


async def main() -> None:
    """Answer lines until there are no more."""
    clerk = Clerk(Workload(**json.loads(await _line())))
    while line := await _line():
        result = await clerk.carry_out(*json.loads(line))
        print(json.dumps(asdict(result)), flush=True)  # noqa: T201 - the protocol


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    uvloop.run(main())
