"""Commands that come to nothing for now: how they fail, who is told, and where they lie."""

import json
from datetime import timedelta
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from contracts import headers as h
from contracts.topology import COMMANDS, RETRY_STEPS_SECONDS, command_queue, retry_queue
from deploy.local.stack import Stack
from shared.ids import now
from tests.ingress.test_defects import damage
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.operations import location, outcome, told
from tests.support.readiness import until_ready
from tests.support.waiting import until
from tests.support.workspace import Workspace

LAST = len(RETRY_STEPS_SECONDS)
KEPT: dict[str, Any] = {h.KEEP_OUTCOME_AFTER: 0}


async def _put(outsider: Outsider, queue: str, message: aio_pika.Message) -> str:
    await outsider.channel.default_exchange.publish(message, queue)
    return str(message.message_id)


async def _failing_for(outsider: Outsider, body: dict[str, Any], since: timedelta) -> str:
    """A `link.create` as it comes back from the last step of the ladder."""
    facts: dict[str, Any] = {
        h.ATTEMPTS: LAST,
        h.FIRST_FAILED_AT: (now() - since).isoformat(),
        h.ROUTING_KEY: "link.create",
        h.EXCHANGE: COMMANDS,
    }
    message = aio_pika.Message(
        json.dumps(body).encode(),
        content_type="application/json",
        message_id=body["command_id"],
        delivery_mode=2,
        headers=KEPT | facts,
    )
    return await _put(outsider, command_queue("links"), message)


async def _taken(outsider: Outsider, queue: str, message_id: str) -> AbstractIncomingMessage | None:
    """The message from a queue that nobody consumes, if it is at the front."""
    declared = await outsider.channel.get_queue(queue, ensure=False)
    found = await declared.get(fail=False)
    if found is not None and found.message_id == message_id:
        await found.ack()
        return found
    if found is not None:
        await found.reject(requeue=True)
    return None


async def test_what_has_to_ask_a_service_that_is_away_is_tried_again_for_a_day_and_then_parked(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    contact = await commands.entity(workspace, outsider)
    documents = [await workspace.document() for _ in range(2)]
    patient, hopeless = (
        workspace.command(document_id=each, entity_type="contact", entity_id=contact["entity_id"])
        for each in documents
    )
    where = [location(workspace.id, each["command_id"], "links") for each in (patient, hopeless)]
    ten_minutes = retry_queue(command_queue("links"), LAST - 1)
    [crm_sync] = stack.named("crm_sync")
    async with outsider.tap("link.created") as tap:
        assert crm_sync.terminate() == 0
        try:
            await outsider.publish("entity.upsert", contact)
            patient_id = await _failing_for(outsider, patient, timedelta(minutes=15))
            hopeless_id = await _failing_for(outsider, hopeless, timedelta(hours=25))
            parked = await outsider.parked("links", hopeless_id)
            waiting = await until(lambda: _taken(outsider, ten_minutes, patient_id))
            assert waiting is not None
            assert (await told(workspace.http, where[0]))["status"] == "pending"
        finally:
            crm_sync.start()
            await until_ready(stack.url)
        # As the broker does when the ten minutes are over.
        again = aio_pika.Message(
            waiting.body,
            content_type=waiting.content_type,
            message_id=waiting.message_id,
            headers=waiting.headers,
        )
        await _put(outsider, command_queue("links"), again)
        await tap.one(id=event_id(patient))
    assert (await outcome(workspace.http, where[0]))["status"] == "done"
    failed = await outcome(workspace.http, where[1])
    assert (failed["status"], failed["error"]["code"]) == ("failed", "unavailable")
    assert "doclink.links.dead (retries_exhausted)" in failed["error"]["message"]
    assert parked.headers[h.REASON] == "retries_exhausted"
    assert parked.headers[h.ATTEMPTS] == waiting.headers[h.ATTEMPTS] == LAST + 1
    assert "PeerUnavailable" in str(parked.headers[h.ERROR]) or "AnswerLate" in str(
        parked.headers[h.ERROR]
    )
    assert [each["id"] for each in tap.all(workspaceid=workspace.id)] == [event_id(patient)]


async def test_a_command_that_meets_a_defect_is_parked_and_its_caller_told_at_once_or_later(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    document = await workspace.document()
    damage(stack, "documents", document)
    first, second = (workspace.command(document_id=document, tags=[each]) for each in ("a", "b"))
    reply = await outsider.ask("document.update", first, message_id=first["command_id"])
    assert reply["refusal"]["code"] == "internal_error"
    await outsider.publish("document.update", second, message_id=second["command_id"], headers=KEPT)
    for each in (first, second):
        parked = await outsider.parked("registry", each["command_id"])
        assert parked.headers[h.REASON] == "internal_error"
        assert json.loads(parked.body) == each
    where = location(workspace.id, second["command_id"], "registry")
    operation = await outcome(workspace.http, where)
    assert (operation["status"], operation["error"]["code"]) == ("failed", "internal_error")
    assert "doclink.registry.dead (internal_error)" in operation["error"]["message"]
