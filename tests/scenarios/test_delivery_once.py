"""A command that runs twice: one record, and the same event again."""

import pytest

from contracts.topology import QUERIES
from deploy.local.stack import Stack
from tests.support import commands
from tests.support.bus import Outsider, Tap
from tests.support.commands import CASES, event_id
from tests.support.logbook import times_handled
from tests.support.records import stored
from tests.support.waiting import until_true
from tests.support.workspace import Workspace


async def _heard(tap: Tap, event: str, times: int) -> None:
    await tap.until(lambda _: len(tap.all(id=event)) >= times)


@pytest.mark.parametrize("command", CASES)
async def test_a_command_published_twice_makes_one_record_and_repeats_its_event(
    command: str, stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    case = CASES[command]
    body = await case.body(workspace, outsider)
    before = case.records(stack, workspace)
    async with outsider.tap(case.event) as tap:
        await outsider.publish(command, body)
        first = await tap.one(id=event_id(body))
        await outsider.publish(command, body)
        await _heard(tap, event_id(body), times=2)
    assert tap.all(workspaceid=workspace.id) == [first, first]
    made = case.records(stack, workspace) - before
    assert len(made) == case.makes_record
    assert all(record.endswith(first["subject"]) for record in made)


@pytest.mark.parametrize("command", CASES)
async def test_a_command_published_many_times_at_once_takes_effect_once(
    command: str, stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    case = CASES[command]
    body = await case.body(workspace, outsider)
    before = case.records(stack, workspace)
    async with outsider.tap(case.event) as tap:
        for _ in range(10):
            await outsider.publish(command, body)
        await _heard(tap, event_id(body), times=10)
    first, *others = tap.all(workspaceid=workspace.id)
    assert first["id"] == event_id(body)
    assert others == [first] * 9
    assert len(case.records(stack, workspace) - before) == case.makes_record


async def test_somebody_elses_identical_link_is_the_same_link_and_makes_no_event(
    workspace: Workspace, outsider: Outsider
) -> None:
    body = await commands.link(workspace, outsider)
    async with outsider.tap("link.created") as tap:
        first = await outsider.ask("link.create", body)
        theirs = body | {"command_id": workspace.command()["command_id"], "role": "other"}
        second = await outsider.ask("link.create", theirs)
        third = await outsider.ask("link.create", await commands.link(workspace, outsider))
        await tap.one(subject=third["result"]["link"]["id"])
    assert first["result"]["created"]
    assert second["result"] == {"link": first["result"]["link"], "created": False}
    assert len(tap.all(document_id=body["document_id"])) == 1


@pytest.mark.parametrize("is_recorded_again", [False, True], ids=["gone", "recorded_again"])
async def test_a_late_redelivery_of_a_removed_link_repeats_its_event_and_does_not_bring_it_back(
    stack: Stack, workspace: Workspace, outsider: Outsider, *, is_recorded_again: bool
) -> None:
    body = await commands.link(workspace, outsider)
    contact = body["entity_id"]
    async with outsider.tap() as tap:
        await outsider.publish("link.create", body)
        created = await tap.one(id=event_id(body))
        deleted = await workspace.http.delete(f"/v1/entities/contact/{contact}")
        assert deleted.status_code == 204, deleted.text
        await tap.one(type="link.deleted", subject=created["subject"])
        if is_recorded_again:
            await workspace.entity("contact", contact)
        await outsider.publish("link.create", body)
        await _heard(tap, event_id(body), times=2)
    assert tap.all(type="link.created") == [created, created]
    assert tap.all(type="command.refused") == []
    assert len({each["id"] for each in tap.all(type="link.deleted")}) == 1
    await workspace.entity("contact", contact)
    assert (await workspace.listed(contact))["meta"]["total"] == 0
    [record] = stored(stack, "links", "links", workspace_id=workspace.id)
    assert record["deleted_by"] == tap.all(type="entity.deleted")[0]["id"]


async def test_an_upsert_redelivered_after_others_have_changed_the_entity_changes_nothing(
    workspace: Workspace, outsider: Outsider
) -> None:
    old = await commands.entity(workspace, outsider)
    which = {name: old[name] for name in ("entity_type", "entity_id")}
    async with outsider.tap("entity.upserted") as tap:
        await outsider.publish("entity.upsert", old)
        first = await tap.one(id=event_id(old))
        newer = await outsider.ask("entity.upsert", workspace.command(**which, name="Countess"))
        await outsider.publish("entity.upsert", old)
        await _heard(tap, event_id(old), times=2)
    assert tap.all(id=event_id(old)) == [first, first]
    assert first["data"]["name"] == "Ada"
    reply = await outsider.ask("entity.get", workspace.command(**which), exchange=QUERIES)
    assert reply["result"]["entity"] == newer["result"]["entity"]
    assert reply["result"]["entity"]["name"] == "Countess"


async def test_a_deletion_redelivered_after_the_entity_is_there_again_changes_nothing(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    deletion = await commands.deletion(workspace, outsider)
    contact = deletion["entity_id"]
    async with outsider.tap() as tap:
        await outsider.publish("entity.delete", deletion)
        first = await tap.one(id=event_id(deletion))
        await workspace.entity("contact", contact)
        answer = await workspace.link(await workspace.document(), contact)
        await tap.one(type="link.created", subject=answer.json()["data"]["link_id"])
        await outsider.publish("entity.delete", deletion)
        await _heard(tap, event_id(deletion), times=2)
        await until_true(lambda: times_handled(stack, "links", event_id(deletion)) == 2)
    assert tap.all(id=event_id(deletion)) == [first, first]
    assert tap.all(type="link.deleted") == []
    assert (await workspace.listed(contact))["meta"]["total"] == 1
