"""The bodies about entities and about connections to CRMs; both are ours, LeadLex has none."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.connections import Connection, ConnectionListResult
from contracts.entities import Entity, EntityKey
from contracts.fields import DisplayName, RecordId, WorkspaceEntityType
from services.ingress.times import WholeSeconds

_PARENT: dict[str, Any] = {"entity_type": "company", "entity_id": "company_01HY1"}
_CRM_PARENT: dict[str, Any] = {"entity_type": "organization", "entity_id": "77"}
_BELONGS_TO = "The entity of the same directory that this one belongs to."


class Parent(BaseModel):
    """An entity of the workspace's own directory."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entity_type: WorkspaceEntityType
    entity_id: RecordId


class PutEntity(BaseModel):
    """The body of `PUT /v1/entities/{entity_type}/{entity_id}`."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"name": "Ada Lovelace", "parent": _PARENT}]},
    )

    name: DisplayName | None = None
    parent: Parent | None = Field(None, description=_BELONGS_TO)


class PutCrmEntity(BaseModel):
    """The body of `PUT /v1/connections/{provider}/entities/{entity_type}/{entity_id}`."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"name": "Acme renewal", "parent": _CRM_PARENT}]},
    )

    name: DisplayName | None = None
    parent: EntityKey | None = Field(None, description=_BELONGS_TO)


class ParentBody(BaseModel):
    """The entity that another one belongs to."""

    entity_type: str
    entity_id: str


class EntityBody(BaseModel):
    """An entity of the workspace's own directory, or of a CRM's."""

    provider: str = Field(examples=["workspace"])
    entity_type: str
    entity_id: str
    name: str | None
    parent: ParentBody | None
    created_at: WholeSeconds
    updated_at: WholeSeconds

    @classmethod
    def of(cls, entity: Entity) -> Self:
        """An entity as this API shows it."""
        return cls(**entity.model_dump(include=set(cls.model_fields)))


class EntityEnvelope(BaseModel):
    """`{"data": entity}`."""

    data: EntityBody


class ConnectionBody(BaseModel):
    """A CRM that the workspace works with."""

    provider: str = Field(examples=["pipedrive"])
    created_by: str | None
    created_at: WholeSeconds

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """A connection as this API shows it."""
        return cls(**connection.model_dump(include=set(cls.model_fields)))


class ConnectionEnvelope(BaseModel):
    """`{"data": connection}`."""

    data: ConnectionBody


class Connections(BaseModel):
    """All connections of the workspace, by provider."""

    connections: list[ConnectionBody]


class ConnectionsEnvelope(BaseModel):
    """`{"data": {"connections": [...]}}`."""

    data: Connections

    @classmethod
    def of(cls, result: ConnectionListResult) -> Self:
        """A workspace's connections as this API shows them."""
        listed = [ConnectionBody.of(each) for each in result.connections]
        return cls(data=Connections(connections=listed))
