"""The relations of one source as a set, and its changes, as pure decisions.

A set is replaced whole, so that a reader sees one of the sets that were asked for and never a
mixture. Each change is kept under the set's next version: whoever stores it owns that version.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contracts.entities import DOCUMENT_PROVIDER
from contracts.entries import Entry
from contracts.links import Link, LinkDeleted
from contracts.relations import RelationsReplace, RelationWish
from shared.ids import derive


@dataclass(frozen=True)
class LinkSet:
    """All relations from one document or folder; version 0 is the empty set of the beginning."""

    workspace_id: str
    source_id: str
    version: int = 0
    links: list[Link] = field(default_factory=list)

    def to(self, target_id: str) -> list[Link]:
        """The relations to one target."""
        return [link for link in self.links if link.entity_id == target_id]


@dataclass(frozen=True)
class Change:
    """What one cause, a command or an event, made of a set.

    Attributes:
        after: The set as it became, under its new version.
        added: The ids of those relations in it that are new.
        removed: The relations that are no longer in it.
    """

    cause: str
    at: datetime
    after: LinkSet
    added: frozenset[str]
    removed: list[LinkDeleted]

    @property
    def created(self) -> list[Link]:
        """The relations that are new."""
        return [link for link in self.after.links if link.id in self.added]


def key_of(relation: Link | RelationWish) -> tuple[str, int | None]:
    """What may stand once in a set: target and type."""
    target = relation.entity_id if isinstance(relation, Link) else relation.target_id
    return target, relation.link_type_id


def broken_rules(command: RelationsReplace, types: AbstractSet[int]) -> dict[str, str]:
    """What is wrong with the wanted set in itself: the path of each field, and its rule."""
    broken: dict[str, str] = {}
    first: dict[tuple[str, int | None], int] = {}
    for position, wish in enumerate(command.relations):
        path = f"relations.{position}"
        twin = first.setdefault(key_of(wish), position)
        if wish.target_id == command.document_id:
            broken[f"{path}.target_id"] = "must not be the source itself"
        elif wish.link_type_id not in types:
            broken[f"{path}.link_type_id"] = "no such link type"
        elif twin != position:
            broken[path] = f"is the same as relations.{twin}: target and type must be unique"
    return broken


def unnumbered(before: LinkSet, command: RelationsReplace) -> int:
    """How many numbers the command needs: relations whose target and type stay keep theirs."""
    return len(
        {key_of(wish) for wish in command.relations} - {key_of(link) for link in before.links}
    )


def replaced(
    before: LinkSet,
    command: RelationsReplace,
    targets: dict[str, Entry],
    *,
    numbers: range,
    at: datetime,
) -> Change:
    """The set as the command wants it, in the command's order.

    A relation whose properties alone differ is another one under the same number: links have no
    event for a change, and one removed and one made tell all there is to tell.
    """
    held = {key_of(link): link for link in before.links}
    fresh = iter(numbers)
    after: list[Link] = []
    for wish in command.relations:
        link = held.get(key_of(wish))
        if link is None or link.properties != (wish.properties or None):
            number = next(fresh) if link is None else link.link_number
            link = _relation(command, wish, targets[wish.target_id], number, at)
        after.append(link)
    return changed(before, after, cause=command.command_id, reason="replaced", at=at)


def without(before: LinkSet, gone_id: str, *, cause: str, at: datetime) -> Change | None:
    """The set after the end of a document: its source, or a target; None if nothing is to go."""
    is_source = before.source_id == gone_id
    left = [link for link in before.links if not is_source and link.entity_id != gone_id]
    if len(left) == len(before.links):
        return None
    return changed(before, left, cause=cause, reason="document_deleted", at=at)


def changed(
    before: LinkSet,
    links: list[Link],
    *,
    cause: str,
    reason: Literal["replaced", "document_deleted"],
    at: datetime,
) -> Change:
    """The change from a set to these relations, perhaps the same."""
    ids_before = {link.id for link in before.links}
    ids_after = {link.id for link in links}
    return Change(
        cause=cause,
        at=at,
        after=LinkSet(before.workspace_id, before.source_id, before.version + 1, links),
        added=frozenset(ids_after - ids_before),
        removed=[_removed(link, reason, at) for link in before.links if link.id not in ids_after],
    )


def _relation(
    command: RelationsReplace,
    wish: RelationWish,
    target: Entry,
    number: int | None,
    at: datetime,
) -> Link:
    return Link(
        id=derive("dlnk", command.command_id, wish.target_id, str(wish.link_type_id)),
        workspace_id=command.workspace_id,
        kind="relation",
        document_id=command.document_id,
        provider=DOCUMENT_PROVIDER,
        entity_type=target.kind,
        entity_id=wish.target_id,
        link_number=number,
        link_type_id=wish.link_type_id,
        properties=wish.properties or None,
        created_by=command.actor,
        created_at=at,
        version=1,
    )


def _removed(
    link: Link, reason: Literal["replaced", "document_deleted"], at: datetime
) -> LinkDeleted:
    after = link.model_dump() | {"version": link.version + 1}
    return LinkDeleted(**after, reason=reason, deleted_at=at)
