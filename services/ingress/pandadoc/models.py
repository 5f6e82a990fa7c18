"""PandaDoc's bodies, field for field as its OpenAPI document has them (version 8.8.0)."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from contracts.entities import Entity
from contracts.fields import CrmProvider, EntityTypeName, RecordId
from contracts.links import Link, LinkedDocument
from shared.ids import derive

Time = Annotated[
    datetime,
    PlainSerializer(lambda time: time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), return_type=str),
]
"""UTC in microseconds, as in all of PandaDoc's examples."""


class LinkedObjectCreateRequest(BaseModel):
    """The body of `POST .../linked-objects`; members that it does not name are passed over."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [{"provider": "pipedrive", "entity_type": "deal", "entity_id": "134"}]
        },
    )

    provider: CrmProvider
    entity_type: EntityTypeName
    entity_id: RecordId


class LinkedObjectChild(BaseModel):
    """An entity below the linked one."""

    id: str
    entity_type: str = Field(examples=["deal"])
    entity_id: str = Field(examples=["9372"])

    @classmethod
    def of(cls, link_id: str, entity: Entity) -> Self:
        """The entity under an id of its own, which is the same whenever the link is read."""
        child = derive("dlnk", link_id, entity.entity_type, entity.entity_id)
        return cls(id=child, entity_type=entity.entity_type, entity_id=entity.entity_id)


class LinkedObject(BaseModel):
    """A link of a document to a record of a CRM; `children` are the entities below that one."""

    id: str = Field(examples=["dlnk_01HY1"])
    provider: str = Field(examples=["pipedrive"])
    entity_type: str = Field(examples=["deal"])
    entity_id: str = Field(examples=["134"])
    children: list[LinkedObjectChild]

    @classmethod
    def of(cls, link: Link, below: list[Entity]) -> Self:
        """A link as PandaDoc shows it."""
        return cls(
            id=link.id,
            provider=link.provider,
            entity_type=link.entity_type,
            entity_id=link.entity_id,
            children=[LinkedObjectChild.of(link.id, entity) for entity in below],
        )


class LinkedObjectList(BaseModel):
    """`{"linked_objects": [...]}`."""

    linked_objects: list[LinkedObject]


class DocumentBody(BaseModel):
    """A document that is linked to an entity.

    Our documents have neither a signing status nor a template: they are as PandaDoc's drafts.
    """

    id: str = Field(examples=["doc_01HY1"])
    status: str = Field(default="document.draft", examples=["document.draft"])
    date_created: Time
    template_id: str | None = None

    @classmethod
    def of(cls, document: LinkedDocument) -> Self:
        """A document as PandaDoc shows it."""
        return cls(id=document.id, date_created=document.created_at)
