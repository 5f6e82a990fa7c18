"""Operations: the link of the story, as it would have been asked for by somebody who did not wait.

The other services are asked for the same command, which is not theirs: they know nothing of it.
"""

from contracts.examples.links import REPLIES
from contracts.examples.story import LATER, LINKED, Json, query

_COMMAND_ID = f"cmd_{LINKED[0]}"


def question() -> Json:
    """What came of `link.create`?"""
    return query(LATER, operation_id=_COMMAND_ID)


def answer(service: str) -> Json:
    """What this service knows of it."""
    known: Json = {
        "command_id": _COMMAND_ID,
        "command_type": "link.create",
        "status": "done",
        "result": REPLIES["link.create"]["result"],
        "refusal": None,
        "completed_at": LINKED[1],
    }
    return {"result": {"operation": known if service == "links" else None}}
