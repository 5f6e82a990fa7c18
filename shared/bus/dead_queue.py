"""A dead queue, opened by one operator at a time.

A queue cannot be browsed: its messages are taken without being acknowledged, and given back to
where they were at the end: in their order, though a look at a part puts that part behind what
others have looked at before. Meanwhile nobody else sees them. So that two operators do not each see
half, whoever reads holds an exclusive queue, `<dead queue>.reader`, for as long as the connection
lasts: the broker itself lets go of it when a reader is killed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress

from aio_pika import connect
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aiormq.exceptions import ChannelLockedResource

from contracts.catalogue import Service
from contracts.topology import dead_queue
from shared.bus.faults import AWAY
from shared.bus.parked import Parked, Wanted
from shared.bus.publisher import Publisher
from shared.errors import BrokerUnavailable, Passing
from shared.logs import logger
from shared.settings import Settings, named

log = logger(__name__)
PAUSE_SECONDS = 0.1
DEFAULT_EXCHANGE = ""


class DeadQueueBusy(Passing):
    """Another operator is reading this dead queue."""


class DeadQueue:
    """The dead queue of one service; made by `opened`."""

    def __init__(
        self, service: Service, queue: AbstractQueue, ready: int, publisher: Publisher
    ) -> None:
        self._service = service
        self._queue = queue
        self._publisher = publisher
        self.not_looked_at = ready
        """How many lie behind those that were asked for so far."""
        self._held: dict[int, None] = {}  # delivery tags, in order

    async def messages(self, wanted: Wanted, limit: int | None = None) -> AsyncIterator[Parked]:
        """Those that are meant, in the queue's order, at most `limit`; to be asked for once.

        What is parked meanwhile is left out: else what is sent again and fails again would be
        sent again without end.
        """
        found = 0
        while self.not_looked_at > 0 and found != limit:
            with _faults():
                raw = await self._queue.get(fail=False)
            if raw is None:
                self.not_looked_at = 0
                return
            self.not_looked_at -= 1
            self._held[_tag(raw)] = None
            parked = Parked(raw, self._service)
            if wanted.fits(parked):
                found += 1
                yield parked

    async def send_again(self, parked: Parked) -> None:
        """Put a message that can go back into its own queue, and take it off this one.

        Straight into that queue, so that an event reaches the consumer that failed, and no other
        subscriber. Who is killed in between has sent it under the same ids, and may do it again.

        Raises:
            BrokerUnavailable: it may have been sent, and is still here.
            Overloaded: its queue is full; it is still here.
        """
        await self._publisher.forward(DEFAULT_EXCHANGE, parked.queue, parked.again())
        await self._take_off(parked)
        log.info("dead.sent_again", service=self._service, id=parked.id, queue=parked.queue)

    async def drop(self, parked: Parked) -> None:
        """Take a message off the queue, for good."""
        await self._take_off(parked)
        log.warning("dead.dropped", service=self._service, id=parked.id, queue=parked.queue)

    async def _take_off(self, parked: Parked) -> None:
        with _faults():
            await parked.raw.ack()
        del self._held[_tag(parked.raw)]

    async def give_back(self) -> None:
        """Put the others back to the front, in their order; a closed channel would mix them up."""
        channel = await self._queue.channel.get_underlay_channel()
        for tag in self._held:
            await channel.basic_nack(tag, requeue=True)


@asynccontextmanager
async def opened(
    settings: Settings, service: Service, *, patience: float
) -> AsyncIterator[DeadQueue]:
    """The dead queue of a service; what was not taken off it goes back at the end.

    Raises:
        DeadQueueBusy: another operator has not finished within `patience` seconds.
        BrokerUnavailable: the broker does not answer in time.
    """
    publisher = Publisher(settings, "operator")
    async with AsyncExitStack() as stack:
        with _faults():
            async with asyncio.timeout(patience):
                address = named(settings.amqp_url, "doclink operator")
                connection = await stack.enter_async_context(await connect(address))
                stack.push_async_callback(publisher.stop)
                await publisher.start()
            await _hold(connection, f"{dead_queue(service)}.reader", patience)
            async with asyncio.timeout(patience):
                channel = await connection.channel()
                queue = await channel.declare_queue(dead_queue(service), passive=True)
        ready = queue.declaration_result.message_count or 0
        dead = DeadQueue(service, queue, ready, publisher)
        try:
            yield dead
        finally:
            with suppress(*AWAY):  # then they go back without us
                await dead.give_back()


async def _hold(connection: AbstractConnection, name: str, patience: float) -> None:
    """Return when nobody else holds the exclusive queue `name`, and we do."""
    try:
        async with asyncio.timeout(patience):
            while True:
                channel = await connection.channel()  # the broker closes it when it says no
                try:
                    await channel.declare_queue(name, exclusive=True)
                except ChannelLockedResource:
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    return
    except TimeoutError:
        raise DeadQueueBusy(f"Another operator is at {name.removesuffix('.reader')}") from None


def _tag(raw: AbstractIncomingMessage) -> int:
    assert raw.delivery_tag is not None  # noqa: S101 - it was delivered
    return raw.delivery_tag


@contextmanager
def _faults() -> Iterator[None]:
    """What the client raises when the broker is away, as the kernel's own type."""
    try:
        yield
    except AWAY as error:
        raise BrokerUnavailable(str(error) or "The broker does not answer") from error
