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
from contracts.documents import (
    DocumentDelete,
    DocumentDeleted,
    DocumentGet,
    DocumentList,
    DocumentListResult,
    DocumentRegister,
    DocumentRegistered,
    DocumentResult,
    DocumentUpdate,
    DocumentUpdated,
)
from contracts.entities import (
    EntityChildren,
    EntityChildrenResult,
    EntityDelete,
    EntityDeleted,
    EntityGet,
    EntityResult,
    EntityUpsert,
    EntityUpserted,
    EntityUpsertResult,
)
from contracts.entries import EntryFind, EntryFindResult, FolderCreated
from contracts.health import (
    CrmSyncHealth,
    HealthResult,
    LinksHealth,
    RegistryHealth,
    WebhooksHealth,
)
from contracts.link_types import (
    LinkTypeDefine,
    LinkTypeDefined,
    LinkTypeList,
    LinkTypeListResult,
    LinkTypeResult,
)
from contracts.links import (
    DocumentLinks,
    DocumentLinksResult,
    EntityDocuments,
    EntityDocumentsResult,
    LinkCreate,
    LinkCreated,
    LinkDelete,
    LinkDeleted,
    LinkDeleteResult,
    LinkResult,
)
from contracts.messages import Command, CommandRefused, EventData, Query, Request, Result
from contracts.operations import (
    CrmSyncOperation,
    LinksOperation,
    OperationResult,
    RegistryOperation,
    WebhooksOperation,
)
from contracts.relations import (
    DocumentRelations,
    DocumentRelationsResult,
    RelationsReplace,
    RelationsReplaceResult,
)
from contracts.webhooks import (
    WebhookCreate,
    WebhookCreated,
    WebhookCreateResult,
    WebhookDelete,
    WebhookDeleted,
    WebhookDeliveries,
    WebhookDeliveriesResult,
    WebhookDisable,
    WebhookDisabled,
    WebhookGet,
    WebhookList,
    WebhookListResult,
    WebhookResult,
    WebhookUpdate,
    WebhookUpdated,
)

Service = Literal["registry", "links", "crm_sync", "webhooks"]


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
    RequestType(DocumentUpdate, DocumentResult, "registry"),
    RequestType(DocumentDelete, DocumentResult, "registry"),
    RequestType(DocumentGet, DocumentResult, "registry"),
    RequestType(DocumentList, DocumentListResult, "registry"),
    RequestType(EntryFind, EntryFindResult, "registry"),
    RequestType(ApiKeyCreate, ApiKeyResult, "registry"),
    RequestType(ApiKeyRevoke, ApiKeyResult, "registry"),
    RequestType(ApiKeyGet, ApiKeyResult, "registry"),
    RequestType(ApiKeyList, ApiKeyListResult, "registry"),
    RequestType(RegistryHealth, HealthResult, "registry"),
    RequestType(RegistryOperation, OperationResult, "registry"),
    RequestType(LinkCreate, LinkResult, "links"),
    RequestType(LinkDelete, LinkDeleteResult, "links"),
    RequestType(RelationsReplace, RelationsReplaceResult, "links"),
    RequestType(LinkTypeDefine, LinkTypeResult, "links"),
    RequestType(EntityDocuments, EntityDocumentsResult, "links"),
    RequestType(DocumentLinks, DocumentLinksResult, "links"),
    RequestType(DocumentRelations, DocumentRelationsResult, "links"),
    RequestType(LinkTypeList, LinkTypeListResult, "links"),
    RequestType(LinksHealth, HealthResult, "links"),
    RequestType(LinksOperation, OperationResult, "links"),
    RequestType(EntityUpsert, EntityUpsertResult, "crm_sync"),
    RequestType(EntityDelete, EntityResult, "crm_sync"),
    RequestType(ConnectionCreate, ConnectionCreateResult, "crm_sync"),
    RequestType(ConnectionDelete, ConnectionResult, "crm_sync"),
    RequestType(EntityGet, EntityResult, "crm_sync"),
    RequestType(EntityChildren, EntityChildrenResult, "crm_sync"),
    RequestType(ConnectionList, ConnectionListResult, "crm_sync"),
    RequestType(CrmSyncHealth, HealthResult, "crm_sync"),
    RequestType(CrmSyncOperation, OperationResult, "crm_sync"),
    RequestType(WebhookCreate, WebhookCreateResult, "webhooks"),
    RequestType(WebhookUpdate, WebhookResult, "webhooks"),
    RequestType(WebhookDisable, WebhookResult, "webhooks"),
    RequestType(WebhookDelete, WebhookResult, "webhooks"),
    RequestType(WebhookGet, WebhookResult, "webhooks"),
    RequestType(WebhookList, WebhookListResult, "webhooks"),
    RequestType(WebhookDeliveries, WebhookDeliveriesResult, "webhooks"),
    RequestType(WebhooksHealth, HealthResult, "webhooks"),
    RequestType(WebhooksOperation, OperationResult, "webhooks"),
)

EVENTS: dict[str, type[EventData]] = {
    model.type: model
    for model in (
        DocumentRegistered,
        DocumentUpdated,
        DocumentDeleted,
        FolderCreated,
        LinkCreated,
        LinkDeleted,
        LinkTypeDefined,
        EntityUpserted,
        EntityDeleted,
        ConnectionCreated,
        ConnectionDeleted,
        WebhookCreated,
        WebhookUpdated,
        WebhookDisabled,
        WebhookDeleted,
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
