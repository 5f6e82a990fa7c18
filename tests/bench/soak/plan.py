"""How long the soak is."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class SoakPlan:
    """The size of a run.

    Attributes:
        sizes: At so many links in the database the cost of one is measured; from small to large.
            Memory at the last is compared with memory at the one before.
        stretch: Commands that go through the queue before memory is read again.
        over_http: Seconds of HTTP requests that go with each stretch.
        rounds: How often a link, and a list, are measured at each size.
        seconds: How long such a round lasts; meanwhile there are some more links.
        warm_up: How much of all this goes before it, unmeasured.
        callers: HTTP requests in flight.
        documents: Documents made beforehand; at least `listed`.
        entities: Contacts made beforehand; must have no factor in common with `documents`.
        listed: How many documents the contact has whose list is read.
        filled: Whether links are put straight into the database, not made by commands. That is much
            faster, and says nothing about memory.
        limit: Seconds after which it does not grow any more.
    """

    sizes: tuple[int, ...]
    stretch: int = 5_000
    over_http: float = 0.5
    rounds: int = 5
    seconds: float = 1.5
    warm_up: float = 0.2
    callers: int = 64
    documents: int = 1009
    entities: int = 2003
    listed: int = 1000
    filled: bool = False
    limit: float = 35 * 60.0

    @classmethod
    def up_to(cls, links: int, minutes: float, *, filled: bool) -> Self:
        """From a hundredth of some number of links, over a tenth, to all of them."""
        sizes = (links // 100, links // 10, links)
        return cls(sizes=sizes, limit=minutes * 60, filled=filled)
