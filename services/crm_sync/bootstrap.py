"""CRM-sync's wiring: the stores into handlers, handlers under their message types."""

from functools import partial

from services.crm_sync import connections, entities
from services.crm_sync.store import ConnectionStore, EntityStore
from shared.service import Kernel, Wiring


def wire(kernel: Kernel) -> Wiring:
    """CRM-sync's handlers."""
    directory = EntityStore(kernel.database)
    crms = ConnectionStore(kernel.database)

    async def prepare() -> None:
        await directory.prepare()
        await crms.prepare()

    return Wiring(
        prepare=prepare,
        commands={
            "entity.upsert": partial(entities.upsert, entities=directory),
            "entity.delete": partial(entities.delete, entities=directory),
            "connection.create": partial(connections.create, connections=crms),
            "connection.delete": partial(connections.delete, connections=crms),
        },
        queries={
            "entity.get": partial(entities.get, entities=directory, connections=crms),
            "entity.children": partial(entities.children, entities=directory),
            "connection.list": partial(connections.list_all, connections=crms),
        },
        events={},
    )
