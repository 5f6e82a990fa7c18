"""Resident memory of our services, from `/proc`; machines without it get none."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.stack import Stack

_KIB_IN_MIB = 1024


@dataclass(frozen=True)
class Sample:
    """How much memory a service holds.

    Attributes:
        service: Its name.
        links: How many links there are by then, each made by a command.
        mib: Resident memory in MiB.
    """

    service: str
    links: int
    mib: float


def resident(stack: Stack, links: int) -> list[Sample]:
    """A sample of each service that runs."""
    sizes = {each.name: _resident_kib(each.pid) for each in stack.services if each.pid}
    return [
        Sample(name, links, round(kib / _KIB_IN_MIB, 2))
        for name, kib in sizes.items()
        if kib is not None
    ]


def _resident_kib(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return None
    [line] = [each for each in text.splitlines() if each.startswith("VmRSS:")]
    return int(line.split()[1])
