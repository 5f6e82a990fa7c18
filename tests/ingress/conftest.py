"""What the tests of the ingress share."""

from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.stack import Stack
from tests.ingress.clients import Clients
from tests.support.bus import Outsider
from tests.support.workspace import Workspace, new_workspace


@pytest.fixture
async def clients(stack: Stack, outsider: Outsider, workspace: Workspace) -> AsyncIterator[Clients]:
    """Clients of the test's own workspace, with keys of all kinds."""
    made = Clients(outsider, stack.url, workspace.id)
    async with made.open:
        yield made


@pytest.fixture(scope="module")
async def caller(stack: Stack, outsider: Outsider) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a good key, for calls that change nothing; one for the whole module."""
    async with new_workspace(outsider, stack.url) as made:
        yield made.http
