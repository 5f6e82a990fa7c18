"""The webhook service's wiring: stores into handlers, handlers under their message types."""

from contracts.catalogue import EVENTS
from contracts.messages import Event
from shared.outcome import Outcome
from shared.service import Kernel, Wiring


def wire(_kernel: Kernel) -> Wiring:
    """The webhook service's handlers."""

    async def prepare() -> None:
        pass

    async def heard(_event: Event[object]) -> Outcome:  # type: ignore[type-var]
        return Outcome()

    return Wiring(prepare=prepare, commands={}, queries={}, events=dict.fromkeys(EVENTS, heard))
