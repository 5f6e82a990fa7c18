"""The file with what a shell needs to try the demo workspace."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.folder import write_private
from deploy.local.infrastructure import AMQP_URL, MONGO_URL
from deploy.local.ports import accepts

_OURS = {AMQP_URL: ("rabbitmq",), MONGO_URL: ("nx-27017", "mongod")}
"""The folders with the data of servers that were started here."""


def read(path: Path) -> dict[str, str]:
    """Its variables; none, if there is no such file."""
    if not path.exists():
        return {}
    pairs = (word.partition("=") for word in shlex.split(path.read_text()))
    return {name: value for name, _, value in pairs}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write it anew, for our eyes only."""
    # Quoted where a shell needs it: a URL from outside may have a `&` in it.
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    write_private(path, "".join(lines))


def forget(path: Path, data_dir: Path) -> None:
    """Take from the environment the URLs of our own servers, which an earlier run has left there.

    Who has sourced the file and starts again would else be led to a broker that is no more.
    """
    for name, value in read(path).items():
        if (
            os.environ.get(name) == value
            and any((data_dir / folder).exists() for folder in _OURS.get(name, ()))
            and not accepts(urlsplit(value).port or 0)
        ):
            del os.environ[name]
