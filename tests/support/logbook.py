"""What a service has noted in its log: the one sign of an event that was handled in silence."""

import json

from contracts.catalogue import Service
from deploy.local.stack import Stack
from shared.bus.consumer import SUSPECT_AFTER


def times_handled(stack: Stack, service: Service, message_id: str) -> int:
    """How often the service has handled and acknowledged the message."""
    log = stack.infrastructure.folder.log / f"{service}.log"
    lines = [line for line in log.read_text().splitlines() if message_id in line]
    notes = [json.loads(line) for line in lines if line.startswith("{")]
    return sum(
        note.get("message_id") == message_id and note["event"] == "message.handled"
        for note in notes
    )


def returned(stack: Stack) -> dict[str, int]:
    """The messages that came back unsettled to their queue before they were handled: how often."""
    found: dict[str, int] = {}
    for log in stack.infrastructure.folder.log.glob("*.log"):
        for line in log.read_text().splitlines():
            if '"returned": ' in line or '"message.isolated"' in line:
                note = json.loads(line)
                times = note.get("returned", SUSPECT_AFTER)
                found[note["message_id"]] = max(times, found.get(note["message_id"], 0))
    return found


def times_noted(stack: Stack, service: Service, event: str) -> int:
    """How often an event stands in the service's log."""
    text = (stack.infrastructure.folder.log / f"{service}.log").read_text()
    return text.count(f'"event": "{event}"')
