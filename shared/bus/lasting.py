"""Connections that last: their reconnecting goes on whatever becomes of it.

aio-pika's robust connection reconnects in a task of its own. When the broker goes, the client
cancels what the old connection had under way, and now and then that task is among it: while it
sleeps between two attempts, that ends it without a word (seen with aio-pika 10.2 under the chaos
run). The connection then never comes back, and the process holds its messages for ever.
"""

import asyncio
from typing import Any

from aio_pika.abc import AbstractRobustConnection

from shared.logs import logger

log = logger(__name__)


def last(connection: AbstractRobustConnection) -> None:
    """See to it that a connected connection goes on reconnecting until it is closed."""
    robust: Any = connection  # what follows has no public name
    task: asyncio.Task[None] = robust._RobustConnection__reconnection_task  # noqa: SLF001

    def again(_ended: asyncio.Task[None]) -> None:
        if robust.is_closed or robust._close_called:  # noqa: SLF001
            return
        log.warning("connection.revived", connection=str(connection))
        robust._RobustConnection__restore_event.set()  # noqa: SLF001
        revived = robust.loop.create_task(robust._RobustConnection__connection_factory())  # noqa: SLF001
        robust._RobustConnection__reconnection_task = revived  # noqa: SLF001
        last(connection)

    task.add_done_callback(again)
