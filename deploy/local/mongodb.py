"""The database as a program on this machine: MongoDB, or the embedded stand-in for it."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from deploy.local.child import Child
from deploy.local.ports import LOOPBACK
from deploy.local.server import LocalServer, listens


class _LocalDatabase(LocalServer):
    def __init__(
        self, kind: str, folder: Path, log: Path, port: int, keep: Sequence[int] = ()
    ) -> None:
        super().__init__("database", kind, f"mongodb://{LOOPBACK}:{port}/", answers)
        self._folder = folder
        self._log = log
        self._port = str(port)
        self._keep = keep

    def _child(self, command: Sequence[str | Path]) -> list[Child]:
        return [
            Child(self.kind, command, log=self._log, env=dict(os.environ), keep=self._keep),
        ]


class Mongod(_LocalDatabase):
    """MongoDB itself.

    Args:
        program: Where `mongod` lies.
        folder: Where its data go.
        log: Where its log goes.
        port: Where clients reach it.
        keep: File descriptors that it inherits.
    """

    def __init__(
        self, program: str, folder: Path, log: Path, port: int, keep: Sequence[int] = ()
    ) -> None:
        super().__init__("mongod", folder, log, port, keep)
        self._program = program

    def prepare(self) -> list[Child]:
        """One process, with little cache: it is not alone on the machine."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._child(
            [
                *(self._program, "--dbpath", self._folder, "--port", self._port),
                *("--bind_ip", LOOPBACK, "--wiredTigerCacheSizeGB", "0.5"),
            ]
        )


class StandIn(_LocalDatabase):
    """`nx-27017`: MongoDB's wire protocol over SQLite, installed with our other packages.

    Args:
        folder: Where its data go, one SQLite file per database.
        log: Where its log goes.
        port: Where clients reach it.
        keep: File descriptors that it inherits.
    """

    def __init__(self, folder: Path, log: Path, port: int, keep: Sequence[int] = ()) -> None:
        super().__init__("nx-27017", folder, log, port, keep)

    def prepare(self) -> list[Child]:
        """One process; everything it writes goes under the folder."""
        data = self._folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        pid_file = self._folder / "pid"
        # It refuses to start when the number in the file is any process at all by now.
        pid_file.unlink(missing_ok=True)
        return self._child(
            [
                *(Path(sys.executable).with_name("nx-27017"), "--host", LOOPBACK),
                *("--port", self._port, "--data-dir", data),
                *("--log-file", os.devnull, "--pid-file", pid_file),
            ]
        )


def find_mongod() -> str | None:
    """MongoDB's server program, if this machine has it."""
    return shutil.which("mongod")


def answers(url: str) -> bool:
    """Whether the database answers a ping."""
    if not listens(url):
        return False
    try:
        with pymongo.MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=2000) as client:
            client.admin.command("ping")
    except PyMongoError:
        return False
    return True
