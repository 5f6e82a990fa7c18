"""A business "no" on the queue: answered where somebody waits, else announced."""

from typing import Any

import pytest
from ulid import ULID

from contracts import headers as h
from deploy.local.stack import Stack
from shared.ids import derive
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.dead import dead
from tests.support.records import stored
from tests.support.workspace import Workspace


async def _second_at_a_path(workspace: Workspace, outsider: Outsider) -> dict[str, Any]:
    first = await commands.document(workspace, outsider)
    assert "result" in await outsider.ask("document.register", first)
    return first | {"command_id": workspace.command()["command_id"], "name": "another"}


async def test_a_taken_storage_path_is_announced_where_nobody_waits(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    body = await _second_at_a_path(workspace, outsider)
    async with outsider.tap() as tap:
        message_id = await outsider.publish("document.register", body)
        refused = await tap.one(type="command.refused", subject=body["command_id"])
        await outsider.publish("document.register", body)
        await tap.until(lambda _: len(tap.all(id=refused["id"])) == 2)
    assert refused["id"] == derive("evt", body["command_id"], "command.refused")
    assert refused["id"] != event_id(body)
    refusal = refused["data"].pop("refusal")
    assert refused["data"] == {
        "command_id": body["command_id"],
        "command_type": "document.register",
        "workspace_id": workspace.id,
        "actor": body["actor"],
    }
    assert refusal["code"] == "storage_conflict"
    assert set(refusal["fields"]) == {"storage_path"}
    assert {event["type"] for event in tap.all(workspaceid=workspace.id)} == {"command.refused"}
    assert message_id not in {each.message_id for each in await dead(outsider, "registry")}
    [document] = stored(stack, "registry", "documents", workspace_id=workspace.id)
    assert document["name"] != "another"


async def test_a_taken_storage_path_is_answered_where_somebody_waits_and_not_announced(
    workspace: Workspace, outsider: Outsider
) -> None:
    body = await _second_at_a_path(workspace, outsider)
    async with outsider.tap() as tap:
        reply = await outsider.ask("document.register", body)
        await outsider.publish("document.register", body)  # the same, and nobody waits
        await tap.one(type="command.refused", subject=body["command_id"])
    assert reply["refusal"]["code"] == "storage_conflict"
    assert len(tap.all(workspaceid=workspace.id)) == 1


@pytest.mark.parametrize("missing", ["document_id", "entity_id"])
async def test_a_link_to_what_does_not_exist_is_announced_as_refused_in_the_end(
    missing: str, workspace: Workspace, outsider: Outsider
) -> None:
    body = await commands.link(workspace, outsider) | {missing: f"none_{ULID()}"}
    reply = await outsider.ask("link.create", body)
    assert reply["refusal"]["code"] == "not_found"
    async with outsider.tap() as tap:
        # As after two attempts: it has had its second chances.
        await outsider.publish("link.create", body, headers={h.ATTEMPTS: 2})
        refused = await tap.one(type="command.refused", subject=body["command_id"])
    assert refused["data"]["refusal"]["code"] == "not_found"


async def test_a_link_published_before_its_document_and_its_entity_is_made_all_the_same(
    workspace: Workspace, outsider: Outsider
) -> None:
    document = await commands.document(workspace, outsider)
    contact = await commands.entity(workspace, outsider)
    link = workspace.command(
        document_id=document["command_id"].replace("cmd_", "doc_"),
        entity_type="contact",
        entity_id=contact["entity_id"],
    )
    async with outsider.tap() as tap:
        await outsider.publish("link.create", link)
        await outsider.publish("entity.upsert", contact)
        await outsider.publish("document.register", document)
        await tap.one(id=event_id(link))
    assert tap.all(type="command.refused") == []
    assert (await workspace.listed(contact["entity_id"]))["meta"]["total"] == 1
