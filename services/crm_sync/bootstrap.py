"""CRM-sync's wiring: the store into handlers, handlers under their message types."""

from functools import partial

from services.crm_sync import entities
from services.crm_sync.store import EntityStore
from shared.service import Kernel, Wiring


def wire(kernel: Kernel) -> Wiring:
    """CRM-sync's handlers."""
    store = EntityStore(kernel.database)
    return Wiring(
        prepare=store.prepare,
        commands={
            "entity.upsert": partial(entities.upsert, entities=store),
            "entity.delete": partial(entities.delete, entities=store),
        },
        queries={"entity.get": partial(entities.get, entities=store)},
        events={},
    )
