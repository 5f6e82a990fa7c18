"""What becomes of a delivery that does not go through at once."""

from typing import Any

import pytest

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.receiver import NEVER, Receiver, receiver
from tests.support.records import stored
from tests.support.waiting import until
from tests.support.webhooks import deliveries, make, read, until_status
from tests.support.workspace import Workspace

pytestmark = pytest.mark.usefixtures("sending")


async def test_after_faults_it_arrives_under_the_same_ids_and_signed_anew(
    workspace: Workspace, receiving: Receiver
) -> None:
    receiving.scripts["/hook"] = [500, NEVER, 302]
    webhook = await make(workspace, receiving.url())
    await workspace.document()
    [delivery] = await until_status(workspace, webhook, "delivered")
    same = ("webhook-id", "X-LeadLex-Delivery-ID", "X-LeadLex-Signature")
    assert len(receiving.at()) == 4
    assert len({(each.body, *(each.headers[n] for n in same)) for each in receiving.at()}) == 1
    assert len({each.headers["webhook-timestamp"] for each in receiving.at()}) > 1
    assert receiving.at("/elsewhere") == []
    assert delivery["id"] == receiving.at()[0].headers["X-LeadLex-Delivery-ID"]
    assert delivery["event_id"] == receiving.at()[0].id
    assert (delivery["attempts"], delivery["last_status"], delivery["last_error"]) == (4, 200, None)
    found = await read(workspace, webhook)
    assert (found["failing_since"], found["last_error"]) == (None, None)


async def test_an_endpoint_that_comes_up_later_gets_what_it_missed(workspace: Workspace) -> None:
    port = free_port()
    webhook = await make(workspace, f"http://{LOOPBACK}:{port}/hook")
    document = await workspace.document()

    async def seen() -> bool:
        return any(each["last_error"] for each in await deliveries(workspace, webhook))

    await until(seen)
    async with receiver(port) as late:
        await late.until(1)
        assert late.at()[0].payload["data"]["id"] == document
        await until_status(workspace, webhook, "delivered")


async def test_after_the_last_attempt_it_has_failed_and_says_why(
    workspace: Workspace, receiving: Receiver
) -> None:
    receiving.always["/hook"] = 503
    webhook = await make(workspace, receiving.url())
    await workspace.document()
    [delivery] = await until_status(workspace, webhook, "failed")
    told = "The endpoint answered 503"
    assert (delivery["attempts"], delivery["next_attempt_at"]) == (4, None)
    assert (delivery["last_status"], delivery["last_error"]) == (503, told)
    assert len(receiving.at()) == 4
    found = await read(workspace, webhook)
    assert found["active"]
    assert (found["failing_since"] is None, found["last_error"]) == (False, told)
    receiving.always["/hook"] = 204
    await workspace.document()
    await receiving.until(5)
    well = await until(lambda: read(workspace, webhook), lambda now: now["failing_since"] is None)
    assert well["last_error"] is None


async def test_an_endpoint_that_is_gone_is_switched_off_at_once(
    workspace: Workspace, outsider: Outsider, receiving: Receiver
) -> None:
    receiving.always["/hook"] = 410
    async with outsider.tap("webhook.disabled") as tap:
        webhook = await make(workspace, receiving.url(), "document.registered", "webhook.disabled")
        await workspace.document()
        event = await tap.one(type="webhook.disabled", workspaceid=workspace.id)
        await until_status(workspace, webhook, "failed")
    await make(workspace, receiving.url("/control"))
    await workspace.document()
    await receiving.until(1, "/control")
    found = await read(workspace, webhook)
    assert not found["active"]
    assert found["disabled_reason"] == "The endpoint answered 410 Gone"
    assert event["data"]["disabled_reason"] == found["disabled_reason"]
    assert len(receiving.at()) == len(await deliveries(workspace, webhook)) == 1


async def test_deleting_a_webhook_ends_what_is_under_way(
    stack: Stack, workspace: Workspace, receiving: Receiver
) -> None:
    receiving.scripts["/hook"] = [NEVER, 500, 500, 500]
    webhook = await make(workspace, receiving.url())
    await workspace.document()
    await receiving.until(1)
    path = f"/v1/webhooks/{webhook['id']}"
    assert (await workspace.http.delete(path)).status_code == 204
    receiving.released.set()

    async def held() -> list[dict[str, Any]]:
        return stored(stack, "webhooks", "deliveries", webhook_id=webhook["id"])

    [ended] = await until(held, lambda found: [each["status"] for each in found] == ["failed"])
    assert ended["last_error"] == "The webhook was switched off or deleted"
    assert (await workspace.http.get(f"{path}/deliveries")).status_code == 404
    assert len(receiving.at()) == 1
