"""A subscriber whose queue outlives the broker's end."""

import json
from dataclasses import dataclass
from typing import Any

from contracts.topology import EVENTS
from tests.support.bus import Outsider


@dataclass(frozen=True)
class Listener:
    """A durable queue on the event exchange.

    Attributes:
        queue: Its name.
        events: What has been read from it, in order.
    """

    outsider: Outsider
    queue: str
    events: list[dict[str, Any]]

    @classmethod
    async def bound(
        cls, outsider: Outsider, queue: str, routing_key: str, **arguments: str
    ) -> "Listener":
        """A listener that hears from now on; its queue has the arguments, `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in arguments.items()}
        declared = await outsider.channel.declare_queue(queue, durable=True, arguments=given)
        await declared.bind(EVENTS, routing_key)
        return cls(outsider, queue, [])

    async def ids(self) -> set[str]:
        """The ids of all events so far."""
        queue = await self.outsider.channel.get_queue(self.queue, ensure=False)
        while (message := await queue.get(fail=False, no_ack=True)) is not None:
            self.events.append(json.loads(message.body))
        return {event["id"] for event in self.events}
