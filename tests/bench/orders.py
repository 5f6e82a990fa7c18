"""Orders to the callers' process, and what it reports."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Order:
    """HTTP requests to one ingress.

    Attributes:
        url: Where it listens.
        callers: How many are in flight.
        seconds: For how long.
        first: The number of the first pair to link.
        what: Links are made, or the listing of one contact is read.
        rate: Requests a second, sent by the clock whether earlier ones are answered or not, with
            at most `callers` in flight; None: a caller's next one follows its last answer.
    """

    url: str
    callers: int
    seconds: float
    first: int
    what: Literal["link", "list"] = "link"
    rate: float | None = None


@dataclass(frozen=True)
class PutOrder:
    """Laserfiche links: a set of `links` is put on an entry that has none, `times` times."""

    url: str
    links: int
    times: int


@dataclass(frozen=True)
class QueueOrder:
    """Commands to a queue, and their events.

    Attributes:
        url: The broker.
        exchange: Where the commands go.
        routing_key: Under which key.
        events: The exchange on which `link.created` is expected.
        count: How many commands.
        first: The number of the first pair to link.
    """

    url: str
    exchange: str
    routing_key: str
    events: str
    count: int
    first: int


@dataclass(frozen=True)
class Result:
    """What came of an order.

    Attributes:
        requests: How many were answered, or commands announced.
        seconds: From the first request to the last answer.
        p50: Seconds that half of them took at most; None where single ones are not timed.
        p99: The same for 99 of 100.
        failures: What was not answered as it must be; then the figures mean nothing.
    """

    requests: int
    seconds: float
    p50: float | None
    p99: float | None
    failures: list[str]

    @classmethod
    def of(cls, times: list[float], seconds: float, failures: list[str]) -> "Result":
        """From the seconds that each request took."""
        ordered = sorted(times)
        p50, p99 = (_percentile(ordered, part) for part in (0.50, 0.99))
        return cls(len(times), seconds, p50, p99, failures)


def _percentile(times: list[float], part: float) -> float | None:
    """Of sorted times, the one that `part` of them do not exceed."""
    return times[max(0, round(part * len(times)) - 1)] if times else None
