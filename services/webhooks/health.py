"""Health: what attempts tell of a webhook, and when it is switched off for it."""

from datetime import datetime, timedelta
from functools import partial

from contracts.webhooks import Webhook, WebhookDisable, WebhookResult
from services.webhooks.delivery import Attempt, Delivery
from services.webhooks.registration import failed, succeeded, to_be_disabled
from services.webhooks.settings import WebhookSettings
from services.webhooks.store import WebhookStore
from shared.bus.requester import Requester
from shared.errors import Overloaded, Passing, Refusal
from shared.ids import new_id
from shared.logs import logger

log = logger(__name__)


class Health:
    """Keeps a webhook's health, attempt by attempt."""

    def __init__(
        self, webhooks: WebhookStore, requester: Requester, settings: WebhookSettings
    ) -> None:
        self._webhooks = webhooks
        self._requester = requester
        self._disable_after = timedelta(seconds=settings.webhook_disable_after)
        self._deadline = settings.peer_timeout

    async def note(self, delivery: Delivery, attempt: Attempt, time: datetime) -> None:
        """Keep what the attempt tells of the delivery's webhook."""
        which = delivery.workspace_id, delivery.webhook_id
        if attempt.complaint is None:
            await self._webhooks.change(*which, partial(succeeded, time=time))
            return
        held = await self._webhooks.change(
            *which, partial(failed, error=attempt.complaint, time=time)
        )
        if held is None:
            return
        reason = to_be_disabled(held, gone=attempt.gone, after=self._disable_after, time=time)
        if reason is not None:
            await self._disable(held.webhook, reason)

    async def _disable(self, webhook: Webhook, reason: str) -> None:
        """Have it switched off by a command: that is what an event can follow from.

        Attempts that fail at the same time may all ask for it; the first one does it, and what
        stays unanswered is asked again by the next that fails.
        """
        assert webhook.failing_since is not None  # noqa: S101 - else there were no reason
        command = WebhookDisable(
            command_id=new_id("cmd"),
            workspace_id=webhook.workspace_id,
            webhook_id=webhook.id,
            failing_since=webhook.failing_since,
            reason=reason,
        )
        try:
            await self._requester.ask(command, WebhookResult, deadline=self._deadline)
        except (Passing, Overloaded, Refusal) as error:
            log.warning("webhook.not_disabled", webhook_id=webhook.id, error=str(error))
