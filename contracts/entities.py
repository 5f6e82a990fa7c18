"""Entities: CRM records, known by provider, type and id."""

from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.fields import (
    DisplayName,
    EntityTypeName,
    Provider,
    RecordId,
    Timestamp,
    Version,
    WorkspaceEntityType,
    WorkspaceId,
)
from contracts.messages import Command, EventData, Query, Result

WORKSPACE_PROVIDER = "workspace"
"""The provider of the workspace's own directory."""

DOCUMENT_PROVIDER = "doclink"
"""The provider of documents and folders, where a link's target is one of them."""

WORKSPACE_ENTITY_TYPES: tuple[str, ...] = get_args(WorkspaceEntityType)


KNOWN_TYPE_RULE: dict[str, Any] = {
    "if": {"properties": {"provider": {"const": WORKSPACE_PROVIDER}}},
    "then": {"properties": {"entity_type": {"enum": list(WORKSPACE_ENTITY_TYPES)}}},
}
"""`EntityRef._known_type` in JSON Schema, where a validator of ours does not show."""


class EntityKey(BaseModel):
    """Names one entity where its provider is known already."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    entity_type: EntityTypeName
    entity_id: RecordId


class ParentEntity(EntityKey):
    """The entity that another one belongs to, as the directory holds it."""

    model_config = ConfigDict(extra="ignore", strict=False)


class EntityRef(BaseModel):
    """Names one entity; the workspace's own directory has six types (LeadLex)."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, json_schema_extra=KNOWN_TYPE_RULE
    )

    provider: Provider = WORKSPACE_PROVIDER
    entity_type: EntityTypeName
    entity_id: RecordId

    @property
    def key(self) -> str:
        """The entity's name within its workspace: `provider:type:id`."""
        return f"{self.provider}:{self.entity_type}:{self.entity_id}"

    @model_validator(mode="after")
    def _known_type(self) -> Self:
        if self.provider == WORKSPACE_PROVIDER and self.entity_type not in WORKSPACE_ENTITY_TYPES:
            raise ValueError(
                f"entity_type must be one of {', '.join(WORKSPACE_ENTITY_TYPES)}"
                " for the provider workspace"
            )
        if self.provider == DOCUMENT_PROVIDER:
            raise ValueError("provider doclink stands for documents, which are no entities")
        return self


class Entity(BaseModel):
    """An entity as the directory holds it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    workspace_id: WorkspaceId
    provider: Provider
    entity_type: EntityTypeName
    entity_id: RecordId
    name: str | None = None
    parent: ParentEntity | None = None
    created_at: Timestamp
    updated_at: Timestamp
    version: Version


class EntityUpsert(EntityRef, Command):
    """`entity.upsert`: record an entity, or change what is known of it.

    `parent` is the entity of the same provider that this one belongs to; it need not be known yet.
    """

    type: ClassVar[str] = "entity.upsert"

    name: DisplayName | None = None
    parent: EntityKey | None = None


class EntityDelete(EntityRef, Command):
    """`entity.delete`: forget an entity; its links go with it."""

    type: ClassVar[str] = "entity.delete"


class EntityGet(EntityRef, Query):
    """`entity.get`: read one entity; refused as `not_found` when it does not exist.

    Refused as `not_connected` when the workspace has no connection to the provider.
    """

    type: ClassVar[str] = "entity.get"


class EntityChildren(EntityRef, Query):
    """`entity.children`: the entities below one, each after its parent; at most 1,000."""

    type: ClassVar[str] = "entity.children"


class EntityUpsertResult(Result):
    """The reply to `entity.upsert`; `created` is false for an entity that existed."""

    entity: Entity
    created: bool


class EntityResult(Result):
    """The reply to `entity.get` and `entity.delete`."""

    entity: Entity


class EntityChildrenResult(Result):
    """The reply to `entity.children`."""

    children: list[Entity]


class EntityUpserted(Entity, EventData):
    """`entity.upserted`: an entity is new or has changed."""

    type: ClassVar[str] = "entity.upserted"


class EntityDeleted(Entity, EventData):
    """`entity.deleted`: an entity is gone."""

    type: ClassVar[str] = "entity.deleted"

    deleted_at: Annotated[Timestamp, Field(description="When the deletion took effect.")]
