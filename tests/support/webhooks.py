"""Webhook services with settings for tests, in place of the stack's own; and webhooks to make."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.support.readiness import until_ready
from tests.support.waiting import until
from tests.support.workspace import Workspace

SETTINGS = {
    "DOCLINK_WEBHOOK_ALLOW_PRIVATE": "true",
    "DOCLINK_WEBHOOK_BACKOFF": "[0.1, 0.1, 0.1]",
    "DOCLINK_WEBHOOK_TIMEOUT": "2",
    "DOCLINK_WEBHOOK_POLL_INTERVAL": "0.1",
}


@asynccontextmanager
async def webhook_services(
    stack: Stack, folder: Path, count: int = 1, **env: str
) -> AsyncIterator[list[ServiceProcess]]:
    """So many webhook services, with these settings, instead of the stack's own."""
    [own] = stack.named("webhooks")
    processes = [
        ServiceProcess(
            "webhooks",
            stack.infrastructure.urls,
            log=folder / f"webhooks-{number}.log",
            env=SETTINGS | {f"DOCLINK_WEBHOOK_{name.upper()}": env[name] for name in env},
        )
        for number in range(count)
    ]
    own.terminate()
    try:
        for process in processes:
            process.start()
        await until_ready(stack.url)
        yield processes
    finally:
        for process in processes:
            process.terminate()
        own.start()
        await until_ready(stack.url)


async def make(workspace: Workspace, url: str, *events: str, **fields: Any) -> dict[str, Any]:
    """A new webhook, as the answer has it: with its secret."""
    body = {"url": url, "events": list(events or ("document.registered",)), **fields}
    answer = await workspace.http.post("/v1/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


async def read(workspace: Workspace, webhook: dict[str, Any]) -> dict[str, Any]:
    """The webhook as it is now."""
    answer = await workspace.http.get(f"/v1/webhooks/{webhook['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def deliveries(workspace: Workspace, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    """What was sent to the webhook, newest first."""
    answer = await workspace.http.get(f"/v1/webhooks/{webhook['id']}/deliveries")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]["deliveries"]
    return found


async def until_status(
    workspace: Workspace, webhook: dict[str, Any], status: str
) -> list[dict[str, Any]]:
    """The webhook's deliveries, as soon as there are some and all have a status."""
    return await until(
        lambda: deliveries(workspace, webhook),
        lambda found: bool(found) and all(each["status"] == status for each in found),
    )
