"""The comparison: what was promised, what is there, and what was heard of it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.topology import matches
from tests.chaos.attempts import Attempt
from tests.chaos.effects import ANNOUNCED, Effect, Heard

REFUSED = "command.refused"


@dataclass(frozen=True)
class Subscriber:
    """What one subscriber asked for, and got."""

    name: str
    pattern: str
    heard: Collection[Heard]


@dataclass(frozen=True)
class Findings:
    """What is wrong, each fault in words; all empty when nothing is."""

    effects_missing: list[str] = field(default_factory=list)
    effects_doubled: list[str] = field(default_factory=list)
    events_missing: list[str] = field(default_factory=list)
    events_wrong_id: list[str] = field(default_factory=list)
    refused_without_need: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not any(vars(self).values())


def compare(
    attempts: Sequence[Attempt], effects: Sequence[Effect], subscribers: Sequence[Subscriber]
) -> Findings:
    """All faults that journals, databases and events together show."""
    expected = {event for effect in effects for event in effect.events}
    return Findings(
        effects_missing=list(_missing(attempts, effects)),
        effects_doubled=[*_doubled(effects), *_answered_twice(attempts)],
        events_missing=[
            f"{each.name}: {event}"
            for each in subscribers
            for event in _wanted(each, expected) - set(each.heard)
        ],
        events_wrong_id=list(_wrong(subscribers, expected)),
        refused_without_need=[
            *(f"{each.command} {each.key}: {each.refusals}" for each in attempts if each.refusals),
            *(f"{REFUSED}: {command}" for command in _refused(subscribers)),
        ],
    )


def _missing(attempts: Iterable[Attempt], effects: Iterable[Effect]) -> Iterable[str]:
    """Over the queue the command's id tells its effect; over HTTP the answer does."""
    by_cause = {(effect.command, effect.cause) for effect in effects}
    by_id = {(effect.command, effect.id) for effect in effects}
    for attempt in attempts:
        if not attempt.accepted:
            continue
        if attempt.cause is not None:
            found = (attempt.command, attempt.cause) in by_cause
        else:
            found = all((attempt.command, each) in by_id for each in attempt.ids)
        if not found:
            yield f"{attempt.number} {attempt.command} {attempt.key} {sorted(attempt.ids)}"


def _doubled(effects: Iterable[Effect]) -> Iterable[str]:
    """One fault for each time too often, be it by key, by cause, or by the record's own count."""
    by_key: dict[tuple[str, str], list[Effect]] = defaultdict(list)
    for effect in effects:
        by_key[effect.command, effect.key].append(effect)
        if effect.times != 1:
            yield f"{effect.command} {effect.id}: {effect.times} times"
    for (command, key), twins in by_key.items():
        for twin in twins[1:]:
            yield f"{command} {key}: {twins[0].id} and {twin.id}"
    causes = Counter((effect.command, effect.cause) for effect in _one_a_key(by_key.values()))
    for (command, cause), count in causes.items():
        if count > 1:
            yield f"{command} by {cause}: {count} times"


def _one_a_key(groups: Iterable[list[Effect]]) -> Iterable[Effect]:
    """What is the same twice over counts once."""
    return (group[0] for group in groups)


def _answered_twice(attempts: Iterable[Attempt]) -> Iterable[str]:
    """The same idempotency key must always get the same record."""
    for attempt in attempts:
        if len(attempt.ids) > 1:
            yield f"{attempt.number} {attempt.command}: answered {sorted(attempt.ids)}"


def _wrong(subscribers: Iterable[Subscriber], expected: Collection[Heard]) -> Iterable[str]:
    """Events that no effect has: of nothing, under another id, or another event under the id."""
    wrong = {
        event
        for each in subscribers
        for event in each.heard
        if event.type in ANNOUNCED and event not in expected
    }
    return (str(event) for event in sorted(wrong, key=str))


def _refused(subscribers: Iterable[Subscriber]) -> list[str]:
    heard = {e.subject for each in subscribers for e in each.heard if e.type == REFUSED}
    return sorted(heard)


def _wanted(subscriber: Subscriber, expected: Iterable[Heard]) -> set[Heard]:
    return {event for event in expected if matches(subscriber.pattern, event.type)}


def counts(findings: Findings) -> Mapping[str, int]:
    """How many faults there are of each kind."""
    return {name: len(faults) for name, faults in vars(findings).items()}
