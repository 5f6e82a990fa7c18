"""The AsyncAPI file tells an outsider all that it takes to call doclink and to subscribe to it."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts import asyncapi, generate
from contracts.catalogue import EVENTS, REQUESTS
from contracts.examples.story import Json
from contracts.schemas import message_schemas
from contracts.topology import COMMANDS, EXCHANGES, QUERIES, QUEUES, Queue
from contracts.topology import EVENTS as EVENT_EXCHANGE
from tests import node_modules

FILE: Json = asyncapi.document(message_schemas())


def follow(reference: Json) -> Any:
    """What a reference within the file leads to."""
    found: Any = FILE
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return follow(found) if "$ref" in found else found


def references(part: Any) -> list[Json]:
    if isinstance(part, list):
        return [found for item in part for found in references(item)]
    if not isinstance(part, dict):
        return []
    own = [part] if isinstance(part.get("$ref"), str) else []
    return own + [found for item in part.values() for found in references(item)]


def test_every_reference_leads_somewhere() -> None:
    for reference in references(FILE):
        follow(reference)


def test_official_parser_finds_no_error() -> None:
    witness = node_modules.run("validate_asyncapi.mjs", str(generate.GENERATED / "asyncapi.json"))
    assert witness.returncode == 0, witness.stdout + witness.stderr
    assert f"{len(FILE['operations'])} operations" in witness.stdout
    assert "\n0 errors" in witness.stdout


def test_official_parser_would_find_one(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(FILE))
    broken["channels"]["link.create"]["bindings"]["amqp"]["is"] = "a pipe"
    example = broken["components"]["messages"]["link.created"]["examples"][0]
    example["payload"]["data"]["version"] = 0
    (tmp_path / "broken.json").write_text(json.dumps(broken))
    witness = node_modules.run("validate_asyncapi.mjs", str(tmp_path / "broken.json"))
    assert witness.returncode == 1
    assert "channels.link.create.bindings.amqp" in witness.stdout


@pytest.mark.parametrize("name", REQUESTS)
def test_request_is_received_and_answered(name: str) -> None:
    operation = FILE["operations"][name]
    assert operation["action"] == "receive"
    channel = follow(operation["channel"])
    assert channel["address"] == name
    exchange = channel["bindings"]["amqp"]["exchange"]
    assert exchange["name"] == (COMMANDS if REQUESTS[name].is_command else QUERIES)
    (message,) = map(follow, operation["messages"])
    assert message["bindings"]["amqp"]["messageType"] == name

    reply = operation["reply"]
    assert reply["address"]["location"] == "$message.header#/replyTo"
    assert "replyTo" in follow(message["headers"])["properties"]
    assert follow(reply["channel"])["address"] is None
    (answer,) = map(follow, reply["messages"])
    assert answer["name"] == f"{name}.reply"
    for correlated in (message, answer):
        location = follow(correlated["correlationId"])["location"]
        assert location == "$message.header#/correlationId"
        assert "correlationId" in follow(correlated["headers"])["properties"]


@pytest.mark.parametrize("name", REQUESTS)
def test_commands_are_persistent_and_queries_are_not(name: str) -> None:
    mode = FILE["operations"][name]["bindings"]["amqp"]["deliveryMode"]
    assert mode == (2 if REQUESTS[name].is_command else 1)


@pytest.mark.parametrize("name", EVENTS)
def test_event_is_sent_as_a_cloudevent(name: str) -> None:
    operation = FILE["operations"][name]
    assert operation["action"] == "send"
    assert "reply" not in operation
    assert follow(operation["channel"])["bindings"]["amqp"]["exchange"]["name"] == EVENT_EXCHANGE
    (message,) = map(follow, operation["messages"])
    assert message["contentType"] == "application/cloudevents+json"


def test_exchanges_are_described_as_they_are_declared() -> None:
    described = {
        (exchange["name"], exchange["type"], exchange["durable"])
        for channel in FILE["channels"].values()
        if (exchange := channel["bindings"]["amqp"].get("exchange"))
    }
    public = {COMMANDS, QUERIES, EVENT_EXCHANGE}
    assert described == {
        (known.name, known.type, True) for known in EXCHANGES if known.name in public
    }


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_queue_is_described_as_it_is_declared(queue: Queue) -> None:
    channel = FILE["channels"][queue.name]
    binding = channel["bindings"]["amqp"]
    assert binding["is"] == "queue"
    assert binding["queue"]["name"] == queue.name
    assert binding["queue"]["durable"] is True
    assert channel["x-doclink-arguments"] == queue.arguments
    assert channel["x-doclink-bindings"] == [
        {"exchange": exchange, "routingKey": key} for exchange, key in queue.bindings
    ]
    for name, value in queue.arguments.items():
        assert f"- `{name}`: `{value}`" in channel["description"]
    assert channel["messages"]


def test_queues_hold_what_is_routed_to_them() -> None:
    held = {name: set(channel["messages"]) for name, channel in FILE["channels"].items()}
    assert {"link.create", "relations.replace"} <= held["doclink.links.commands"]
    assert held["doclink.links.commands.retry.5s"] == held["doclink.links.commands"]
    assert "document.register" not in held["doclink.links.commands"]
    assert held["doclink.webhooks.events"] == EVENTS.keys()
    assert held["doclink.events.log"] == EVENTS.keys()
    assert {"document.registered", "entity.deleted"} <= held["doclink.links.events"]
    assert "document.register" not in held["doclink.links.events"]
    assert held["doclink.links.dead"] == {"parked"}


def test_operators_can_read_why_a_message_is_parked() -> None:
    headers = FILE["components"]["schemas"]["ParkedHeaders"]["properties"]
    assert {"x-doclink-reason", "x-doclink-error", "x-doclink-routing-key"} <= headers.keys()


def test_host_is_a_variable() -> None:
    server = FILE["servers"]["broker"]
    assert "{host}" in server["host"]
    assert server["protocol"] == "amqp"
    assert server["variables"].keys() == {"host", "port"}
