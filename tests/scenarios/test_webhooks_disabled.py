"""A webhook that fails for long."""

import asyncio
from pathlib import Path

from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.receiver import receiver
from tests.support.waiting import until
from tests.support.webhooks import deliveries, make, read, until_status, webhook_services
from tests.support.workspace import Workspace


async def test_a_webhook_that_fails_for_long_is_switched_off_and_can_be_switched_on_again(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    settings = {"disable_after": "0.3", "backoff": str([0.1] * 20)}
    async with (
        webhook_services(stack, tmp_path, 1, **settings),
        receiver() as receiving,
        outsider.tap("webhook.disabled") as tap,
    ):
        receiving.always["/hook"] = 500
        webhook = await make(workspace, receiving.url())
        await make(workspace, receiving.url("/control"))
        # Several fail at once, and each of them finds that it has been long enough.
        await asyncio.gather(*(workspace.document() for _ in range(8)))
        off = await until(lambda: read(workspace, webhook), lambda now: not now["active"], 60)
        since = off["failing_since"]
        why = f"Every delivery has failed since {since}, at last: The endpoint answered 500"
        assert off["disabled_reason"] == why
        assert off["disabled_at"] >= since
        before = await until_status(workspace, webhook, "failed")
        ended = "The webhook was switched off or deleted"
        assert ended in {each["last_error"] for each in before}
        await workspace.document()
        await receiving.until(9, "/control")  # and so it was not sent to the other one

        path = f"/v1/webhooks/{webhook['id']}"
        answer = await workspace.http.patch(path, json={"active": True})
        on = answer.json()["data"]
        kept = {"disabled_reason", "disabled_at", "failing_since", "last_error"}
        assert on["active"]
        assert {on[name] for name in kept} == {None}
        receiving.always["/hook"] = 200
        document = await workspace.document()
        await until(lambda: _delivered(workspace, webhook))
        assert receiving.at()[-1].payload["data"]["id"] == document
        await receiving.until(10, "/control")
        assert len(await deliveries(workspace, webhook)) == 9
    told = tap.all(workspaceid=workspace.id)
    assert len({event["id"] for event in told}) == 1
    assert told[0]["data"]["disabled_reason"] == why
    assert told[0]["subject"] == webhook["id"]


async def _delivered(workspace: Workspace, webhook: dict[str, str]) -> bool:
    return any(each["status"] == "delivered" for each in await deliveries(workspace, webhook))
