"""The callers: a process that keeps a number of HTTP requests in flight.

It reads JSON lines and answers each with one: first the `Workload`, then an `Order` per round.
It is a process of its own so that its work is the same for all who are measured, and none of
theirs. It ends with its standard input.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from time import perf_counter

import aiohttp
import uvloop

from tests.bench.workload import Workload

CREATED = 201
REQUEST_TIMEOUT = 20.0
MAX_FAILURES = 5
"""Failures that a caller reports; then it is no use to go on."""


@dataclass(frozen=True)
class Order:
    """What to do: `callers` in flight for `seconds`, with the pairs from `first` on."""

    url: str
    callers: int
    seconds: float
    first: int


@dataclass(frozen=True)
class Result:
    """What came of it; times in seconds, `p50` and `p99` of a single request."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failures: list[str]


class Callers:
    """Callers of one workspace, on connections that are kept alive.

    Args:
        session: The HTTP client.
        workload: What to link.
    """

    def __init__(self, session: aiohttp.ClientSession, workload: Workload) -> None:
        self._session = session
        self._workload = workload

    async def run(self, order: Order) -> Result:
        """Carry out an order."""
        numbers = count(order.first)
        times: list[float] = []
        failures: list[str] = []
        began = perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(order.callers):
                group.create_task(self._call(order, began, numbers, times, failures))
        seconds = perf_counter() - began
        times.sort()
        return Result(
            requests=len(times),
            seconds=seconds,
            p50=_percentile(times, 0.50),
            p99=_percentile(times, 0.99),
            failures=failures[:MAX_FAILURES],
        )

    async def _call(
        self,
        order: Order,
        began: float,
        numbers: Iterator[int],
        times: list[float],
        failures: list[str],
    ) -> None:
        """One caller: the next request when the last is answered."""
        while (started := perf_counter()) < began + order.seconds and not failures:
            document, entity = self._workload.pair(next(numbers))
            failure = await self._link(order.url, document, entity)
            times.append(perf_counter() - started)
            if failure is not None:
                failures.append(failure)

    async def _link(self, url: str, document: str, entity: str) -> str | None:
        """None when the link was made, and the answer is about this very link."""
        body = {"entity_type": "contact", "entity_id": entity}
        try:
            async with self._session.post(f"{url}/v1/documents/{document}/link", json=body) as said:
                answer = await said.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            return repr(error)
        if said.status != CREATED or document not in answer or entity not in answer:
            return f"{said.status} for {document} and {entity}: {answer[:500]}"
        return None


def _percentile(times: list[float], part: float) -> float:
    """Of sorted times, the one that `part` of them do not exceed."""
    return times[max(0, round(part * len(times)) - 1)]


async def main() -> None:
    """Answer lines until there are no more."""
    workload = Workload(**json.loads(await _line()))
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        headers={"Authorization": f"Bearer {workload.key}"},
        timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT),
    ) as session:
        callers = Callers(session, workload)
        while line := await _line():
            result = await callers.run(Order(**json.loads(line)))
            print(json.dumps(asdict(result)), flush=True)  # noqa: T201 - the protocol


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    uvloop.run(main())
