"""What the soak compares: a million links with ten thousand, and memory with memory."""

from collections.abc import Mapping, Sequence

from tests.bench.figures import Figure, Goal, figure, paired
from tests.bench.rounds import Round
from tests.bench.soak.growth import LINK, LIST, side_of
from tests.bench.soak.memory import Sample

GROWTH = Goal("at most", 1.15)
FLAT = Goal("at most", 1.05)
_NAMES = {LINK: "POST /link", LIST: "GET documents, 25 of 1,000"}


def costs(rounds: Sequence[Round], sizes: Sequence[int]) -> list[Figure]:
    """What a link and a list cost at each size, compared with the smallest.

    Args:
        rounds: Of links and lists at these sizes.
        sizes: From small to large.
    """
    found = []
    for size in sizes[1:]:
        goal = GROWTH if size == sizes[-1] else None
        sides = side_of(size), side_of(sizes[0])
        for what, name in _NAMES.items():
            cpu = paired(rounds, what, sides, lambda each: each.cpu_ms_each)
            if cpu:
                found.append(figure(f"{name}, CPU", "ms", sides, cpu, goal))
            p50 = paired(rounds, what, sides, lambda each: each.p50_ms)
            found.append(figure(f"{name}, p50", "ms", sides, p50, goal))
    return found


def memory(reached: Mapping[int, Sequence[Sample]]) -> list[Figure]:
    """What each service holds at the largest size, compared with the one before.

    Args:
        reached: The sizes, from small to large, with the memory after each.
    """
    *_, before, after = (0, *reached)
    if not before:
        return []
    earlier = {each.service: each.mib for each in reached[before]}
    sides = side_of(after), side_of(before)
    return [
        figure(
            f"resident memory, {each.service}",
            "MiB",
            sides,
            [(each.mib, earlier[each.service])],
            FLAT,
        )
        for each in reached[after]
    ]
