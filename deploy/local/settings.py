"""What `make run` can be told, by environment variables."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local import demo_env
from deploy.local.infrastructure import AMQP_URL, MONGO_URL
from deploy.local.ports import port_from

DEMO_ENV = "demo.env"
_LOCAL = Path(".local")


@dataclass(frozen=True)
class RunSettings:
    """Ports and folders of one copy; a port is None where an outside server is used.

    Attributes:
        http_port: `DOCLINK_HTTP_PORT`, 8000 if not set.
        amqp_port: `DOCLINK_AMQP_PORT`; 5673, or a free one, if not set.
        mongo_port: `DOCLINK_MONGO_PORT`; 27018, or a free one, if not set.
        data_dir: `DOCLINK_DATA_DIR`, `.local/data` if not set.
        local_dir: Where `demo.env` goes: `DOCLINK_LOCAL_DIR`. If that is not set: `.local`, or
            the data folder itself when that is another than usual, so that a second copy, which
            needs a data folder of its own, leaves the first one's `demo.env` alone.
    """

    http_port: int
    amqp_port: int | None
    mongo_port: int | None
    data_dir: Path
    local_dir: Path

    @classmethod
    def from_environment(cls) -> Self:
        """Read the variables.

        Raises:
            LocalError: A variable names no port, or one that is in use.
        """
        usual = _LOCAL / "data"
        data_dir = Path(os.environ.get("DOCLINK_DATA_DIR") or usual)
        local_dir = _LOCAL if data_dir.absolute() == usual.absolute() else data_dir
        local_dir = Path(os.environ.get("DOCLINK_LOCAL_DIR") or local_dir)
        demo_env.forget(local_dir / DEMO_ENV, data_dir)
        return cls(
            http_port=port_from("DOCLINK_HTTP_PORT", 8000, insist=True),
            amqp_port=None if os.environ.get(AMQP_URL) else port_from("DOCLINK_AMQP_PORT", 5673),
            mongo_port=None
            if os.environ.get(MONGO_URL)
            else port_from("DOCLINK_MONGO_PORT", 27018),
            data_dir=data_dir,
            local_dir=local_dir,
        )

    @property
    def demo_env(self) -> Path:
        """The file with what a shell needs to try the demo workspace."""
        return self.local_dir / DEMO_ENV
