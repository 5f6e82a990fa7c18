"""Messages that break their contract: parked with the reason, and the consumer goes on."""

import json
from datetime import datetime
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from contracts import headers as h
from contracts.catalogue import Service
from contracts.topology import COMMANDS, EVENTS, QUERIES, command_queue, event_queue, query_queue
from shared.ids import new_id
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.commands import CASES, event_id
from tests.support.dead import dead
from tests.support.workspace import Workspace
from tests.support.wrong import BODIES, WRONGS, Wrong

COMMAND_OF: dict[Service, str] = {
    "registry": "document.register",
    "links": "link.create",
    "crm_sync": "entity.upsert",
}


def _reason(parked: AbstractIncomingMessage) -> tuple[object, ...]:
    names = (h.REASON, h.ERROR, h.ATTEMPTS, h.EXCHANGE, h.ROUTING_KEY, h.QUEUE)
    return tuple(parked.headers.get(name) for name in names)


@pytest.mark.parametrize("wrong", WRONGS, ids=str)
@pytest.mark.parametrize("service", COMMAND_OF)
async def test_an_invalid_command_is_parked_as_it_came_and_the_next_one_is_handled(
    service: Service, wrong: Wrong, workspace: Workspace, outsider: Outsider
) -> None:
    command, case = COMMAND_OF[service], CASES[COMMAND_OF[service]]
    body = wrong.body(await case.body(workspace, outsider))
    good = await case.body(workspace, outsider)
    async with outsider.tap(case.event) as tap:
        message_id = await outsider.publish(
            command, body, headers={"x-own": "kept"}, app_id="them", **wrong.properties
        )
        await outsider.publish(command, good)
        parked = await outsider.parked(service, message_id)
        await tap.one(id=event_id(good))
    assert _reason(parked) == (
        *("invalid_message", wrong.description, 1),
        *(COMMANDS, command, command_queue(service)),
    )
    assert parked.body == body
    assert parked.headers["x-own"] == "kept"
    assert parked.app_id == "them"
    assert parked.delivery_mode == 2
    first, last = parked.headers[h.FIRST_FAILED_AT], parked.headers[h.LAST_FAILED_AT]
    assert first == last
    assert datetime.fromisoformat(str(first)).utcoffset() is not None
    assert [event["id"] for event in tap.all(workspaceid=workspace.id)] == [event_id(good)]


@pytest.mark.parametrize("wrong", WRONGS, ids=str)
async def test_the_caller_of_an_invalid_command_is_told_and_nothing_is_parked(
    wrong: Wrong, workspace: Workspace, outsider: Outsider
) -> None:
    body = wrong.body(await commands.document(workspace, outsider))
    told = await outsider.ask("document.register", body, message_id="told", **wrong.properties)
    code = {"code": "invalid_message", "message": wrong.error, "fields": wrong.fields}
    assert told == {"refusal": code}
    await outsider.parked("registry", await outsider.publish("document.register", b"{"))
    assert "told" not in {message.message_id for message in await dead(outsider, "registry")}


@pytest.mark.parametrize("wrong", BODIES, ids=str)
async def test_an_invalid_query_is_refused_and_parked_where_nobody_waits(
    wrong: Wrong, workspace: Workspace, outsider: Outsider
) -> None:
    body = wrong.body(workspace.command(entity_type="deal", entity_id="deal_1"))
    told = await outsider.ask("entity.get", body, exchange=QUERIES)
    assert told["refusal"]["code"] == "invalid_message"
    assert told["refusal"]["fields"] == wrong.fields
    message_id = await outsider.publish("entity.get", body, exchange=QUERIES)
    parked = await outsider.parked("crm_sync", message_id)
    assert _reason(parked)[3:] == (QUERIES, "entity.get", query_queue("crm_sync"))
    assert parked.body == body


EVENT_WRONGS = {
    "not_json": (b"{", "body: is not valid JSON"),
    "an_array": (b"[]", "body: must be a JSON object"),
    "no_envelope": (b"{}", "id: is required"),
    "2_MB": (b" " * 2_000_000, "The body must be at most 1048576 bytes"),
    "deep": (b"[" * 200_000, "body: is not valid JSON"),
}


@pytest.mark.parametrize("wrong", EVENT_WRONGS)
async def test_an_invalid_event_is_parked_and_the_next_one_is_heard(
    wrong: str, workspace: Workspace, outsider: Outsider
) -> None:
    body, error = EVENT_WRONGS[wrong]
    properties = {"content_type": "application/cloudevents+json", "exchange": EVENTS}
    message_id = await outsider.publish("document.registered", body, **properties)
    parked = await outsider.parked("links", message_id)
    assert _reason(parked)[2:] == (1, EVENTS, "document.registered", event_queue("links"))
    assert error in str(parked.headers[h.ERROR])
    assert parked.body == body
    # The next deletion still takes the links with it.
    contact = await workspace.entity()
    link = (await workspace.link(await workspace.document(), contact)).json()["data"]
    async with outsider.tap("link.deleted") as tap:
        await outsider.publish("entity.delete", workspace.command(**_contact(contact)))
        await tap.one(subject=link["link_id"])


def _contact(entity_id: str) -> dict[str, str]:
    return {"entity_type": "contact", "entity_id": entity_id}


@pytest.mark.parametrize("service", COMMAND_OF)
async def test_what_comes_straight_to_a_queue_without_a_type_is_parked(
    service: Service, workspace: Workspace, outsider: Outsider
) -> None:
    body = json.dumps(await CASES[COMMAND_OF[service]].body(workspace, outsider)).encode()
    queue = command_queue(service)
    message_id = await _straight_to(outsider, queue, body)
    parked = await outsider.parked(service, message_id)
    error = f"invalid_message: No message has the type '{queue}'"
    assert _reason(parked) == ("invalid_message", error, 1, "", queue, queue)
    assert parked.body == body


async def test_a_command_in_the_queue_of_another_service_is_parked(
    workspace: Workspace, outsider: Outsider
) -> None:
    body = json.dumps(await commands.document(workspace, outsider)).encode()
    queue = command_queue("links")
    headers = {h.ROUTING_KEY: "document.register"}
    message_id = await _straight_to(outsider, queue, body, headers=headers)
    parked = await outsider.parked("links", message_id)
    error = f"invalid_message: {queue} does not handle document.register"
    assert _reason(parked) == ("invalid_message", error, 1, "", "document.register", queue)


async def _straight_to(outsider: Outsider, queue: str, body: bytes, **properties: Any) -> str:
    message = aio_pika.Message(body, message_id=new_id("msg"), delivery_mode=2, **properties)
    await outsider.channel.default_exchange.publish(message, queue)
    return str(message.message_id)
