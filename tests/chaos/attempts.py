"""Attempts: what callers and publishers asked for, and what they were told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.chaos.journal import ANSWERED, BEGUN, CONFIRMED, Note

_FIRST_REFUSAL = 400


@dataclass
class Attempt:
    """One command, however often it was asked for.

    Attributes:
        number: Unique in a run.
        command: E.g. `link.create`.
        key: What may exist only once of what it makes.
        cause: The ULID of its command id; None over HTTP, where the ingress draws it.
        accepted: Whether it was confirmed, or answered with 2xx.
        ids: The ids of what it made, by all the answers.
        refusals: The answers with 4xx.
    """

    number: str
    command: str
    key: str
    cause: str | None = None
    accepted: bool = False
    ids: set[str] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)


class Attempts:
    """All attempts of one journal, as far as it has been read."""

    def __init__(self) -> None:
        self._by_number: dict[str, Attempt] = {}
        self.accepted = 0

    def read(self, notes: Iterable[Note]) -> None:
        """Go on with further notes, in the order in which they were written."""
        for note in notes:
            if note["what"] == BEGUN:
                attempt = Attempt(note["number"], note["command"], note["key"], note["cause"])
                self._by_number.setdefault(attempt.number, attempt)
            elif note["what"] == CONFIRMED:
                self._accept(self._by_number[note["number"]])
            elif note["what"] == ANSWERED:
                self._answer(self._by_number[note["number"]], note)

    def all(self) -> list[Attempt]:
        """Those that have begun."""
        return list(self._by_number.values())

    def _answer(self, attempt: Attempt, note: Note) -> None:
        if note["status"] >= _FIRST_REFUSAL:
            attempt.refusals.append(f"{note['status']} {note['text']}")
        else:
            self._accept(attempt)
            attempt.ids.add(note["id"])

    def _accept(self, attempt: Attempt) -> None:
        self.accepted += not attempt.accepted
        attempt.accepted = True
