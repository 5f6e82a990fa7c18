"""The seeds: a workspace with all that the load needs, made while nothing is killed."""

import asyncio
from collections.abc import Sequence
from typing import Any

from shared.ids import derive
from tests.chaos.plan import Load
from tests.chaos.workload import CRM_DEAL, World
from tests.support.bus import Outsider, Tap, command
from tests.support.workspace import PDF

_SECONDS = 120.0
_AT_ONCE = 200


async def sow(outsider: Outsider, workspace_id: str, load: Load) -> World:
    """Publish it all, and return when all of it is announced."""
    documents = [_document(workspace_id, n) for n in range(load.documents + load.sources)]
    entities = [
        command(workspace_id, entity_type="contact", entity_id=f"seed_{n}", name="Ada")
        for n in range(load.entities)
    ]
    ids = [derive("doc", each["command_id"]) for each in documents]
    sources = ids[load.documents :]
    # Of documents that are linked to nothing else, so that no link is made twice.
    links = [
        command(
            workspace_id,
            document_id=sources[n % load.sources],
            entity_type="contact",
            entity_id=f"seed_{n // load.sources}",
        )
        for n in range(load.links)
    ]
    crms = [f"crm-{n}" for n in range(load.crms)]
    connections = [command(workspace_id, provider=crm) for crm in crms]
    deals = [command(workspace_id, provider=crm, **CRM_DEAL) for crm in crms]
    async with outsider.tap("#") as tap:
        await _publish(outsider, tap, "connection.create", connections)
        await _publish(outsider, tap, "entity.upsert", deals)
        await _publish(outsider, tap, "document.register", documents)
        await _publish(outsider, tap, "entity.upsert", entities)
        await _publish(outsider, tap, "link.create", links)
    return World(
        workspace_id=workspace_id,
        documents=ids[: load.documents],
        entities=[each["entity_id"] for each in entities],
        links=[(derive("dlnk", each["command_id"]), each["document_id"]) for each in links],
        sources=sources,
        crms=crms,
    )


def _document(workspace_id: str, number: int) -> dict[str, Any]:
    path = f"workspaces/{workspace_id}/seed-{number}.pdf"
    return command(workspace_id, **PDF, storage_path=path)


async def _publish(
    outsider: Outsider, tap: Tap, type_: str, bodies: Sequence[dict[str, Any]]
) -> None:
    wanted = len(tap.events) + len(bodies)
    for first in range(0, len(bodies), _AT_ONCE):
        some = bodies[first : first + _AT_ONCE]
        await asyncio.gather(*(outsider.publish(type_, each) for each in some))
    await tap.until(lambda events: len(events) >= wanted, _SECONDS)
