"""One valid example of every message, by the name of its schema.

They tell one story, with the values of the LeadLex documentation: a contract is registered,
linked to a deal, listed, and deleted. Ids are derived as in production: the record and the event
that follow from a command carry the command's ULID.
"""

from typing import Final, get_args

from contracts.catalogue import Service
from contracts.examples import api_keys, documents, entities, links, operations, webhooks
from contracts.examples.story import (
    ACTOR,
    DOCUMENT_ID,
    LATER,
    LINKED,
    WORKSPACE,
    Json,
    event,
    of_no_workspace,
    one_of_several,
    query,
)
from contracts.topology import queues_of

_PARTS: Final = (documents, links, entities, api_keys, webhooks)
_SERVICES: Final[tuple[Service, ...]] = get_args(Service)
_KINDS: Final = ("commands", "events", "queries")

_REFUSAL: Final[Json] = {
    "code": "not_found",
    "message": f"There is no document {DOCUMENT_ID} in this workspace.",
    "fields": None,
}
_REFUSED: Final[Json] = {
    "command_id": f"cmd_{LINKED[0]}",
    "command_type": "link.create",
    "workspace_id": WORKSPACE,
    "actor": ACTOR,
    "refusal": {"code": _REFUSAL["code"], "message": _REFUSAL["message"]},
}


def _health(service: Service) -> Json:
    queues = {queue.name for queue in queues_of(service)}
    names = [f"doclink.{service}.{kind}" for kind in _KINDS]
    attached = {name: True for name in names if name in queues}
    return {"consumers": attached, "database": True, "waits_for": []}


_REQUESTS: Final[dict[str, Json]] = {
    **{name: each for part in _PARTS for name, each in part.REQUESTS.items()},
    **{f"{service}.health": of_no_workspace(query(LATER)) for service in _SERVICES},
    **{f"{service}.operation": operations.question() for service in _SERVICES},
}
_REPLIES: Final[dict[str, Json]] = {
    **{name: each for part in _PARTS for name, each in part.REPLIES.items()},
    **{f"{service}.health": {"result": _health(service)} for service in _SERVICES},
    **{f"{service}.operation": operations.answer(service) for service in _SERVICES},
}
_EVENTS: Final[dict[str, Json]] = {
    **{name: each for part in _PARTS for name, each in part.EVENTS.items()},
    "command.refused": event(
        # One command may be refused, and take effect when it is sent again.
        one_of_several(LINKED, "01KPDH8TX0FVVX4G9HQP4WPTWG"),
        "links",
        f"cmd_{LINKED[0]}",
        _REFUSED,
    ),
}

REFUSED_REPLY: Final[Json] = {"refusal": _REFUSAL}
"""What any request may be answered with instead of its result."""

EXAMPLES: Final[dict[str, Json]] = {
    **_REQUESTS,
    **{f"{name}.reply": reply for name, reply in _REPLIES.items()},
    **{name: {**each, "type": name} for name, each in _EVENTS.items()},
    "refusal": _REFUSAL,
}
"""The examples by schema name: `link.create`, `link.create.reply`, `link.created`, `refusal`."""
