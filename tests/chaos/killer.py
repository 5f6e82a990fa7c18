"""The killer: a seeded script that kills parts of the stack, in turn and together."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from time import monotonic

from tests.chaos.probe import Prober
from tests.chaos.victims import Victim

TOGETHER = 0.3
"""How many of the strikes, after each victim had its turn, hit several at once."""
DOWN_SECONDS = (0.0, 1.5)
PAUSE_SECONDS = (0.2, 1.2)
RECOVERY_LIMIT = 60.0


@dataclass(frozen=True)
class Strike:
    """Who is killed, how long they stay away, and how long it is quiet afterwards."""

    victims: tuple[Victim, ...]
    down: float
    pause: float

    def __str__(self) -> str:
        """For people."""
        return " + ".join(each.name for each in self.victims)


@dataclass(frozen=True)
class Struck:
    """What a strike led to; `recovery` is None if there was none in time."""

    what: str
    kills: int
    recovery: float | None


def script(victims: Sequence[Victim], seed: str) -> Iterator[Strike]:
    """Endlessly: everybody once, in a row of its own each time, and some together in between."""
    random = Random(seed)
    while True:
        for victim in random.sample(list(victims), len(victims)):
            yield _strike((victim,), random)
            if random.random() < TOGETHER and len(victims) > 1:
                count = random.choice([2, 2, min(3, len(victims))])
                yield _strike(tuple(random.sample(list(victims), count)), random)


def _strike(victims: tuple[Victim, ...], random: Random) -> Strike:
    return Strike(victims, random.uniform(*DOWN_SECONDS), random.uniform(*PAUSE_SECONDS))


class Killer:
    """Carries the script out."""

    def __init__(self, prober: Prober, say: Callable[[str], None]) -> None:
        self.struck: list[Struck] = []
        self._prober = prober
        self._say = say

    @property
    def kills(self) -> int:
        """How many processes were killed so far."""
        return sum(each.kills for each in self.struck)

    async def strike(self, strike: Strike) -> None:
        """Kill them at once, bring all of them back, and wait until everything works again."""
        since = monotonic()
        # In threads: bringing a server back waits for it, and the probes must go on.
        back = await asyncio.gather(*(asyncio.to_thread(victim.kill) for victim in strike.victims))
        await asyncio.sleep(strike.down)
        await asyncio.gather(*(asyncio.to_thread(each) for each in back))
        paths = sorted({path for victim in strike.victims for path in victim.paths})
        recovery = await self._prober.recovery(paths, since, RECOVERY_LIMIT)
        self.struck.append(Struck(str(strike), len(strike.victims), recovery))
        said = "NOT recovered" if recovery is None else f"works again after {recovery:.1f} s"
        self._say(f"  killed {strike}: {said}")
        await asyncio.sleep(strike.pause)
