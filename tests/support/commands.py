"""One valid command of each kind, and what follows from it."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ulid import ULID

from contracts.catalogue import Service
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.records import stored
from tests.support.workspace import PDF, Workspace

Body = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A kind of command."""

    command: str
    event: str
    service: Service
    collection: str
    body: Callable[[Workspace, Outsider], Awaitable[Body]]
    """A new command, with all in place that it needs to succeed."""
    makes_record: bool = True

    def records(self, stack: Stack, workspace: Workspace) -> set[str]:
        """The ids of what the workspace has in the collection that the command writes to."""
        held = stored(stack, self.service, self.collection, workspace_id=workspace.id)
        return {record["_id"] for record in held}


def event_id(body: Body) -> str:
    """The id of the event that follows from a command."""
    return str(body["command_id"]).replace("cmd_", "evt_")


async def document(workspace: Workspace, _: Outsider) -> Body:
    """`document.register`."""
    return workspace.command(**PDF, storage_path=workspace.path(f"ndas/{ULID()}.pdf"))


async def update(workspace: Workspace, _: Outsider) -> Body:
    """`document.update`."""
    return workspace.command(document_id=await workspace.document(), name="another", tags=["nda"])


async def end(workspace: Workspace, _: Outsider) -> Body:
    """`document.delete`."""
    return workspace.command(document_id=await workspace.document())


async def link(workspace: Workspace, _: Outsider) -> Body:
    """`link.create`."""
    document, contact = await workspace.document(), await workspace.entity()
    return workspace.command(document_id=document, entity_type="contact", entity_id=contact)


async def unlinking(workspace: Workspace, _: Outsider) -> Body:
    """`link.delete`."""
    document, contact = await workspace.document(), await workspace.entity()
    answer = await workspace.link(document, contact)
    return workspace.command(document_id=document, link_id=answer.json()["data"]["link_id"])


async def link_type(workspace: Workspace, _: Outsider) -> Body:
    """`link_type.define`."""
    return workspace.command(source_label="Amends", target_label="Amended by")


async def entity(workspace: Workspace, _: Outsider) -> Body:
    """`entity.upsert`."""
    return workspace.command(entity_type="contact", entity_id=f"contact_{ULID()}", name="Ada")


async def deletion(workspace: Workspace, _: Outsider) -> Body:
    """`entity.delete`."""
    return workspace.command(entity_type="contact", entity_id=await workspace.entity())


async def connection(workspace: Workspace, _: Outsider) -> Body:
    """`connection.create`."""
    return workspace.command(provider=f"crm-{str(ULID()).lower()}")


async def disconnection(workspace: Workspace, outsider: Outsider) -> Body:
    """`connection.delete`."""
    made = await connection(workspace, outsider)
    await outsider.ask("connection.create", made)
    return workspace.command(provider=made["provider"])


async def key(workspace: Workspace, _: Outsider) -> Body:
    """`api_key.create`."""
    key_hash = hashlib.sha256(str(ULID()).encode()).hexdigest()
    scopes = ["read:documents"]
    return workspace.command(name="a key", owner="usr_1", scopes=scopes, key_hash=key_hash)


async def revocation(workspace: Workspace, outsider: Outsider) -> Body:
    """`api_key.revoke`."""
    reply = await outsider.ask("api_key.create", await key(workspace, outsider))
    return workspace.command(key_id=reply["result"]["api_key"]["id"])


CASES: dict[str, Case] = {
    case.command: case
    for case in (
        Case("document.register", "document.registered", "registry", "documents", document),
        Case(
            "document.update",
            "document.updated",
            "registry",
            "documents",
            update,
            makes_record=False,
        ),
        Case(
            "document.delete",
            "document.deleted",
            "registry",
            "documents",
            end,
            makes_record=False,
        ),
        Case("api_key.create", "api_key.created", "registry", "api_keys", key),
        Case(
            "api_key.revoke",
            "api_key.revoked",
            "registry",
            "api_keys",
            revocation,
            makes_record=False,
        ),
        Case("link.create", "link.created", "links", "links", link),
        Case("link.delete", "link.deleted", "links", "links", unlinking, makes_record=False),
        Case("link_type.define", "link_type.defined", "links", "link_types", link_type),
        Case("entity.upsert", "entity.upserted", "crm_sync", "entities", entity),
        Case("connection.create", "connection.created", "crm_sync", "connections", connection),
        Case(
            "connection.delete",
            "connection.deleted",
            "crm_sync",
            "connections",
            disconnection,
            makes_record=False,
        ),
        Case(
            "entity.delete",
            "entity.deleted",
            "crm_sync",
            "entities",
            deletion,
            makes_record=False,
        ),
    )
}
