"""Whether all that a load was promised has come to be, once, and was announced."""

from typing import get_args

from contracts.catalogue import Service
from deploy.local.stack import Stack
from tests.support.dead import dead
from tests.support.listener import Listener
from tests.support.load import Load
from tests.support.records import stored
from tests.support.waiting import until
from tests.support.workspace import Workspace


async def all_kept(stack: Stack, load: Load, listener: Listener, workspace: Workspace) -> None:
    """Every promised link is stored, once; every stored link has its event, and no other has."""

    def links() -> list[tuple[str, str]]:
        found = stored(stack, "links", "links", workspace_id=workspace.id)
        return [(link["document_id"], link["entity_id"]) for link in found]

    async def missing() -> set[tuple[str, str]]:
        return load.confirmed - set(links())

    await until(missing, lambda pairs: not pairs)
    assert len(links()) == len(set(links()))

    async def unheard() -> set[str]:
        found = stored(stack, "links", "links", workspace_id=workspace.id)
        return {link["id"].replace("dlnk_", "evt_") for link in found} ^ await listener.ids()

    await until(unheard, lambda ids: not ids)
    for service in get_args(Service):
        assert await dead(listener.outsider, service) == []
