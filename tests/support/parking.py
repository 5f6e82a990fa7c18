"""Messages for the dead queues: parked as a consumer parks them, and looked for."""

import json
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from contracts import headers as h
from contracts.catalogue import Service
from contracts.topology import COMMANDS, DEAD, command_queue
from shared.ids import new_id, now
from tests.support.bus import Outsider
from tests.support.dead import dead
from tests.support.waiting import until


async def park(
    outsider: Outsider, service: Service, type_: str, body: dict[str, Any] | bytes, **headers: Any
) -> str:
    """The id of a message that lies in a dead queue as if its consumer had given it up."""
    time = now().isoformat()
    parked = {
        h.REASON: "retries_exhausted",
        h.ERROR: "StoreUnavailable('away')",
        h.ATTEMPTS: 6,
        h.EXCHANGE: COMMANDS,
        h.ROUTING_KEY: type_,
        h.QUEUE: command_queue(service),
        h.FIRST_FAILED_AT: time,
        h.LAST_FAILED_AT: time,
    }
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await outsider.publish(
        service, content, exchange=DEAD, message_id=new_id("msg"), headers=parked | headers
    )


async def parked(
    outsider: Outsider, service: Service, message_id: str
) -> list[AbstractIncomingMessage]:
    """All that are parked under this id now; none is taken off."""
    return [each for each in await dead(outsider, service) if each.message_id == message_id]


async def until_parked(
    outsider: Outsider, service: Service, message_id: str
) -> AbstractIncomingMessage:
    """The message that is parked under this id, as soon as it is; it stays there."""
    [found] = await until(lambda: parked(outsider, service, message_id))
    return found
