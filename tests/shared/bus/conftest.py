"""Parts of the bus against the running broker."""

from collections.abc import AsyncIterator

import pytest
from aio_pika.abc import AbstractQueue
from pydantic_core import Url
from ulid import ULID

from contracts.topology import QUERIES
from deploy.local.stack import Stack
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.settings import Settings
from tests.support.asking import Question
from tests.support.bus import Outsider


@pytest.fixture
def settings(stack: Stack) -> Settings:
    return Settings(amqp_url=Url(stack.infrastructure.urls.amqp), reconnect_interval=0.05)


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[Publisher]:
    publisher = Publisher(settings, "tests")
    await publisher.start()
    yield publisher
    await publisher.stop()


@pytest.fixture
async def requester(publisher: Publisher) -> Requester:
    requester = Requester(publisher, "tests")
    await requester.start()
    return requester


@pytest.fixture
async def silent(outsider: Outsider) -> AsyncIterator[AbstractQueue]:
    """The queue of our questions; nobody answers them."""
    queue = await outsider.channel.declare_queue(f"tests.silent.{ULID()}")
    await queue.bind(QUERIES, Question.type)
    yield queue
    await queue.delete(if_unused=False, if_empty=False)
