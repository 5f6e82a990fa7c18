"""Journals: what each party of a run has seen, one JSON line for each fact, never changed."""

import json
import time
from pathlib import Path
from typing import Any

Note = dict[str, Any]
BEGUN = "begun"
"""A command is about to be asked for."""
CONFIRMED = "confirmed"
"""The broker has confirmed it."""
ANSWERED = "answered"
"""HTTP has answered 2xx or 4xx."""
UNKNOWN = "unknown"
"""No answer, or a 5xx: it may have taken effect or not."""
HEARD = "heard"
"""A subscriber has an event in its hands, and has not acknowledged it yet."""


class Journal:
    """An append-only file; a fact is with the operating system before its party goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")

    def note(self, what: str, **facts: Any) -> None:
        """Write one fact down."""
        self._file.write(json.dumps({"what": what, "at": time.time(), **facts}) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Nothing more is to come."""
        self._file.close()


class Reader:
    """Reads a journal while it is being written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def news(self) -> list[Note]:
        """What has been written since the last call, whole lines only."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [json.loads(line) for line in whole.splitlines()]
