"""Parked messages as operators are shown them, on the command line and over HTTP alike."""

import base64
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from contracts.catalogue import Service
from shared.bus.parked import Parked


class ParkedFacts(BaseModel):
    """What is known of a parked message; empty where nobody has said it."""

    id: str = Field(description="Its message id; for one without, a digest of its body")
    service: Service
    type: str
    reason: str
    error: str
    attempts: int | None
    first_failed_at: datetime | None
    parked_at: datetime | None
    exchange: str = Field(description="By which it first came")
    queue: str = Field(description="Whose consumer could not handle it")
    can_go_back: bool = Field(description="Whether it is known where it came from")
    size_bytes: int

    @classmethod
    def of(cls, parked: Parked) -> Self:
        """The facts of this one; nothing of the message itself is kept."""
        return cls.model_validate(
            {name: getattr(parked, name) for name in _SAME} | {"size_bytes": len(parked.raw.body)}
        )


class ParkedWhole(BaseModel):
    """A parked message with all that came with it: its body as text, else in base 64."""

    facts: ParkedFacts
    headers: dict[str, str | int]
    content_type: str | None
    correlation_id: str | None
    body: str | None
    body_base64: str | None

    @classmethod
    def of(cls, parked: Parked) -> Self:
        """The whole of this one."""
        raw = parked.raw
        text = _decoded(raw.body)
        encoded = None if text is not None else base64.b64encode(raw.body).decode()
        return cls(
            facts=ParkedFacts.of(parked),
            headers={name: _plain(value) for name, value in raw.headers.items()},
            content_type=raw.content_type,
            correlation_id=raw.correlation_id,
            body=text,
            body_base64=encoded,
        )


_SAME = tuple(name for name in ParkedFacts.model_fields if name != "size_bytes")


def _decoded(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _plain(value: Any) -> str | int:
    return value if isinstance(value, str | int) else str(value)
