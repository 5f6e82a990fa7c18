"""Every message there is: its shape, its reply, and the one service that owns it."""

from dataclasses import dataclass
from typing import Literal

from contracts.api_keys import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyGet,
    ApiKeyList,
    ApiKeyListResult,
    ApiKeyResult,
    ApiKeyRevoke,
    ApiKeyRevoked,
)
from contracts.documents import DocumentGet, DocumentRegister, DocumentRegistered, DocumentResult
from contracts.entities import (
    EntityDelete,
    EntityDeleted,
    EntityGet,
    EntityResult,
    EntityUpsert,
    EntityUpserted,
    EntityUpsertResult,
)
from contracts.health import CrmSyncHealth, HealthResult, LinksHealth, RegistryHealth
from contracts.links import (
    EntityDocuments,
    EntityDocumentsResult,
    LinkCreate,
    LinkCreated,
    LinkDeleted,
    LinkResult,
)
from contracts.messages import Command, CommandRefused, EventData, Query, Request, Result

Service = Literal["registry", "links", "crm_sync"]


@dataclass(frozen=True)
class RequestType:
    """A command or query, what its reply holds, and the service that handles it."""

    model: type[Request]
    result: type[Result]
    owner: Service

    @property
    def name(self) -> str:
        """The routing key, e.g. `link.create`."""
        return self.model.type

    @property
    def is_command(self) -> bool:
        """True for what asks for a change."""
        return issubclass(self.model, Command)


def _by_name(*types: RequestType) -> dict[str, RequestType]:
    return {entry.name: entry for entry in types}


REQUESTS: dict[str, RequestType] = _by_name(
    RequestType(DocumentRegister, DocumentResult, "registry"),
    RequestType(DocumentGet, DocumentResult, "registry"),
    RequestType(ApiKeyCreate, ApiKeyResult, "registry"),
    RequestType(ApiKeyRevoke, ApiKeyResult, "registry"),
    RequestType(ApiKeyGet, ApiKeyResult, "registry"),
    RequestType(ApiKeyList, ApiKeyListResult, "registry"),
    RequestType(RegistryHealth, HealthResult, "registry"),
    RequestType(LinkCreate, LinkResult, "links"),
    RequestType(EntityDocuments, EntityDocumentsResult, "links"),
    RequestType(LinksHealth, HealthResult, "links"),
    RequestType(EntityUpsert, EntityUpsertResult, "crm_sync"),
    RequestType(EntityDelete, EntityResult, "crm_sync"),
    RequestType(EntityGet, EntityResult, "crm_sync"),
    RequestType(CrmSyncHealth, HealthResult, "crm_sync"),
)

EVENTS: dict[str, type[EventData]] = {
    model.type: model
    for model in (
        DocumentRegistered,
        LinkCreated,
        LinkDeleted,
        EntityUpserted,
        EntityDeleted,
        ApiKeyCreated,
        ApiKeyRevoked,
        CommandRefused,
    )
}


def commands_of(service: Service) -> tuple[str, ...]:
    """The routing keys of the commands that `service` owns."""
    return tuple(r.name for r in REQUESTS.values() if r.owner == service and r.is_command)


def queries_of(service: Service) -> tuple[str, ...]:
    """The routing keys of the queries that `service` answers."""
    return tuple(
        r.name for r in REQUESTS.values() if r.owner == service and issubclass(r.model, Query)
    )
