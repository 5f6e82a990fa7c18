"""CPU time of processes and of the machine, from `/proc`; machines without it get none."""

import os
from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")
_IDLE = slice(3, 5)
"""Idle and waiting for a disk, in the first line of `/proc/stat`: proc_stat(5)."""
_PARENT, _OWN, _ENDED_CHILDREN = 1, slice(11, 13), slice(13, 15)
"""Where the fields are in `/proc/<pid>/stat` behind the name: proc_pid_stat(5), less three."""


def cpu_seconds(processes: Mapping[str, int]) -> dict[str, float] | None:
    """CPU seconds, user and system, that each process and all it started have used so far.

    Args:
        processes: Their ids by name.
    """
    if not (_PROC / "self/stat").exists():
        return None
    known = _read_all()
    ticks = os.sysconf("SC_CLK_TCK")
    return {
        name: sum(_ticks(known[each]) for each in _with_descendants(pid, known)) / ticks
        for name, pid in processes.items()
    }


def machine_seconds() -> float | None:
    """CPU seconds that all cores have been busy so far, for us, for others, or for the host."""
    try:
        text = (_PROC / "stat").read_text()
    except FileNotFoundError:
        return None
    # The last two, a guest's time, are in the others already.
    ticks = [int(each) for each in text.splitlines()[0].split()[1:9]]
    return (sum(ticks) - sum(ticks[_IDLE])) / os.sysconf("SC_CLK_TCK")


def _ticks(fields: list[str]) -> int:
    return sum(int(each) for each in (*fields[_OWN], *fields[_ENDED_CHILDREN]))


def _read_all() -> dict[int, list[str]]:
    processes = {}
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            try:
                text = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            # The name before the fields is in brackets and may hold anything.
            processes[int(entry.name)] = text.rpartition(")")[2].split()
    return processes


def _with_descendants(pid: int, processes: dict[int, list[str]]) -> set[int]:
    found: set[int] = set()
    new = {pid} & processes.keys()
    while new:
        found |= new
        new = {
            each
            for each, fields in processes.items()
            if int(fields[_PARENT]) in new and each not in found
        }
    return found
