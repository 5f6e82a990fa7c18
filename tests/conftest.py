"""The system under test: real broker, database over the wire, real processes.

It is started once for a run. A test that stops or kills parts of it brings them back, or takes a
stack of its own.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.support.broker_users import ME, PUBLISHERS, BrokerLogin
from tests.support.bus import Outsider
from tests.support.leaks import leaks
from tests.support.workspace import Workspace, new_workspace


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All four services and what they run on."""
    folder: Path = tmp_path_factory.mktemp("stack")
    # Many tests show keys that are not good, and all of them come from one address.
    env = {"DOCLINK_FAILED_ATTEMPTS": "1000000/second", "DOCLINK_PUBLISHERS": PUBLISHERS}
    with Stack(Infrastructure(folder), env=env) as running:
        yield running
    assert not leaks(folder)


@pytest.fixture(scope="session")
async def outsider(stack: Stack) -> AsyncIterator[Outsider]:
    """A program with broker credentials."""
    async with Outsider.connected(stack.infrastructure.urls.amqp) as connected:
        yield connected


@pytest.fixture
async def publisher(stack: Stack) -> AsyncIterator[BrokerLogin]:
    """A program that may send commands of one workspace, and read nothing."""
    async with BrokerLogin.of(stack, ME) as login:
        yield login


@pytest.fixture
async def workspace(stack: Stack, outsider: Outsider) -> AsyncIterator[Workspace]:
    """A workspace of the test's own."""
    async with new_workspace(outsider, stack.url) as made:
        yield made


@pytest.fixture
async def other_workspace(stack: Stack, outsider: Outsider) -> AsyncIterator[Workspace]:
    """Somebody else's workspace."""
    async with new_workspace(outsider, stack.url) as made:
        yield made


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of our settings, whatever the caller's shell is set up for."""
    for name in os.environ:
        if name.startswith("DOCLINK_"):
            monkeypatch.delenv(name)
