"""The workload: what there is to work with, and an endless row of commands that are all valid.

No two of them are in each other's way: each key is asked for once, by one party. So every refusal
is one without need, and a second record under a key is a fault.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.chaos.effects import link_key, named
from tests.support.workspace import PDF

CRM_LINK = "link.create, to a CRM"
"""A kind of its own: a second such link is refused, so a command must not run twice."""
CRM_DEAL = {"entity_type": "deal", "entity_id": "134"}

CHANGES_EACH = 15
"""How often a record is changed at most: the services remember 20 changes of each."""


@dataclass(frozen=True)
class World:
    """What was made before anything is killed, and is known to all services.

    Attributes:
        documents: To be linked, and to be targets of relations.
        entities: Contacts to be linked.
        links: Links to be removed over the queue, each with its document.
        sources: Documents that get sets of relations, and new names.
        crms: Those that the workspace is connected to, each with the deal `CRM_DEAL`.
    """

    workspace_id: str
    documents: list[str]
    entities: list[str]
    links: list[tuple[str, str]]
    sources: list[str]
    crms: list[str]


@dataclass(frozen=True)
class Wish:
    """A command, as both a message and an HTTP request.

    Attributes:
        command: Its type.
        key: What may exist once of what it makes.
        payload: The message, without what every message has.
        method: Of the request.
        path: Of the request; empty where there is none of this kind.
        body: Of the request.
        id_at: Where the answer has the record's id; nowhere: it is `key`.
    """

    command: str
    key: str
    payload: dict[str, Any]
    method: str = "POST"
    path: str = ""
    body: dict[str, Any] | None = None
    id_at: tuple[str, ...] = ()


class Workload:
    """The wishes of one party.

    Args:
        world: What there is.
        party: Its name, unique in a run.
        share: Which of the parties it is, and how many there are: each has its own part of
            all that can be used up.
        seed: Decides what comes after what.
    """

    def __init__(self, world: World, party: str, share: tuple[int, int], seed: int) -> None:
        self._world = world
        self._party = party
        self._random = Random(f"{seed} {party}")
        self._numbers = itertools.count(1)
        first, parties = share
        self._pairs = itertools.count(first, parties)
        self._crm_links = iter(self._documents_and_crms()[first::parties])
        self._unlinkable = iter(world.links[first::parties])
        self._changeable = iter(list(self._changes(world.sources[first::parties])))
        self._makers: dict[str, Callable[[], Wish | None]] = {
            "document.register": self._document,
            "document.update": self._renaming,
            "entity.upsert": self._entity,
            "link.create": self._link,
            CRM_LINK: self._crm_link,
            "link.delete": self._unlinking,
            "link_type.define": self._link_type,
            "relations.replace": self._relations,
        }
        self.made: list[tuple[str, str]] = []
        """Links that the party knows to be there, and their documents: it may remove them."""

    def wishes(self, kinds: dict[str, int]) -> Iterator[Wish]:
        """Commands of these kinds, each as often as its weight says."""
        while True:
            [kind] = self._random.choices(list(kinds), list(kinds.values()))
            wish = self.wish(kind)
            # What is used up gives way to what is not.
            yield wish if wish is not None else self._link()

    def wish(self, kind: str) -> Wish | None:
        """One more command of a kind; None if there is nothing left for it."""
        return self._makers[kind]()

    def _name(self) -> str:
        return f"{self._party}-{next(self._numbers)}"

    def _document(self) -> Wish:
        path = f"workspaces/{self._world.workspace_id}/{self._name()}.pdf"
        body = {**PDF, "storage_path": path}
        return Wish(
            "document.register", path, body, path="/v1/documents", body=body, id_at=("data", "id")
        )

    def _entity(self) -> Wish:
        entity, name = f"contact_{self._name()}", "Ada"
        return Wish(
            "entity.upsert",
            named(entity, name),
            {"entity_type": "contact", "entity_id": entity, "name": name},
            method="PUT",
            path=f"/v1/entities/contact/{entity}",
            body={"name": name},
        )

    def _link(self) -> Wish:
        number = next(self._pairs)
        world = self._world
        document = world.documents[number % len(world.documents)]
        # Row by row through the table of entities and documents: no pair comes twice.
        row = number // len(world.documents)
        if row >= len(world.entities):
            raise RuntimeError("All pairs of documents and entities are used up")
        entity = world.entities[row]
        body = {"entity_type": "contact", "entity_id": entity}
        return Wish(
            "link.create",
            link_key(document, entity),
            {"document_id": document, **body},
            path=f"/v1/documents/{document}/link",
            body=body,
            id_at=("data", "link_id"),
        )

    def _crm_link(self) -> Wish | None:
        document, crm = next(self._crm_links, (None, None))
        if document is None:
            return None
        body = {"provider": crm, **CRM_DEAL}
        return Wish(
            "link.create",
            link_key(document, str(crm)),
            {"document_id": document, "kind": "crm", **body},
            path=f"/public/v1/documents/{document}/linked-objects",
            body=body,
            id_at=("id",),
        )

    def _unlinking(self) -> Wish | None:
        link, document = self.made.pop() if self.made else next(self._unlinkable, (None, None))
        if link is None:
            return None
        return Wish(
            "link.delete",
            link,
            {"document_id": document, "link_id": link},
            method="DELETE",
            path=f"/v1/documents/{document}/link/{link}",
        )

    def _relations(self) -> Wish:
        source = self._random.choice(self._world.sources)
        targets = self._random.sample(self._world.documents, 2)
        wanted = [{"target_id": each, "link_type_id": 1} for each in targets]
        payload = {"document_id": source, "relations": wanted}
        return Wish("relations.replace", self._name(), payload)

    def _link_type(self) -> Wish:
        label = self._name()
        return Wish("link_type.define", label, {"source_label": label, "target_label": "Of"})

    def _renaming(self) -> Wish | None:
        found = next(self._changeable, None)
        if found is None:
            return None
        document, name = found
        return Wish(
            "document.update",
            named(document, name),
            {"document_id": document, "name": name},
            method="PATCH",
            path=f"/v1/documents/{document}",
            body={"name": name},
            id_at=("data", "id"),
        )

    def _documents_and_crms(self) -> list[tuple[str, str]]:
        return [(document, crm) for crm in self._world.crms for document in self._world.documents]

    def _changes(self, documents: list[str]) -> Iterator[tuple[str, str]]:
        for change in range(CHANGES_EACH):
            for document in documents:
                yield document, f"{self._party}-{change}.pdf"
