"""The data folder: where everything of one copy of the system lies, and whose it is."""

import fcntl
import os
import secrets
import time
from pathlib import Path

from deploy.local.errors import LocalError

_LINGER = 3.0


class DataFolder:
    """A folder that one copy of the system uses at a time.

    The lock is the kernel's, on a file that the broker and the database inherit: it is free when
    the last of them has ended, however they ended, and no stale lock can be left.

    Args:
        path: Where; made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.log = self.path / "log"
        self._lock: int | None = None

    def lock(self) -> int:
        """Take the folder.

        Returns:
            The file descriptor that holds it, for children to inherit.

        Raises:
            LocalError: Somebody else has it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _LINGER
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # Children of an owner that was killed are on their way out (see `reaper`).
                if time.monotonic() > deadline:
                    owner = os.pread(lock, 20, 0).decode().strip()
                    os.close(lock)
                    raise LocalError(
                        f"The data folder {self.path} is in use (process {owner}). End that one, "
                        "or set DOCLINK_DATA_DIR to another folder."
                    ) from None
                time.sleep(0.1)
            else:
                break
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock
        return lock

    def unlock(self) -> None:
        """Give the folder back; without effect when it is not ours."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secret(self) -> str:
        """A secret of this folder's own, to sign with: drawn once, the same after a restart."""
        path = self.path / "signing-secret"
        if not path.exists():
            write_private(path, secrets.token_hex())
        return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file for our own eyes alone, whole or not at all; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    # Made so: a mode set afterwards leaves a moment in which others can open it.
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)
