"""A system of a module's own, for tests that break it or need it set up otherwise.

A module that needs other settings has an `own_stack` of its own; the rest follows from that.
"""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.workspace import Workspace, new_workspace


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All four services and what they run on, as they come."""
    with Stack(Infrastructure(tmp_path_factory.mktemp("own"))) as running:
        yield running


@pytest.fixture
async def own_outsider(own_stack: Stack) -> AsyncIterator[Outsider]:
    """A program with credentials of that broker."""
    async with Outsider.connected(own_stack.infrastructure.urls.amqp) as connected:
        yield connected


@pytest.fixture
async def own_workspace(own_stack: Stack, own_outsider: Outsider) -> AsyncIterator[Workspace]:
    """A workspace in it."""
    async with new_workspace(own_outsider, own_stack.url) as made:
        yield made
