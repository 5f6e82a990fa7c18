"""The messages of the AsyncAPI file: payload, headers, correlation, and an example of each.

AsyncAPI has no place for the standard properties of AMQP 0-9-1 (`reply_to`, `correlation_id`, ...)
but the headers, and its runtime expressions reach headers and payload only. They therefore stand
among the headers in camel case, each with the property it is in `x-doclink-amqp-property`.
"""

from typing import Any

from contracts import headers as h
from contracts.catalogue import EVENTS, REQUESTS
from contracts.examples import EXAMPLES, REFUSED_REPLY
from contracts.examples.story import Json
from contracts.messages import EVENT_CONTENT_TYPE, JSON_CONTENT_TYPE
from contracts.schemas import reply_name
from contracts.topology import OUTSIDE

BINDING_VERSION = "0.3.0"
"""Of the AMQP binding, https://github.com/asyncapi/bindings/tree/master/amqp."""

PARKED = "parked"
"""The one message that has no schema: whatever could not be handled."""


def messages(schemas: dict[str, Json]) -> dict[str, Json]:
    """Every message by its name: requests, `<request>.reply`, events, and `parked`."""
    found = {PARKED: _parked()}
    for name in REQUESTS:
        found[name] = _request(name, schemas[name])
        found[reply_name(name)] = _reply(reply_name(name), schemas[reply_name(name)])
    for name in EVENTS:
        found[name] = _event(name, schemas[name])
    return found


def correlation_ids() -> dict[str, Json]:
    """How a reply is matched with its request."""
    return {
        "request": {
            "description": "Chosen by the caller; the reply carries it unchanged.",
            "location": "$message.header#/correlationId",
        }
    }


def header_schemas() -> dict[str, Json]:
    """The headers of each kind of message."""
    request = {
        "messageId": _property("message_id", "The request's `command_id`."),
        "replyTo": _property(
            "reply_to", "The queue for the reply; without it there is none.", examples=["amq.gen-1"]
        ),
        "correlationId": _property("correlation_id", "What the reply is to carry."),
        h.REQUEST_ID: _text("The HTTP request, or the like, that this stems from; for the logs."),
        h.TRACEPARENT: _text("The W3C trace context of the caller; events carry it on."),
    }
    failure_times = {
        h.FIRST_FAILED_AT: _time("When the message failed for the first time."),
        h.LAST_FAILED_AT: _time("When the message failed for the last time."),
    }
    return {
        "CommandHeaders": _headers(
            "What a command carries beside its body.",
            request
            | {
                "userId": _property(
                    "user_id",
                    "The publisher's user, which the broker checks; needed on "
                    f"`{OUTSIDE}`, and not looked at elsewhere.",
                ),
                h.KEEP_OUTCOME_AFTER: {
                    "type": "integer",
                    "minimum": 0,
                    "description": "From when on the outcome is kept for 24 hours, in milliseconds"
                    " since 1970; 0: in any case.",
                },
            },
        ),
        "QueryHeaders": _headers(
            "What a query carries beside its body.",
            request
            | {
                "expiration": _property(
                    "expiration",
                    "How many milliseconds the caller waits; the query is dropped after that.",
                    pattern="^[0-9]+$",
                )
            },
        ),
        "ReplyHeaders": _headers(
            "What a reply carries beside its body.",
            {"correlationId": _property("correlation_id", "That of the request.")},
        ),
        "EventHeaders": _headers(
            "What an event carries beside its body; a subscriber needs none of it.",
            {
                "messageId": _property("message_id", "The event's `id`."),
                "timestamp": {
                    "type": "integer",
                    "description": "The AMQP property `timestamp`. When it was sent, in seconds "
                    "since 1970; `time` is when it happened.",
                    "x-doclink-amqp-property": "timestamp",
                },
                h.REPLAYED_AT: _time(
                    "When an operator sent it again from the event log, to one queue alone."
                ),
            },
        ),
        "ParkedHeaders": _headers(
            "Why and when a message was parked, beside what it came with. "
            "What the broker itself has parked, at the delivery limit, has only `x-death`.",
            {
                h.REASON: {
                    "type": "string",
                    "enum": [
                        *("invalid_message", "forbidden", "retries_exhausted", "internal_error"),
                        "crashed_consumer",
                    ],
                    "description": "Why the message is parked.",
                },
                h.ERROR: _text("What exactly was wrong.") | {"maxLength": 2000},
                h.QUEUE: _text("The queue whose consumer parked the message."),
                h.PUBLISHER: _text("The broker user who published it from outside."),
                h.EXCHANGE: _text("The exchange that the message first came by."),
                h.ROUTING_KEY: _text("The routing key that the message first came with."),
                h.ATTEMPTS: {
                    "type": "integer",
                    "minimum": 0,
                    "description": "How many times the message was tried, as far as is known.",
                },
                **failure_times,
            },
        ),
    }


def _request(name: str, schema: Json) -> Json:
    command = REQUESTS[name].is_command
    example = EXAMPLES[name]
    headers = {
        "messageId": example["command_id"],
        "replyTo": "amq.gen-XcP1vTqVdnNYGUvLTXpyFQ",
        "correlationId": "1",
    }
    if not command:
        headers["expiration"] = "5000"
    return {
        **_message(name, schema, "CommandHeaders" if command else "QueryHeaders"),
        "correlationId": {"$ref": "#/components/correlationIds/request"},
        "bindings": _binding(name),
        "examples": [{"name": name, "headers": headers, "payload": example}],
    }


def _reply(name: str, schema: Json) -> Json:
    headers = {"correlationId": "1"}
    return {
        **_message(name, schema, "ReplyHeaders"),
        "correlationId": {"$ref": "#/components/correlationIds/request"},
        "examples": [
            {"name": "result", "headers": headers, "payload": EXAMPLES[name]},
            {"name": "refusal", "headers": headers, "payload": REFUSED_REPLY},
        ],
    }


def _event(name: str, schema: Json) -> Json:
    example = EXAMPLES[name]
    return {
        **_message(name, schema, "EventHeaders"),
        "contentType": EVENT_CONTENT_TYPE,
        "bindings": _binding(name),
        "examples": [{"name": name, "headers": {"messageId": example["id"]}, "payload": example}],
    }


def _parked() -> Json:
    return {
        "name": PARKED,
        "title": PARKED,
        "summary": "What could not be handled: body and properties as they came, and why.",
        "headers": {"$ref": "#/components/schemas/ParkedHeaders"},
        "payload": {"description": "The body as it came, whatever it is."},
    }


def _message(name: str, schema: Json, headers: str) -> Json:
    return {
        "name": name,
        "title": name,
        "summary": schema["description"],
        "contentType": JSON_CONTENT_TYPE,
        "headers": {"$ref": f"#/components/schemas/{headers}"},
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }


def _binding(name: str) -> Json:
    return {"amqp": {"messageType": name, "bindingVersion": BINDING_VERSION}}


def _headers(description: str, properties: Json) -> Json:
    return {"type": "object", "description": description, "properties": properties}


def _property(amqp: str, description: str, **more: Any) -> Json:
    return {
        "type": "string",
        "description": f"The AMQP property `{amqp}`. {description}",
        "x-doclink-amqp-property": amqp,
        **more,
    }


def _text(description: str) -> Json:
    return {"type": "string", "description": description}


def _time(description: str) -> Json:
    return {"type": "string", "format": "date-time", "description": description}
