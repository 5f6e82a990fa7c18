"""How long a run takes, and with how much of what."""

import os
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True)
class Load:
    """How much is asked for at once, and what is there to work with.

    Attributes:
        publishers: Processes that publish commands.
        pace: Commands a second that each of them sends at most.
        documents, entities, links, sources, crms: How much of each is made beforehand; see
            `World`.
    """

    publishers: int = 2
    pace: float = 120.0
    documents: int = 101
    entities: int = 800
    links: int = 800
    sources: int = 60
    crms: int = 15


@dataclass(frozen=True)
class Goal:
    """What a phase has to reach.

    Attributes:
        seconds: It lasts so long at least.
        accepted: And goes on until so many commands were accepted,
        kills: and so many processes killed,
        limit: but no longer than so many seconds.
    """

    seconds: float
    accepted: int
    kills: int
    limit: float


@dataclass(frozen=True)
class Plan:
    """The size of a run.

    Attributes:
        services: The phase in which every part is killed, on a single broker.
        cluster: The phase on a broker of three nodes, of which the leader is killed; None: none.
        broken: The phase with services that are broken on purpose; None: none.
        settling: Seconds that everything may take to come to rest.
    """

    seed: int
    load: Load
    services: Goal
    cluster: Goal | None
    broken: Goal | None
    settling: float = 300.0

    @classmethod
    def of(cls, seconds: float, seed: int, accepted: int, kills: int, limit: float) -> Self:
        """Two thirds of everything on the single broker, a third on the cluster."""

        def part(share: float) -> Goal:
            return Goal(
                seconds * share, round(accepted * share), round(kills * share), limit * share
            )

        broken = Goal(min(30.0, seconds), 0, 4, 90.0)
        return cls(seed, Load(), part(2 / 3), part(1 / 3), broken)

    def without(self, *phases: str) -> Self:
        """The plan without some of its phases."""
        return replace(
            self,
            cluster=None if "cluster" in phases else self.cluster,
            broken=None if "broken" in phases else self.broken,
        )


SECONDS, ACCEPTED, KILLS, LIMIT = 180.0, 20_000, 26, 600.0


def setting(name: str, usual: float) -> str:
    """`DOCLINK_CHAOS_<NAME>`, or what is usual, as a command line has it."""
    return os.environ.get(f"DOCLINK_CHAOS_{name}") or str(usual)
