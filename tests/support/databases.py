"""Databases of the tests' own, over the wire, with each of the two drivers."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from shared.ids import new_id
from shared.settings import Settings
from shared.store.client import Database


@pytest.fixture(scope="session", params=["pymongo", "motor"])
async def database(request: pytest.FixtureRequest, stack: Stack) -> AsyncIterator[Database]:
    """A database, by way of one of the drivers; tests share it and have workspaces of their own."""
    settings = Settings(
        mongo_url=stack.infrastructure.urls.mongo,
        mongo_driver=request.param,
        mongo_database_prefix=f"tests_{request.param}_",
    )
    database = Database(settings, "own")
    await database.recognise()
    yield database
    await database.close()


@pytest.fixture
def workspace_id() -> str:
    """A workspace of the test's own."""
    return new_id("ws")
