"""Connections: which CRMs a workspace works with."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.fields import CrmProvider, Timestamp, Version, WorkspaceId
from contracts.messages import Command, EventData, Query, Result


class Connection(BaseModel):
    """A workspace's connection to one CRM; there is at most one for each provider."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    workspace_id: WorkspaceId
    provider: str
    created_by: str | None = None
    created_at: Timestamp
    version: Version


class ConnectionCreate(Command):
    """`connection.create`: let documents be linked to records of this CRM.

    A connection that exists is returned as it is.
    """

    type: ClassVar[str] = "connection.create"

    provider: CrmProvider


class ConnectionDelete(Command):
    """`connection.delete`: make no more links to this CRM; those that exist stay."""

    type: ClassVar[str] = "connection.delete"

    provider: CrmProvider


class ConnectionCreateResult(Result):
    """The reply to `connection.create`; `created` is false for one that existed."""

    connection: Connection
    created: bool


class ConnectionResult(Result):
    """The reply to `connection.delete`."""

    connection: Connection


class ConnectionList(Query):
    """`connection.list`: all of a workspace's connections, by provider."""

    type: ClassVar[str] = "connection.list"


class ConnectionListResult(Result):
    """The reply to `connection.list`."""

    connections: list[Connection]


class ConnectionCreated(Connection, EventData):
    """`connection.created`: a workspace works with a CRM."""

    type: ClassVar[str] = "connection.created"


class ConnectionDeleted(Connection, EventData):
    """`connection.deleted`: a workspace no longer works with a CRM."""

    type: ClassVar[str] = "connection.deleted"
