"""The webhook service's own settings."""

from typing import Annotated

from pydantic import Field

from shared.settings import Seconds, Settings

LongSeconds = Annotated[float, Field(gt=0, le=30 * 24 * 3600)]


class WebhookSettings(Settings):
    """What the webhook service needs to know beside the common settings."""

    webhook_allow_private: bool = False
    """Whether addresses that are not public, and plain http, are allowed: for tests, and for
    those who host doclink beside the receivers."""
    webhook_timeout: Seconds = 10.0
    """How long one attempt may take, from looking up the name to the status of the answer."""
    webhook_backoff: Annotated[tuple[LongSeconds, ...], Field(max_length=20)] = (
        *(5.0, 30.0, 300.0, 3600.0, 21_600.0),
    )
    """The pauses between attempts, as a JSON array; after the last one a delivery has failed."""
    webhook_disable_after: LongSeconds = 3 * 24 * 3600.0
    """How long a webhook may fail without one success before it is switched off."""
    webhook_poll_interval: Seconds = 0.5
    """How often to look for deliveries that are due."""
    webhook_concurrency: Annotated[int, Field(ge=2, le=10_000)] = 128
    """Attempts under way in a process."""
    webhook_concurrency_each: Annotated[int, Field(ge=1, le=1000)] = 8
    """Those of them to one webhook."""

    @property
    def webhook_lease(self) -> float:
        """How long a process may hold a delivery before others take it for dead.

        An attempt, and time enough to write what came of it.
        """
        return max(3.0, 3 * self.webhook_timeout)
