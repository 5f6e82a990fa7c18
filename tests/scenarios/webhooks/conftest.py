"""What the tests of webhooks share."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.support.receiver import Receiver, receiver
from tests.support.webhooks import webhook_services


@dataclass(frozen=True)
class Sending:
    """Two webhook services that may send to this machine, and do not wait long."""

    processes: list[ServiceProcess]
    folder: Path

    def logs(self) -> list[str]:
        """What they have written so far."""
        return [log.read_text() for log in self.folder.glob("*.log")]


@pytest.fixture(scope="package")
async def sending(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sending]:
    """They run in place of the stack's own one."""
    folder = tmp_path_factory.mktemp("webhooks")
    async with webhook_services(stack, folder, count=2) as processes:
        yield Sending(processes, folder)


@pytest.fixture
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver of the test's own."""
    async with receiver() as made:
        yield made
