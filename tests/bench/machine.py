"""The machine's facts, without which a figure says nothing."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aio_pika
import pymongo

from deploy.local.infrastructure import Infrastructure

LIBRARIES = ("faststream", "aio-pika", "fastapi", "pymongo")


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on.

    Attributes:
        load_before: The machine's load average over a minute before the run; much above 0 means
            that others were at work.
    """

    cores: int
    cpu: str
    system: str
    python: str
    broker: str
    database: str
    libraries: dict[str, str]
    load_before: float


async def facts(infrastructure: Infrastructure, load_before: float) -> Machine:
    """This machine, and the servers that run on it."""
    broker, database = infrastructure.broker, infrastructure.database
    return Machine(
        cores=os.cpu_count() or 1,
        cpu=_cpu_model(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        broker=f"{broker.kind} {await _broker_version(broker.url)}",
        database=f"{database.kind}, serving as MongoDB {_database_version(database.url)}",
        libraries={name: version(name) for name in LIBRARIES},
        load_before=round(load_before, 2),
    )


def _cpu_model() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


async def _broker_version(url: str) -> str:
    async with await aio_pika.connect(url) as connection:
        transport: Any = connection.transport
        told = transport.connection.server_properties["version"]
        return told.decode() if isinstance(told, bytes) else str(told)


def _database_version(url: str) -> str:
    with pymongo.MongoClient[dict[str, Any]](url) as client:
        return str(client.admin.command("buildInfo")["version"])
