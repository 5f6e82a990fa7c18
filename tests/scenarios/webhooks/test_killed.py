"""Webhook services that die at the worst moment."""

from deploy.local.stack import Stack
from tests.scenarios.webhooks.conftest import Sending
from tests.support.receiver import NEVER, Receiver
from tests.support.records import stored
from tests.support.webhooks import make, until_status
from tests.support.workspace import Workspace

RESTARTED = 60.0
"""Seconds: a start, and the lease of who was killed."""


async def test_killed_while_it_sends_the_event_comes_again_under_the_same_ids(
    stack: Stack, sending: Sending, workspace: Workspace, receiving: Receiver
) -> None:
    receiving.scripts["/hook"] = [NEVER]
    webhook = await make(workspace, receiving.url())
    await workspace.document()
    await receiving.until(1)
    try:
        for process in sending.processes:
            assert process.kill() == -9
        [held] = stored(stack, "webhooks", "deliveries", webhook_id=webhook["id"])
        assert (held["status"], held["attempts"]) == ("pending", 1)
    finally:
        for process in sending.processes:
            process.start()
    first, second = await receiving.until(2, timeout=RESTARTED)
    assert second.body == first.body
    for name in ("webhook-id", "X-LeadLex-Delivery-ID", "X-LeadLex-Signature"):
        assert second.headers[name] == first.headers[name]
    [delivery] = await until_status(workspace, webhook, "delivered")
    assert (delivery["attempts"], len(receiving.at())) == (2, 2)


async def test_what_happens_while_none_runs_is_sent_later(
    sending: Sending, workspace: Workspace, receiving: Receiver
) -> None:
    await make(workspace, receiving.url())
    try:
        for process in sending.processes:
            process.kill()
        documents = {await workspace.document() for _ in range(3)}
    finally:
        for process in sending.processes:
            process.start()
    received = await receiving.until(3, timeout=RESTARTED)
    assert {each.payload["data"]["id"] for each in received} == documents
