"""The AsyncAPI 3.0 description of doclink, made from the catalogue and the topology.

Written by hand, not by FastStream's generator: our one subscriber per queue takes several types
of message, which that generator shows as one, and it leaves out request and reply as well as the
arguments of queues, without which nobody else can declare one.
"""

from typing import Final, get_args

from contracts.asyncapi_channels import REPLIES, channels
from contracts.asyncapi_messages import (
    BINDING_VERSION,
    PARKED,
    correlation_ids,
    header_schemas,
    messages,
)
from contracts.catalogue import EVENTS, REQUESTS, RequestType, Service
from contracts.examples.story import Json
from contracts.messages import JSON_CONTENT_TYPE
from contracts.schemas import reply_name
from contracts.topology import dead_queue

VERSION: Final = "0.1.0"
"""Of the contracts; the distribution's own."""

_DESCRIPTION: Final = """\
doclink records documents, links them to CRM records and keeps the CRMs in step.

**Standpoint.** The application described is doclink as a whole: it *receives* commands and
queries, and *sends* replies and events. A caller does the reverse.

**Commands** ask for a change. Publish one persistently, with publisher confirms and `mandatory`,
to the exchange `doclink.commands` under its type, which is also the AMQP property `type`. Once
confirmed it is not lost. `command_id` is `cmd_` and a ULID that you draw; the record made has the
same ULID (`doc_`, `dlnk_`, ...), so sending a command again under the same id changes nothing. A
negative confirm means that the queue is full: wait, and try again.

A publisher who is not trusted with everything publishes to `doclink.commands.outside` instead,
with the AMQP property `user_id`: its user's name, which the broker checks. It may act for the
workspaces that the installation allows it, may not send `api_key.*`, and gets no replies; what it
may not ask for is parked.

**Queries** ask for a reading. Publish one to `doclink.queries`, with an expiration: as long as
you are willing to wait.

**Replies** come to the queue named in `reply_to`, with your `correlation_id`, and hold either
`result` or `refusal`. Without `reply_to`, a refused command is told by the event
`command.refused`, and one that breaks its contract is parked in the dead queue of its service.

**Events** are CloudEvents 1.0 in structured JSON mode on the topic exchange `doclink.events`. Each
comes at least once, always under the same `id`: drop what you have seen. Order is not promised:
ignore a `version` older than the one you hold. Members without a value are left out.

**Compatibility.** Contracts only grow. Ignore members, and expect values of `code`, `kind` and
`reason`, that you do not know."""


def document(schemas: dict[str, Json]) -> Json:
    """The whole file, given the JSON Schema of every message by its name."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "doclink", "version": VERSION, "description": _DESCRIPTION},
        "defaultContentType": JSON_CONTENT_TYPE,
        "servers": {"broker": _server()},
        "channels": channels(),
        "operations": _operations(),
        "components": {
            "schemas": _payloads(schemas) | header_schemas(),
            "messages": messages(schemas),
            "correlationIds": correlation_ids(),
            "securitySchemes": {"login": {"type": "userPassword"}},
        },
    }


def _server() -> Json:
    return {
        "host": "{host}:{port}",
        "protocol": "amqp",
        "protocolVersion": "0-9-1",
        "description": "RabbitMQ; the virtual host is that of the installation.",
        "variables": {
            "host": {"default": "localhost", "description": "The broker's host."},
            "port": {"default": "5672", "description": "5671 with TLS."},
        },
        "security": [{"$ref": "#/components/securitySchemes/login"}],
    }


def _operations() -> dict[str, Json]:
    found = {name: _receive(name, request) for name, request in REQUESTS.items()}
    found |= {name: _send(name) for name in EVENTS}
    found |= {f"park.{service}": _park(service) for service in get_args(Service)}
    return found


def _receive(name: str, request: RequestType) -> Json:
    # Persistent and refused when unroutable, or transient: a query outlives nobody's patience.
    delivery = {"deliveryMode": 2, "mandatory": True} if request.is_command else {"deliveryMode": 1}
    return {
        "action": "receive",
        "title": name,
        "summary": _summary(request.model),
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "reply": {
            "address": {
                "location": "$message.header#/replyTo",
                "description": "The AMQP property `reply_to`; without it there is no reply.",
            },
            "channel": {"$ref": f"#/channels/{REPLIES}"},
            "messages": [{"$ref": f"#/channels/{REPLIES}/messages/{reply_name(name)}"}],
        },
        "tags": [{"name": request.owner}, {"name": "command" if request.is_command else "query"}],
        "bindings": _binding({**delivery, "ack": True}),
    }


def _send(name: str) -> Json:
    return {
        "action": "send",
        "title": name,
        "summary": _summary(EVENTS[name]),
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "tags": [{"name": "event"}],
        "bindings": _binding({"deliveryMode": 2, "mandatory": False}),
    }


def _park(service: Service) -> Json:
    queue = dead_queue(service)
    return {
        "action": "send",
        "title": f"Park what {service} could not handle",
        "summary": "Operators read it, send it again, or drop it.",
        "channel": {"$ref": f"#/channels/{queue}"},
        "messages": [{"$ref": f"#/channels/{queue}/messages/{PARKED}"}],
        "tags": [{"name": service}, {"name": "operation"}],
        "bindings": _binding({"deliveryMode": 2, "mandatory": True}),
    }


def _payloads(schemas: dict[str, Json]) -> dict[str, Json]:
    """The schemas as AsyncAPI keeps them: in one place, with no `$defs` of their own.

    Its schema object builds on draft 7, of which these schemas use nothing that 2020-12 changed
    but the name `$defs`. The examples stand with the messages.
    """
    found: dict[str, Json] = {}
    for name, schema in schemas.items():
        parts = {name: schema, **schema.get("$defs", {})}
        for part_name, part in parts.items():
            body = {
                key: _repointed(value)
                for key, value in part.items()
                if key not in {"$schema", "$id", "$defs", "examples"}
            }
            if found.setdefault(part_name, body) != body:
                raise ValueError(f"Two schemas have the name {part_name}")
    return found


def _repointed(value: object) -> object:
    """`value` with its references to `$defs` led to the shared components."""
    if isinstance(value, dict):
        return {key: _repointed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_repointed(part) for part in value]
    if isinstance(value, str):
        return value.replace("#/$defs/", "#/components/schemas/")
    return value


def _summary(model: type) -> str:
    """The first line of a message's docstring, without the name it begins with."""
    line = (model.__doc__ or "").partition("\n")[0]
    return line.partition(": ")[2] or line


def _binding(binding: Json) -> Json:
    return {"amqp": {**binding, "bindingVersion": BINDING_VERSION}}
