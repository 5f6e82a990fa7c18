"""The link service's wiring: stores into handlers, handlers under their message types."""

from functools import partial

from services.links import events, links, listing
from services.links.owners import Owners
from services.links.replica import Replica
from services.links.store import LinkStore
from shared.service import Kernel, Wiring


def wire(kernel: Kernel) -> Wiring:
    """The link service's handlers."""
    store = LinkStore(kernel.database)
    replica = Replica(kernel.database)
    owners = Owners(kernel.requester, replica, deadline=kernel.settings.peer_timeout)

    async def prepare() -> None:
        await store.prepare()
        await replica.prepare()

    return Wiring(
        prepare=prepare,
        commands={"link.create": partial(links.create, links=store, owners=owners)},
        queries={
            "entity.documents": partial(listing.documents_of_entity, links=store, owners=owners)
        },
        events={
            "document.registered": partial(events.document_changed, replica=replica),
            "entity.upserted": partial(events.entity_changed, replica=replica),
            "entity.deleted": partial(
                events.entity_deleted, replica=replica, links=store, owners=owners
            ),
        },
    )
