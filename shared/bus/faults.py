"""Broker faults, as the kernel's own types."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aio_pika.exceptions import AMQPError, DeliveryError, PublishError
from aiormq.exceptions import ChannelInvalidStateError

from shared.cancellation import is_being_cancelled
from shared.errors import BrokerUnavailable, Overloaded

AWAY = (TimeoutError, AMQPError, ChannelInvalidStateError, ConnectionError, RuntimeError)
"""What the client raises when the connection is down; closed channels are a RuntimeError to it."""


@asynccontextmanager
async def publishing(routing_key: str, deadline: float) -> AsyncIterator[asyncio.Timeout]:
    """Bounds a publish, and tells its faults apart; yields the bound, which can be brought forward.

    Raises:
        BrokerUnavailable: not sent and confirmed within `deadline` seconds.
        Overloaded: the queue is full and has refused the message.
    """
    try:
        # The client does not pass a publish timeout on to every wait, hence our own.
        async with asyncio.timeout(deadline) as limit:
            yield limit
    except PublishError as error:
        raise BrokerUnavailable(f"No queue takes {routing_key}") from error
    except DeliveryError as error:
        raise Overloaded(f"The queue of {routing_key} is full") from error
    except AWAY as error:
        raise BrokerUnavailable(repr(error)) from error
    except asyncio.CancelledError as error:
        # A closing connection cancels what waits for its confirms; that is no wish of ours.
        if is_being_cancelled():
            raise
        raise BrokerUnavailable("The connection was closed") from error
    except Exception as error:
        # A closing connection also fails what waits with a bare `Exception`.
        if type(error) is not Exception:
            raise
        raise BrokerUnavailable("The connection was closed") from error
