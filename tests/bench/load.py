"""The callers: a process that keeps a number of HTTP requests in flight.

It reads JSON lines and answers each with one: first the `Workload`, then an `Order` per round.
It is a process of its own so that its work is the same for all who are measured, and none of
theirs. It ends with its standard input.
"""

import asyncio
import json
import sys
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
    """Callers with one order.

    Args:
        session: The HTTP client.
        workload: What to link.
        order: What to do.
    """

    def __init__(self, session: aiohttp.ClientSession, workload: Workload, order: Order) -> None:
        self._session = session
        self._workload = workload
        self._order = order
        self._numbers = count(order.first)
        self._times: list[float] = []
        self._failures: list[str] = []

    async def run(self) -> Result:
        """Carry out the order."""
        began = perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(self._order.callers):
                group.create_task(self._call_until(began + self._order.seconds))
        seconds = perf_counter() - began
        times = sorted(self._times)
        return Result(
            requests=len(times),
            seconds=seconds,
            p50=_percentile(times, 0.50),
            p99=_percentile(times, 0.99),
            failures=self._failures[:MAX_FAILURES],
        )

    async def _call_until(self, end: float) -> None:
        """One caller: the next request when the last is answered."""
        while (started := perf_counter()) < end and not self._failures:
            failure = await self._link(*self._workload.pair(next(self._numbers)))
            self._times.append(perf_counter() - started)
            if failure is not None:
                self._failures.append(failure)

    async def _link(self, document: str, entity: str) -> str | None:
        """None when the link was made, and the answer is about this very link."""
        url = f"{self._order.url}/v1/documents/{document}/link"
        body = {"entity_type": "contact", "entity_id": entity}
        try:
            async with self._session.post(url, json=body) as said:
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
    while line := await _line():
        # Connections of its own for each order: one that lies idle between two may be closed by
        # the server in the very moment in which a request is sent on it.
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            headers={"Authorization": f"Bearer {workload.key}"},
            timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT),
        ) as session:
            result = await Callers(session, workload, Order(**json.loads(line))).run()
        print(json.dumps(asdict(result)), flush=True)  # noqa: T201 - the protocol


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    uvloop.run(main())
