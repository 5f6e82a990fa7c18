"""The link service's wiring: stores into handlers, handlers under their message types."""

from functools import partial

from services.links import events, link_types, links, listing, relations
from services.links.owners import Owners
from services.links.replica import Replica
from services.links.set_store import LinkSets
from services.links.store import LinkStore
from services.links.type_store import LinkTypes
from shared.service import Kernel, Wiring
from shared.store.counters import Counters


def wire(kernel: Kernel) -> Wiring:
    """The link service's handlers."""
    store = LinkStore(kernel.database)
    sets = LinkSets(kernel.database)
    types = LinkTypes(kernel.database)
    counters = Counters(kernel.database)
    replica = Replica(kernel.database)
    owners = Owners(kernel.requester, replica, deadline=kernel.settings.peer_timeout)

    async def prepare() -> None:
        await store.prepare()
        await sets.prepare()
        await types.prepare()
        await replica.prepare()

    document_changed = partial(events.document_changed, replica=replica)
    return Wiring(
        prepare=prepare,
        commands={
            "link.create": partial(links.create, links=store, owners=owners),
            "link.delete": partial(links.delete, links=store),
            "relations.replace": partial(
                relations.replace, sets=sets, owners=owners, types=types, counters=counters
            ),
            "link_type.define": partial(link_types.define, types=types),
        },
        queries={
            "entity.documents": partial(listing.documents_of_entity, links=store, owners=owners),
            "document.links": partial(listing.links_of_document, links=store, owners=owners),
            "document.relations": partial(
                relations.of_document, sets=sets, owners=owners, types=types
            ),
            "link_type.list": partial(link_types.list_all, types=types),
        },
        events={
            "document.registered": document_changed,
            "document.updated": document_changed,
            "document.deleted": partial(
                events.document_deleted, replica=replica, links=store, sets=sets
            ),
            "entity.upserted": partial(events.entity_changed, replica=replica),
            "entity.deleted": partial(
                events.entity_deleted, replica=replica, links=store, owners=owners
            ),
        },
    )
