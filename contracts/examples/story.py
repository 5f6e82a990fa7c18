"""The story that all examples tell: who, when, and how a message is made of it."""

from typing import Any, Final

Json = dict[str, Any]

WORKSPACE: Final = "ws_123"
ACTOR: Final = "usr_01HW0"
_TRACEPARENT: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

# For each step of the story: the ULID of its command, and its time.
KEY_MADE: Final = ("01KPDAP8M0PB4425BS0C275JAQ", "2026-04-17T09:00:00Z")
WEBHOOK_MADE: Final = ("01KPDFV220447ZMG0QN3Y0WEMA", "2026-04-17T10:30:00Z")
REGISTERED: Final = ("01KPDGPGZ0FR6EE8C476CABEY1", "2026-04-17T10:45:00Z")
DEAL_MADE: Final = ("01KPDGZNY04B9C8RXT8BH6DGJM", "2026-04-17T10:50:00Z")
CONNECTED: Final = ("01KPDH3B4057ASNJY1N8CYC681", "2026-04-17T10:52:00Z")
LINKED: Final = ("01KPDH8TX0YXERHE0KS4V300SF", "2026-04-17T10:55:00Z")
LATER: Final = ("01KPDHHZW0MV411E5SF9ZKWWWS", "2026-04-17T11:00:00Z")
UPDATED: Final = ("01KPDHV4V0MVT348R4PYZDJSNQ", "2026-04-17T11:05:00Z")
TYPE_DEFINED: Final = ("01KPDJ7Z00CXWA8XP8W9C58PA3", "2026-04-17T11:12:00Z")
RELATED: Final = ("01KPDJDES0NSA5Q0RBNRC445V0", "2026-04-17T11:15:00Z")
UNLINKED: Final = ("01KPDJPKR0YGVG2ERKH3WX7M39", "2026-04-17T11:20:00Z")
DELETED: Final = ("01KPDK8XP0BR63R7DVXRVAJFFG", "2026-04-17T11:30:00Z")

DOCUMENT_ID: Final = f"doc_{REGISTERED[0]}"
LINK_ID: Final = f"dlnk_{LINKED[0]}"
CONTACT_ID: Final = "123e4567-e89b-12d3-a456-426614174000"
DEAL_REF: Final[Json] = {"entity_type": "deal", "entity_id": "deal_01HY1"}


def query(step: tuple[str, str], **payload: Any) -> Json:
    """A query of this step."""
    ulid, at = step
    return {
        "command_id": f"cmd_{ulid}",
        "workspace_id": WORKSPACE,
        "actor": ACTOR,
        "issued_at": at,
        **payload,
    }


def command(step: tuple[str, str], **payload: Any) -> Json:
    """A command of this step."""
    return query(step, idempotency_key=f"retry-{step[0][-6:]}", **payload)


def of_no_workspace(request: Json) -> Json:
    """The query without the workspace it cannot know."""
    return {name: value for name, value in request.items() if name not in {"workspace_id", "actor"}}


def event(step: tuple[str, str], service: str, subject: str, data: Json) -> Json:
    """All of the envelope but `type`, which is the key in `EXAMPLES`; events leave out nulls."""
    ulid, at = step
    return {
        "specversion": "1.0",
        "id": f"evt_{ulid}",
        "source": f"/workspaces/{WORKSPACE}/{service}",
        "subject": subject,
        "time": at,
        "datacontenttype": "application/json",
        "workspaceid": WORKSPACE,
        "traceparent": _TRACEPARENT,
        "data": {name: value for name, value in data.items() if value is not None},
    }


def one_of_several(step: tuple[str, str], ulid: str) -> tuple[str, str]:
    """The step under a ULID of its own: one cause with several consequences of a kind."""
    return ulid, step[1]
