"""Headers and properties that nobody would send on purpose: they hold nothing up."""

from typing import Any

import pytest
from ulid import ULID

from contracts import headers as h
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.dead import dead
from tests.support.workspace import Workspace

ODD: dict[str, dict[str, Any]] = {
    "negative_attempts": {"headers": {h.ATTEMPTS: -100}},
    "attempts_in_words": {"headers": {h.ATTEMPTS: "many"}},
    "header_types": {"headers": {"x-a": [1, {"b": [True, None]}], "x-b": 1.5, h.REQUEST_ID: 7}},
    "long_headers": {"headers": {"x-long": "x" * 32_000}},
    "bad_trace": {"headers": {h.TRACEPARENT: "00-zz"}},
    "other_type": {"content_type": None, "type": "something.else"},
    "encoding": {"content_encoding": "gzip", "priority": 9, "expiration": 60},
}
# What the broker takes is nearly a whole frame: there is no room for ours beside it.
TOO_LONG: dict[str, dict[str, Any]] = {
    "x-long": {"headers": {"x-long": "x" * 130_800}},
    "four_bytes_each": {"headers": {"x-long": "\U0001f600" * 32_000}},
    "ours": {"headers": {h.FIRST_FAILED_AT: "x" * 65_000, h.ROUTING_KEY: "x" * 65_000}},
}
NOBODY: dict[str, dict[str, Any]] = {
    "nobody_listens": {"reply_to": f"nobody.{ULID()}", "correlation_id": "1"},
    "no_queue_name": {"reply_to": "a|b|c|d", "correlation_id": "\u00fc"},
    "a_long_name": {"reply_to": "x" * 255, "correlation_id": "x" * 255},
}


@pytest.mark.parametrize("odd", ODD | NOBODY)
async def test_a_valid_command_is_handled_and_the_next_one_too(
    odd: str, workspace: Workspace, outsider: Outsider
) -> None:
    body, after = [await commands.document(workspace, outsider) for _ in range(2)]
    async with outsider.tap() as tap:
        await outsider.publish("document.register", body, **(ODD | NOBODY)[odd])
        await outsider.publish("document.register", after)
        await tap.one(id=event_id(body))
        await tap.one(id=event_id(after))


@pytest.mark.parametrize("odd", ODD)
async def test_an_invalid_command_is_parked_with_all_it_came_with(
    odd: str, outsider: Outsider
) -> None:
    properties = ODD[odd]
    message_id = await outsider.publish("document.register", b"{", **properties)
    parked = await outsider.parked("registry", message_id)
    kept = properties.get("headers", {})
    assert {name: parked.headers[name] for name in kept if name != h.ATTEMPTS} == {
        name: value for name, value in kept.items() if name != h.ATTEMPTS
    }
    assert parked.headers[h.ATTEMPTS] == 1
    assert parked.content_encoding == properties.get("content_encoding")
    assert parked.expiration is None  # it waits for the operator, however long that takes


@pytest.mark.parametrize("odd", NOBODY)
async def test_a_refusal_for_a_caller_who_has_gone_is_dropped(odd: str, outsider: Outsider) -> None:
    properties = {**NOBODY[odd], "message_id": f"gone_{odd}"}
    await outsider.publish("document.register", b"{", **properties)
    await outsider.parked("registry", await outsider.publish("document.register", b"{"))
    assert f"gone_{odd}" not in {each.message_id for each in await dead(outsider, "registry")}


@pytest.mark.parametrize("name", TOO_LONG)
async def test_an_invalid_command_is_parked_without_headers_that_are_too_long(
    name: str, outsider: Outsider
) -> None:
    message_id = await outsider.publish("document.register", b"{", **TOO_LONG[name])
    parked = await outsider.parked("registry", message_id)
    assert parked.headers[h.REASON] == "invalid_message"
    assert parked.headers[h.ROUTING_KEY] == "document.register"
    assert len(str(parked.headers)) < 1000


async def test_a_command_that_has_to_wait_takes_effect_after_all(
    workspace: Workspace, outsider: Outsider
) -> None:
    contact = await workspace.entity()
    documents = {odd: await commands.document(workspace, outsider) for odd in (ODD | TOO_LONG)}
    links = {
        odd: workspace.command(
            document_id=document["command_id"].replace("cmd_", "doc_"),
            entity_type="contact",
            entity_id=contact,
        )
        for odd, document in documents.items()
    }
    async with outsider.tap() as tap:
        for odd, link in links.items():
            await outsider.publish("link.create", link, **(ODD | TOO_LONG)[odd])
        for document in documents.values():
            await outsider.publish("document.register", document)
        for link in links.values():
            await tap.one(id=event_id(link))
    assert tap.all(type="command.refused", workspaceid=workspace.id) == []
