"""What a service has noted in its log: the one sign of an event that was handled in silence."""

import json

from contracts.catalogue import Service
from deploy.local.stack import Stack


def times_handled(stack: Stack, service: Service, message_id: str) -> int:
    """How often the service has handled and acknowledged the message."""
    log = stack.infrastructure.folder.log / f"{service}.log"
    lines = [line for line in log.read_text().splitlines() if message_id in line]
    notes = [json.loads(line) for line in lines if line.startswith("{")]
    return sum(
        note.get("message_id") == message_id and note["event"] == "message.handled"
        for note in notes
    )


def times_noted(stack: Stack, service: Service, event: str) -> int:
    """How often an event stands in the service's log."""
    text = (stack.infrastructure.folder.log / f"{service}.log").read_text()
    return text.count(f'"event": "{event}"')
