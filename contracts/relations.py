"""Relations: links between documents or folders, kept as one set for each source (Laserfiche)."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import EntryId, LinkProperties, LinkTypeId, RecordId
from contracts.link_types import LinkType
from contracts.links import Link
from contracts.messages import Command, Query, Result

MAX_RELATIONS = 5000
"""How many relations one source may have."""


class RelationWish(BaseModel):
    """One relation that a source is to have; target and type are unique in its set."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    target_id: RecordId
    link_type_id: LinkTypeId
    properties: LinkProperties | None = None


class RelationsReplace(Command):
    """`relations.replace`: give a document or folder this set of relations, and no others.

    Relations whose target and type stay keep their number; an empty set clears; the same set again
    changes nothing. Refused before anything changes: unknown targets (`not_found`), unknown types,
    duplicates and relations to itself (`validation_error`), each naming the position.
    """

    type: ClassVar[str] = "relations.replace"

    document_id: RecordId
    relations: Annotated[list[RelationWish], Field(max_length=MAX_RELATIONS)]


class RelationEnd(BaseModel):
    """A document or folder at one end of a relation."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    entry_id: EntryId
    name: str
    folder: str | None = None


class Relation(BaseModel):
    """A link between two documents, with what there is to know of both ends."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    link: Link
    source: RelationEnd
    target: RelationEnd
    link_type: LinkType


class RelationsReplaceResult(Result):
    """The reply to `relations.replace`: the source's whole set, in the order of the request."""

    relations: list[Relation]


class DocumentRelations(Query):
    """`document.relations`: relations from and to a document or folder, by number.

    `after` is the number of the last one that the caller has seen.
    """

    type: ClassVar[str] = "document.relations"

    document_id: RecordId
    after: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class DocumentRelationsResult(Result):
    """The reply to `document.relations`; `total` counts them all, whatever `after` is."""

    relations: list[Relation]
    total: int
