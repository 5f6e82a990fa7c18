"""Effects: what commands have left in the databases, and the events that must follow from it.

All ids of events are derived here from the command's, as the design says (`shared.ids`), and not
from what was heard.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from shared.ids import derive

Record = dict[str, Any]
ANNOUNCED = frozenset(
    {
        *("document.registered", "document.updated", "entity.upserted"),
        *("link.created", "link.deleted", "link_type.defined"),
    }
)
"""The types of the events that these effects have."""


@dataclass(frozen=True)
class Heard:
    """An event as a subscriber sees it, as far as it must always be the same.

    `version` is that of the record; None in events that are about none.
    """

    id: str
    type: str
    subject: str
    version: int | None


@dataclass(frozen=True)
class Effect:
    """What one command has done.

    Attributes:
        command: The command's type.
        id: The id of the record.
        key: What may exist only once.
        cause: The ULID of the command.
        events: What must be announced.
        times: How often it was done, as far as the record tells.
    """

    command: str
    id: str
    key: str
    cause: str
    events: tuple[Heard, ...]
    times: int = 1


def ulid(an_id: str) -> str:
    """What a command's id and all those derived from it have in common."""
    return an_id.rpartition("_")[2]


def of_documents(records: Iterable[Record]) -> list[Effect]:
    """From the registry: registrations, and changes of the name."""
    effects = []
    for record in records:
        changes = record["changes"]
        path, first = (
            record["storage_path"],
            Heard(derive("evt", record["id"]), "document.registered", record["id"], 1),
        )
        # Each change is remembered, and each has made one version.
        surplus = record["version"] - 1 - len(changes)
        effects.append(
            Effect(
                command="document.register",
                id=record["id"],
                key=path,
                cause=ulid(record["id"]),
                events=(first,),
                times=1 + surplus,
            )
        )
        for change in changes:
            document, cause = change["document"], change["command_id"]
            event = Heard(
                derive("evt", cause), "document.updated", record["id"], document["version"]
            )
            key = named(record["id"], document["name"])
            effects.append(Effect("document.update", record["id"], key, ulid(cause), (event,)))
    return effects


def of_entities(records: Iterable[Record]) -> list[Effect]:
    """From the directory: each version of an entity is one upsert's."""
    effects = []
    for record in records:
        for change in record["changes"]:
            entity, cause = change["record"], change["command_id"]
            event = Heard(
                derive("evt", cause), "entity.upserted", entity["entity_id"], entity["version"]
            )
            named_so = named(entity["entity_id"], entity["name"])
            # Each CRM has entities of its own, and their numbers may be the same.
            key = f"{entity['provider']}:{named_so}"
            effects.append(Effect("entity.upsert", named_so, key, ulid(cause), (event,)))
        surplus = record["record"]["version"] - len(record["changes"])
        if surplus:
            effects.append(replace(effects.pop(), times=1 + surplus))
    return effects


def of_links(records: Iterable[Record]) -> list[Effect]:
    """From the link service: links made, and links removed."""
    effects = []
    for record in records:
        link, cause = record["id"], ulid(record["id"])
        end = record["provider"] if record["kind"] == "crm" else record["entity_id"]
        key = link_key(record["document_id"], end)
        made = Heard(derive("evt", link), "link.created", link, 1)
        effects.append(Effect("link.create", link, key, cause, (made,)))
        if "deleted_by" in record:
            by = record["deleted_by"]
            gone = Heard(derive("evt", by), "link.deleted", link, record["version"])
            times = record["version"] - 1
            effects.append(Effect("link.delete", link, link, ulid(by), (gone,), times=times))
    return effects


def of_relations(changes: Iterable[Record], sets: Iterable[Record]) -> list[Effect]:
    """From the link service: each version of a set of relations is one replacement's.

    A change that has not been put in the place of the set has taken no effect.
    """
    versions = {each["source_id"]: each["version"] for each in sets}
    effects = []
    for change in changes:
        if change["version"] > versions.get(change["source_id"], 0):
            continue
        cause = change["cause"]
        added = [each for each in change["links"] if each["id"] in change["added"]]
        events = [
            Heard(derive("evt", cause, link["id"]), type_, link["id"], link["version"])
            for type_, links in (("link.created", added), ("link.deleted", change["removed"]))
            for link in links
        ]
        effects.append(Effect("relations.replace", cause, cause, ulid(cause), tuple(events)))
    return effects


def of_link_types(records: Iterable[Record]) -> list[Effect]:
    """From the link service: nothing but the command's id keeps these from being made twice."""
    return [
        Effect(
            "link_type.define",
            str(record["link_type_id"]),
            record["source_label"],
            ulid(record["command_id"]),
            (
                Heard(
                    derive("evt", record["command_id"]),
                    "link_type.defined",
                    str(record["link_type_id"]),
                    1,
                ),
            ),
        )
        for record in records
    ]


def named(record_id: str, name: str) -> str:
    """The key of a change: nobody gives the same record the same name twice."""
    return f"{record_id}#{name}"


def link_key(document_id: str, end: str) -> str:
    """The key of a link: a document is tied once to an entity, and once to a CRM."""
    return f"{document_id}:{end}"
