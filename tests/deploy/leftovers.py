"""Which processes work on a folder, whoever started them."""

import time
from pathlib import Path


def processes_of(folder: Path) -> list[str]:
    """What runs with the folder in its command or its environment, as `pid command`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            environment = (process / "environ").read_bytes()
        except OSError:
            continue  # it has ended, or is somebody else's
        if str(folder).encode() in command + environment:
            found.append(f"{process.name} {command.decode()}")
    return found


def wait_until_none(folder: Path, seconds: float = 10) -> list[str]:
    """The processes that are left when none is, or when time is up."""
    deadline = time.monotonic() + seconds
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
