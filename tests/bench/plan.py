"""How long a benchmark takes, and with how much of what."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The size of a run.

    Attributes:
        rounds: How often each side of a comparison is measured, in turn.
        seconds: How long a round of HTTP requests lasts.
        warm_up: How much of a round each side does before the first one, unmeasured.
        few: Requests in flight, in the measures that are named after 64 of them.
        many: The same, for 256.
        commands: Commands that go through the queue in a round.
        puts: How many sets of links a round puts, one after another.
        scaling: Rounds with one links process, and with two; 0 leaves them out.
        starts: How often `make run` is started on data that are there; 0 leaves it out.
        documents: Documents made beforehand; at least `listed`.
        entities: Entities made beforehand; must have no factor in common with `documents`, so
            that each pair of the two comes up once (see `Workload.pair`).
        listed: How many documents the contact has whose list is read.
        enough: Seconds after which one round of a measure must do, on a slow machine.
        limit: Seconds after which the run is given up; both without those of `make run`.
    """

    rounds: int = 7
    seconds: float = 3.5
    warm_up: float = 0.5
    few: int = 64
    many: int = 256
    commands: int = 3000
    puts: int = 20
    scaling: int = 5
    starts: int = 3
    documents: int = 1009
    entities: int = 2000
    listed: int = 1000
    enough: float = 560.0
    limit: float = 900.0


FULL = Plan()
QUICK = Plan(
    rounds=2,
    seconds=1.2,
    commands=1000,
    puts=4,
    scaling=0,
    starts=0,
    entities=500,
    enough=42.0,
    limit=180.0,
)
