"""Parts of the bus against the running broker."""

from collections.abc import AsyncIterator

import pytest
from pydantic_core import Url

from deploy.local.stack import Stack
from shared.bus.publisher import Publisher
from shared.settings import Settings


@pytest.fixture
def settings(stack: Stack) -> Settings:
    return Settings(amqp_url=Url(stack.infrastructure.urls.amqp), reconnect_interval=0.05)


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[Publisher]:
    publisher = Publisher(settings, "tests")
    await publisher.start()
    yield publisher
    await publisher.stop()
