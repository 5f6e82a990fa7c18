"""Moves: where a message goes that is not settled in its own queue, and what its copy says.

Each copy is confirmed before the message itself is acknowledged: between the two it is there twice,
never not at all.
"""

from datetime import timedelta
from typing import Literal

from contracts import headers as h
from contracts.catalogue import Service
from contracts.topology import DEAD, RETRY, RETRY_STEPS_SECONDS, alone_queue, retry_queue
from shared.bus.delivery import Delivery, time_in
from shared.bus.publisher import Publisher
from shared.errors import Overloaded, PeerUnavailable
from shared.ids import now

Reason = Literal[
    "invalid_message", "forbidden", "retries_exhausted", "internal_error", "crashed_consumer"
]


PEER_PATIENCE = timedelta(hours=24)
"""For how long a message is tried again that has to ask a service which is away."""


class Moves:
    """Moves the messages of one service's queues.

    Raises, as the publisher does:
        BrokerUnavailable, Overloaded: it has not been moved, as far as we know.
    """

    def __init__(self, publisher: Publisher, service: Service) -> None:
        self._publisher = publisher
        self._service = service

    async def to_retry(self, delivery: Delivery, step: int) -> None:
        """Have it come again after the delay of `step`, or of the last one there is."""
        copy = delivery.copy(**{h.ATTEMPTS: step + 1} | _failure_times(delivery))
        queue = retry_queue(delivery.queue, min(step, len(RETRY_STEPS_SECONDS) - 1))
        await self._publisher.forward(RETRY, queue, copy)

    async def to_itself(self, delivery: Delivery) -> None:
        """Have it handled alone, since it may have ended its consumers."""
        copy = delivery.copy(**{h.CRASHES: delivery.crashes} | _failure_times(delivery))
        await self._publisher.forward(RETRY, alone_queue(delivery.queue), copy)

    async def to_the_dead(self, delivery: Delivery, reason: Reason, error: str) -> None:
        """Park it for operators."""
        attempts = delivery.attempts + delivery.crashes + (reason != "crashed_consumer")
        copy = delivery.copy(
            **{h.REASON: reason, h.ERROR: error[:2000], h.QUEUE: delivery.queue}
            | {h.ATTEMPTS: attempts}
            | _failure_times(delivery)
        )
        await self._publisher.forward(DEAD, self._service, copy)


def _failure_times(delivery: Delivery) -> dict[str, str]:
    time = now().isoformat()
    return {h.FIRST_FAILED_AT: delivery.first_failed_at or time, h.LAST_FAILED_AT: time}


def may_wait_on(delivery: Delivery, fault: Exception) -> bool:
    """Whether to go on at the ladder's last step: others may do without the peer that is away."""
    if not isinstance(fault, PeerUnavailable | Overloaded):
        return False
    since = time_in(delivery.first_failed_at)
    return since is None or now() - since < PEER_PATIENCE
