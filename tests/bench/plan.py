"""How long a benchmark takes, and with how much of what."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The size of a run.

    Attributes:
        rounds: How often each side is measured, in turn.
        seconds: How long one side's round lasts.
        warm_up: Seconds for each side before the first round.
        callers: HTTP requests in flight.
        documents: Documents made beforehand.
        entities: Entities made beforehand; must have no factor in common with `documents`, so
            that each pair of the two comes up once (see `Workload.pair`).
        limit: Seconds after which the run is given up.
    """

    rounds: int = 7
    seconds: float = 4.0
    warm_up: float = 3.0
    callers: int = 32
    documents: int = 51
    entities: int = 2000
    limit: float = 140.0


FULL = Plan()
QUICK = Plan(rounds=3, seconds=2.0, warm_up=1.5, entities=1000, limit=60.0)
