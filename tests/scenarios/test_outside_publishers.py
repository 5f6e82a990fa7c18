"""A publisher from outside acts for its own workspaces, and not at all for others."""

import pytest
from aiormq.exceptions import ChannelPreconditionFailed

from contracts import headers as h
from deploy.local.stack import Stack
from services.ingress.operation import OperationId
from shared.ids import new_id
from shared.store.records import Records
from tests.support.broker_users import ME, WORKSPACE, BrokerLogin, entities, send, upsert
from tests.support.bus import Outsider, command
from tests.support.commands import CASES
from tests.support.parking import until_parked
from tests.support.records import stored
from tests.support.waiting import until
from tests.support.workspace import PDF, Workspace


async def test_a_command_for_its_own_workspace_takes_effect(
    publisher: BrokerLogin, outsider: Outsider, stack: Stack
) -> None:
    body = upsert(WORKSPACE)
    async with outsider.tap("entity.upserted") as tap:
        await send(publisher, "entity.upsert", body)
        event = await tap.one(entity_id=body["entity_id"])
    assert event["workspaceid"] == WORKSPACE
    assert len(entities(stack, body)) == 1


@pytest.mark.parametrize("type_", [name for name in CASES if not name.startswith("api_key.")])
async def test_a_command_for_anothers_workspace_is_parked_and_changes_and_tells_nothing(
    type_: str, publisher: BrokerLogin, outsider: Outsider, stack: Stack, workspace: Workspace
) -> None:
    case = CASES[type_]
    body = await case.body(workspace, outsider)
    before = stored(stack, case.service, case.collection, workspace_id=workspace.id)
    headers = {h.KEEP_OUTCOME_AFTER: 0}
    async with outsider.tap("#") as tap:
        message_id = await send(publisher, type_, body, headers=headers)
        found = await until_parked(outsider, case.service, message_id)
        # The log of events would have had them first.
        await outsider.ask("entity.upsert", upsert(WORKSPACE))
        await tap.one(type="entity.upserted", workspaceid=WORKSPACE)
    assert found.headers[h.REASON] == "forbidden"
    assert found.headers[h.ERROR] == f"{ME} may not act for {workspace.id} (DOCLINK_PUBLISHERS)"
    assert [
        each for each in tap.events if each["data"].get("command_id") == body["command_id"]
    ] == []
    assert tap.all(workspaceid=workspace.id, type=case.event) == []
    assert stored(stack, case.service, case.collection, workspace_id=workspace.id) == before
    outcome = Records.key(workspace.id, body["command_id"])
    assert stored(stack, case.service, "operations", _id=outcome) == []
    # Its owner's own command, under the same id, is not taken for a repeat.
    assert "result" in await outsider.ask(type_, body)


async def test_it_uses_up_nobodys_idempotency_key(
    publisher: BrokerLogin, outsider: Outsider, workspace: Workspace
) -> None:
    foreign = upsert(workspace.id, idempotency_key="k")
    message_id = await send(publisher, "entity.upsert", foreign)
    await until_parked(outsider, "crm_sync", message_id)
    reply = await outsider.ask("entity.upsert", upsert(workspace.id, idempotency_key="k"))
    assert reply["result"]["created"]


async def test_an_invalid_command_writes_no_outcome_into_anothers_workspace(
    publisher: BrokerLogin, outsider: Outsider, stack: Stack, workspace: Workspace
) -> None:
    body = upsert(workspace.id, surplus=1)
    message_id = await send(publisher, "entity.upsert", body, headers={h.KEEP_OUTCOME_AFTER: 0})
    found = await until_parked(outsider, "crm_sync", message_id)
    assert found.headers[h.REASON] == "invalid_message"
    assert stored(stack, "crm_sync", "operations", workspace_id=workspace.id) == []
    operation = OperationId(workspace.id, body["command_id"], "crm_sync")
    answer = await workspace.http.get(f"/v1/operations/{operation}")
    assert answer.json()["data"]["status"] == "pending"


async def test_the_broker_refuses_a_forged_user(publisher: BrokerLogin) -> None:
    with pytest.raises(ChannelPreconditionFailed, match="user_id"):
        await send(publisher, "entity.upsert", upsert(WORKSPACE), user_id="doclink-links")


async def test_who_says_not_who_he_is_is_not_heard(
    publisher: BrokerLogin, outsider: Outsider, stack: Stack
) -> None:
    body = upsert(WORKSPACE)
    message_id = await send(publisher, "entity.upsert", body, user_id=None)
    found = await until_parked(outsider, "crm_sync", message_id)
    assert found.headers[h.REASON] == "forbidden"
    assert "must carry the AMQP property user_id" in str(found.headers[h.ERROR])
    assert entities(stack, body) == []


async def test_a_command_that_comes_too_early_waits_and_is_still_its_publishers(
    publisher: BrokerLogin, outsider: Outsider
) -> None:
    register = command(WORKSPACE, **PDF, storage_path=f"workspaces/{WORKSPACE}/{new_id('a')}.pdf")
    deal = upsert(WORKSPACE)
    ties = {"entity_type": "deal", "entity_id": deal["entity_id"]}
    document_id = register["command_id"].replace("cmd_", "doc_")
    link = command(WORKSPACE, document_id=document_id, **ties)
    retries = await outsider.channel.declare_queue(exclusive=True)
    await retries.bind("doclink.retry", "doclink.links.commands.retry.1s")
    async with outsider.tap("link.created") as tap:
        await send(publisher, "link.create", link)
        waits = await until(lambda: retries.get(fail=False))
        assert waits is not None
        await send(publisher, "entity.upsert", deal)
        await send(publisher, "document.register", register)
        await tap.one(document_id=document_id)
    assert waits.headers[h.PUBLISHER] == ME
