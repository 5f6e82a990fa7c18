"""A service that is broken on purpose: it acknowledges first and works afterwards.

Run as `python -m tests.chaos.broken_service links`. The order is changed here and nowhere else, so
that no setting of a real service can do it. What such a service has in hand when it dies is lost.
"""

import sys
from importlib import import_module
from typing import Any, cast

import uvloop
from aio_pika.abc import AbstractIncomingMessage

from contracts.catalogue import Service
from shared import service
from shared.bus.consumer import Consumer
from shared.bus.delivery import Delivery
from shared.bus.frame import Incoming


class HastyConsumer(Consumer):
    """Takes the message off its queue before anything is done."""

    async def take(self, raw: Incoming, *, alone: bool = False) -> None:
        """Acknowledge, then handle."""
        await cast("AbstractIncomingMessage", raw).ack()
        await super().take(raw, alone=alone)


async def _done_already(_delivery: Delivery, _by: object) -> None:
    return


def main(name: str) -> None:
    """Run a service of ours in the wrong order."""
    setattr(service, "Consumer", HastyConsumer)  # noqa: B010 - it is no part's public face
    setattr(Delivery, "acknowledge", _done_already)  # noqa: B010 - the same
    wire: Any = import_module(f"services.{name}.bootstrap").wire
    uvloop.run(service.serve(cast("Service", name), wire))


if __name__ == "__main__":
    main(sys.argv[1])
