"""`doclink dead`, run as operators run it: what was parked is seen, sent again, or dropped."""

import asyncio
import json
import subprocess
from typing import Any

import pymongo
import pytest

from contracts import headers as h
from contracts.broker_users import OPERATOR
from contracts.topology import COMMANDS, DEAD, EVENTS, command_queue, event_queue
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack
from shared.ids import new_id
from tests.services.operator import run as operator
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.parking import park, parked, until_parked
from tests.support.records import stored
from tests.support.waiting import until_true
from tests.support.workspace import Workspace

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Dead:
    """The command line, against the running system."""

    def __init__(self, amqp_url: str) -> None:
        self._amqp_url = amqp_url

    async def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(operator.run, "dead", *arguments, amqp_url=self._amqp_url)

    async def said(self, *arguments: str) -> str:
        ran = await self.run(*arguments)
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
        return ran.stdout

    async def listed(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(await self.said("list", "--json", *arguments))
        return found


@pytest.fixture
def doclink_dead(stack: Stack) -> Dead:
    return Dead(stack.infrastructure.urls.broker_users[OPERATOR.name])


def upsert(workspace: Workspace) -> dict[str, Any]:
    return workspace.command(entity_type="deal", entity_id=new_id("deal"))


async def test_what_is_parked_is_listed_in_order_and_shown_and_stays(
    doclink_dead: Dead, outsider: Outsider
) -> None:
    ids = [await outsider.publish("link.create", body) for body in (b"{", b"[]", b"\xff")]
    for each in ids:
        await until_parked(outsider, "links", each)
    wanted = [part for each in ids for part in ("--id", each)]
    for _ in range(2):
        found = await doclink_dead.listed(*wanted)
        assert [each["id"] for each in found] == ids
    assert found[0]["error"] == (
        "invalid_message: The message breaks its contract (body: is not valid JSON)"
    )
    assert found[0]["parked_at"] == found[0]["first_failed_at"]
    known = {name: found[0][name] for name in ("service", "type", "reason", "attempts", "queue")}
    assert known == {
        "service": "links",
        "type": "link.create",
        "reason": "invalid_message",
        "attempts": 1,
        "queue": command_queue("links"),
    }
    line = (await doclink_dead.said("list", "--id", ids[1], "--service", "links")).split()
    assert line[:5] == [ids[1], "links", "link.create", "invalid_message", "1x"]
    shown = json.loads(await doclink_dead.said("show", ids[0]))
    assert (shown["body"], shown["body_base64"]) == ("{", None)
    assert shown["headers"][h.EXCHANGE] == COMMANDS
    for each in ids:
        await outsider.parked("links", each)


async def test_messages_are_found_by_what_is_known_of_them(
    doclink_dead: Dead, outsider: Outsider
) -> None:
    long_ago = {h.LAST_FAILED_AT: "2020-05-05T10:00:00+00:00"}
    word = new_id("word")
    old = await park(outsider, "links", "link.create", b"1", **long_ago, **{h.ERROR: word})
    other = {h.REASON: "internal_error", h.ERROR: f"ZeroDivisionError({word})"}
    new = await park(outsider, "links", "link.delete", b"2", **other)

    async def found(*arguments: str) -> list[str]:
        given = ("--service", "links", "--error", word.upper(), *arguments)
        return [each["id"] for each in await doclink_dead.listed(*given)]

    assert await found() == [old, new]
    assert await found("--reason", "internal_error") == [new]
    time = ("--since", "2020-05-05T10:00:00", "--until", "2020-05-06")
    assert await found("--type", "link.create", *time) == [old]
    assert await found("--since", "2020-05-05T10:00:01", "--id", old, "--id", new) == [new]
    assert await found("--id", old, "--reason", "unknown") == []
    for each in (old, new):
        await outsider.parked("links", each)


async def test_a_command_that_met_a_defect_takes_effect_once_it_is_mended(
    stack: Stack, doclink_dead: Dead, workspace: Workspace, outsider: Outsider
) -> None:
    document = await workspace.document()
    rename = workspace.command(document_id=document, name="B.pdf")
    with pymongo.MongoClient[dict[str, str]](stack.infrastructure.urls.mongo) as client:
        records = client["doclink_registry"]["documents"]
        whole = records.find_one({"id": document})
        assert whole is not None
        records.update_one({"id": document}, {"$unset": {"name": ""}})
        headers = {h.REQUEST_ID: "req_1", h.TRACEPARENT: TRACE, "x-own": "kept"}
        message_id = await outsider.publish("document.update", rename, headers=headers)
        await until_parked(outsider, "registry", message_id)
        records.replace_one({"id": document}, whole)
    wish = ("redrive", "--service", "registry", "--id", message_id)
    assert "1 would be sent again; add --yes to do it" in await doclink_dead.said(*wish)
    assert len(await parked(outsider, "registry", message_id)) == 1
    async with outsider.tap("document.updated") as tap:
        assert (await doclink_dead.said(*wish, "--yes")).endswith("\n1 sent again\n")
        event = await tap.one(id=event_id(rename))
    assert event["traceparent"] == TRACE
    assert (await workspace.http.get(f"/v1/documents/{document}")).json()["data"]["name"] == "B.pdf"
    assert await parked(outsider, "registry", message_id) == []
    assert await doclink_dead.said(*wish, "--yes") == "0 sent again\n"


async def test_what_fails_again_is_parked_again_and_sent_again_once_for_each_wish(
    doclink_dead: Dead, outsider: Outsider
) -> None:
    own = {"x-own": "kept"}
    message_id = await outsider.publish(
        "link.create", b"{", headers=own, correlation_id="7", app_id="them"
    )
    first = await until_parked(outsider, "links", message_id)
    wish = ("--service", "links", "--id", message_id)
    assert (await doclink_dead.said("redrive", *wish, "--yes")).endswith("\n1 sent again\n")
    again = await until_parked(outsider, "links", message_id)
    assert again.headers[h.FIRST_FAILED_AT] > first.headers[h.FIRST_FAILED_AT]  # type: ignore[operator] # both are text
    for name in ("body", "correlation_id", "app_id", "content_type", "delivery_mode"):
        assert getattr(again, name) == getattr(first, name)
    for name in ("x-own", h.ATTEMPTS, h.EXCHANGE, h.ROUTING_KEY, h.QUEUE):
        assert again.headers[name] == first.headers[name]
    await outsider.parked("links", message_id)


async def test_an_event_reaches_the_consumer_that_failed_and_no_other_subscriber(
    doclink_dead: Dead, outsider: Outsider
) -> None:
    properties = {"content_type": "application/cloudevents+json", "exchange": EVENTS}
    async with outsider.tap() as tap:
        bad = json.dumps({"id": new_id("evt"), "data": {}}).encode()
        message_id = await outsider.publish("document.registered", bad, **properties)
        first = await until_parked(outsider, "links", message_id)
        await doclink_dead.said("redrive", "--service", "links", "--id", message_id, "--yes")
        again = await until_parked(outsider, "links", message_id)
        assert again.headers[h.FIRST_FAILED_AT] != first.headers[h.FIRST_FAILED_AT]
        assert again.headers[h.QUEUE] == event_queue("links")
        await outsider.publish("tests.end", b'{"data": {}}', **properties)
        await tap.until(lambda events: len(events[-1]) == 1)
        assert tap.events.count(json.loads(bad)) == 1
    await outsider.parked("links", message_id)


async def test_a_caller_who_has_gone_does_not_keep_a_failure_out_of_sight(
    doclink_dead: Dead, outsider: Outsider
) -> None:
    headers = {h.REASON: "internal_error", h.QUEUE: command_queue("links")}
    message_id = await outsider.publish(
        "links",
        b"{",
        exchange=DEAD,
        headers=headers | {h.ROUTING_KEY: "link.create"},
        reply_to="doclink.replies.gone",
        correlation_id="7",
    )
    wish = ("--service", "links", "--id", message_id)
    await doclink_dead.said("redrive", *wish, "--yes")
    again = await until_parked(outsider, "links", message_id)
    assert (again.headers[h.REASON], again.correlation_id) == ("invalid_message", "7")
    await outsider.parked("links", message_id)


async def test_two_operators_at_once_do_not_send_anything_twice(
    doclink_dead: Dead, workspace: Workspace, outsider: Outsider
) -> None:
    word = new_id("word")
    commands = [upsert(workspace) for _ in range(20)]
    for each in commands:
        await park(outsider, "crm_sync", "entity.upsert", each, **{h.ERROR: word})
    wish = ("redrive", "--service", "crm_sync", "--error", word, "--yes")
    async with outsider.tap("entity.upserted") as tap:
        said = await asyncio.gather(*(doclink_dead.said(*wish) for _ in range(2)))
        for each in commands:
            await tap.one(id=event_id(each))
    assert sum(int(each.splitlines()[-1].split()[0]) for each in said) == len(commands)
    assert len(tap.all(workspaceid=workspace.id)) == len(commands)


async def test_drop_takes_off_what_is_meant_and_nothing_else(
    stack: Stack, doclink_dead: Dead, workspace: Workspace, outsider: Outsider
) -> None:
    gone, stays = [
        await park(outsider, "crm_sync", "entity.upsert", upsert(workspace)) for _ in range(2)
    ]
    wish = ("drop", "--service", "crm_sync", "--id", gone)
    assert "1 would be dropped; add --yes to do it" in await doclink_dead.said(*wish)
    assert len(await parked(outsider, "crm_sync", gone)) == 1
    for count in (1, 0):
        said = await doclink_dead.said(*wish, "--yes")
        assert said.splitlines()[-1] == f"{count} dropped"
    assert await parked(outsider, "crm_sync", gone) == []
    assert len(await parked(outsider, "crm_sync", stays)) == 1
    await doclink_dead.said("redrive", "--type", "entity.upsert", "--id", stays, "--yes")
    wanted = {"workspace_id": workspace.id}
    await until_true(lambda: len(stored(stack, "crm_sync", "entities", **wanted)) == 1)


async def test_what_nobody_knows_the_origin_of_is_left_and_said_so(
    doclink_dead: Dead, outsider: Outsider
) -> None:
    strange = {h.QUEUE: "amq.gen-somebody", h.ERROR: "\x1b[2J"}
    message_id = await park(outsider, "links", "link.create", b"{}", **strange)
    ran = await doclink_dead.run("redrive", "--service", "links", "--id", message_id, "--yes")
    assert ran.returncode == 1
    assert ran.stdout.endswith("\n0 sent again\n")
    assert "\x1b" not in ran.stdout, "what others wrote must not steer a terminal"
    assert ran.stderr == "1 left: it is not known where they came from\n"
    await outsider.parked("links", message_id)


async def test_what_is_not_there_is_not_found(doclink_dead: Dead) -> None:
    ran = await doclink_dead.run("show", "msg_none")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "not_found: no message 'msg_none' is parked\n"


async def test_a_broker_that_is_away_is_said_so() -> None:
    ran = await Dead(f"amqp://{LOOPBACK}:{free_port()}/").run("list", "--service", "links")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("Broken off: ")
    assert "Traceback" not in ran.stderr
