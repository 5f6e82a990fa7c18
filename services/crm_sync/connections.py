"""What CRM-sync does with the connections to CRMs."""

from contracts.connections import (
    ConnectionCreate,
    ConnectionCreated,
    ConnectionCreateResult,
    ConnectionDelete,
    ConnectionDeleted,
    ConnectionList,
    ConnectionListResult,
    ConnectionResult,
)
from contracts.errors import ErrorCode
from services.crm_sync.entry import Entry, HeldConnection
from services.crm_sync.store import ConnectionStore
from shared.errors import Refusal
from shared.ids import now
from shared.outcome import Announcement, Outcome, announce

MAX_CONNECTIONS = 100
"""More than there are CRMs; a listing of all of them stays short."""


async def create(command: ConnectionCreate, connections: ConnectionStore) -> Outcome:
    """Let documents be linked to records of a CRM; a connection that exists stays as it is."""

    def made(held: Entry[HeldConnection] | None) -> Entry[HeldConnection]:
        if held is None:
            return Entry[HeldConnection].first(_connection(command, version=1), command.command_id)
        if not held.is_deleted or held.change_by(command.command_id) is not None:
            return held
        again = _connection(command, version=held.record.version + 1)
        return held.next(again, command.command_id, created=True)

    await _require_room(command, connections)
    entry = await connections.change(command.workspace_id, command.provider, made)
    change = entry.change_by(command.command_id)
    if change is None:
        return Outcome(ConnectionCreateResult(connection=entry.record, created=False))
    connection = change.record
    event = _announce(command, ConnectionCreated(**connection.model_dump()), connection)
    return Outcome(ConnectionCreateResult(connection=connection, created=True), [event])


async def delete(command: ConnectionDelete, connections: ConnectionStore) -> Outcome:
    """Let no more links to the CRM be made; those that exist stay, and its directory too."""

    def without(held: Entry[HeldConnection] | None) -> Entry[HeldConnection]:
        if held is None:
            raise _not_found()
        return held.deleted(command.command_id, now())

    entry = await connections.change(command.workspace_id, command.provider, without)
    change = entry.change_by(command.command_id)
    if change is None:
        raise _not_found()
    gone = change.record
    event = _announce(command, ConnectionDeleted(**gone.model_dump()), gone)
    return Outcome(ConnectionResult(connection=gone), [event])


async def list_all(query: ConnectionList, connections: ConnectionStore) -> Outcome:
    """All of a workspace's connections."""
    held = await connections.all(query.workspace_id)
    return Outcome(ConnectionListResult(connections=list(held)))


async def _require_room(command: ConnectionCreate, connections: ConnectionStore) -> None:
    held = await connections.find(command.workspace_id, command.provider)
    if held is not None and (not held.is_deleted or held.change_by(command.command_id)):
        return  # nothing to be made
    if await connections.count(command.workspace_id) >= MAX_CONNECTIONS:
        raise Refusal(
            ErrorCode.LIMIT_REACHED, f"A workspace has at most {MAX_CONNECTIONS} connections"
        )


def _connection(command: ConnectionCreate, *, version: int) -> HeldConnection:
    time = now()
    return HeldConnection(
        workspace_id=command.workspace_id,
        provider=command.provider,
        created_by=command.actor,
        created_at=time,
        updated_at=time,
        version=version,
    )


def _not_found() -> Refusal:
    return Refusal(ErrorCode.NOT_FOUND, "Connection not found")


def _announce(
    command: ConnectionCreate | ConnectionDelete,
    data: ConnectionCreated | ConnectionDeleted,
    connection: HeldConnection,
) -> Announcement:
    return announce(
        command.command_id,
        data,
        subject=connection.provider,
        workspace_id=connection.workspace_id,
        time=connection.updated_at,
    )
