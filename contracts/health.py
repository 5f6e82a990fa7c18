"""Health: whether a service can do its work."""

from typing import ClassVar

from pydantic import Field

from contracts.fields import WorkspaceId
from contracts.messages import Query, Result


class _Health(Query):
    workspace_id: WorkspaceId | None = None  # type: ignore[assignment] # of no one workspace


class RegistryHealth(_Health):
    """`registry.health`: is the document registry ready?"""

    type: ClassVar[str] = "registry.health"


class LinksHealth(_Health):
    """`links.health`: is the link service ready?"""

    type: ClassVar[str] = "links.health"


class CrmSyncHealth(_Health):
    """`crm_sync.health`: is CRM-sync ready?"""

    type: ClassVar[str] = "crm_sync.health"


class WebhooksHealth(_Health):
    """`webhooks.health`: is the webhook service ready?"""

    type: ClassVar[str] = "webhooks.health"


class HealthResult(Result):
    """The reply to a health query: which queues have this process's consumer, and the database.

    `waits_for` names what its consumers wait for, with messages in hand; what does not need that
    still gets done.
    """

    consumers: dict[str, bool]
    database: bool
    waits_for: list[str] = Field(default_factory=list)

    @property
    def ready(self) -> bool:
        """True when all consumers are attached and the database answers."""
        return self.database and all(self.consumers.values())
