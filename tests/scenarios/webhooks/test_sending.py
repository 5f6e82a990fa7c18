"""What arrives at an endpoint, checked by the library that receivers use."""

import asyncio
import hashlib
import hmac

import pytest
from standardwebhooks import Webhook

from tests.scenarios.webhooks.conftest import Sending
from tests.support.bus import Outsider
from tests.support.receiver import Receiver
from tests.support.webhooks import make, read, until_status
from tests.support.workspace import Workspace

pytestmark = pytest.mark.usefixtures("sending")


async def test_an_event_arrives_signed_and_whole(
    workspace: Workspace, outsider: Outsider, receiving: Receiver
) -> None:
    webhook = await make(workspace, receiving.url("/hook;v=1?from=doclink"))
    async with outsider.tap("document.registered") as tap:
        document = await workspace.document(name="Zürich NDA.pdf")
        event = await tap.one(workspaceid=workspace.id)
    [received] = await receiving.until(1, "/hook;v=1?from=doclink")
    Webhook(webhook["secret"]).verify(received.body, dict(received.headers))
    own = hmac.new(webhook["secret"].encode(), received.body, hashlib.sha256).hexdigest()
    assert received.headers["X-LeadLex-Signature"] == f"sha256={own}"
    assert received.id == event["id"] == received.payload["id"]
    assert received.payload["type"] == "document.registered"
    assert received.payload["created_at"] == event["time"]
    assert received.payload["data"]["id"] == document
    assert event["data"].items() <= received.payload["data"].items()
    assert received.headers["User-Agent"] == "LeadLex-Webhook/1.0"
    assert received.headers["Content-Type"] == "application/json"


async def test_each_workspace_is_sent_its_own_events_of_the_types_it_wants(
    workspace: Workspace, other_workspace: Workspace, receiving: Receiver
) -> None:
    await make(workspace, receiving.url("/documents"))
    await make(workspace, receiving.url("/links"), "link.created", "entity.upserted")
    await make(workspace, receiving.url("/off"), active=False)
    await make(other_workspace, receiving.url("/other"))
    theirs = await other_workspace.document()
    ours, contact = await workspace.document(), await workspace.entity()
    assert (await workspace.link(ours, contact)).status_code == 201
    [document] = await receiving.until(1, "/documents")
    [other] = await receiving.until(1, "/other")
    links = await receiving.until(2, "/links")
    assert document.payload["data"]["id"] == ours
    assert other.payload["data"]["id"] == theirs
    assert {each.payload["type"] for each in links} == {"link.created", "entity.upserted"}
    assert len(receiving.requests) == 4


async def test_two_services_send_each_event_once(workspace: Workspace, receiving: Receiver) -> None:
    webhook = await make(workspace, receiving.url())
    documents = await asyncio.gather(*(workspace.document() for _ in range(60)))
    await receiving.until(len(documents))
    await until_status(workspace, webhook, "delivered")
    assert sorted(each.payload["data"]["id"] for each in receiving.at()) == sorted(documents)
    assert len({each.headers["X-LeadLex-Delivery-ID"] for each in receiving.at()}) == 60


async def test_an_event_that_comes_twice_is_sent_once(
    workspace: Workspace, outsider: Outsider, receiving: Receiver
) -> None:
    webhook = await make(workspace, receiving.url(), "entity.upserted")
    body = workspace.command(entity_type="contact", entity_id="contact_1")
    async with outsider.tap("entity.upserted") as tap:
        for _ in range(3):
            await outsider.publish("entity.upsert", body)
        await tap.until(lambda _: len(tap.all(workspaceid=workspace.id)) == 3)
    await workspace.entity(entity_id="contact_2")
    await receiving.until(2)
    found = await until_status(workspace, webhook, "delivered")
    sent = {each.id for each in receiving.at()}
    assert {each["event_id"] for each in found} == sent
    assert body["command_id"].replace("cmd_", "evt_") in sent
    assert len(receiving.requests) == 2


async def test_the_secret_is_told_once_and_stands_nowhere_else(
    sending: Sending, workspace: Workspace, outsider: Outsider, receiving: Receiver
) -> None:
    async with outsider.tap("webhook.*") as tap:
        webhook = await make(workspace, receiving.url())
        secret = webhook.pop("secret")
        await workspace.document()
        await receiving.until(1)
        assert await read(workspace, webhook) == webhook
        listed = await workspace.http.get("/v1/webhooks")
        path = f"/v1/webhooks/{webhook['id']}"
        changed = await workspace.http.patch(path, json={"description": "Our archive"})
        gone = await workspace.http.delete(path)
        await tap.until(lambda _: len(tap.all(workspaceid=workspace.id)) == 3)
    assert listed.json() == {"data": {"webhooks": [webhook]}}
    assert [changed.status_code, gone.status_code] == [200, 204]
    told = [*sending.logs(), changed.text, str(tap.events)]
    assert len(secret) > 40
    assert [text for text in told if secret in text or secret.removeprefix("whsec_") in text] == []
    assert [key for each in tap.events for key in each["data"] if "secret" in key] == []
