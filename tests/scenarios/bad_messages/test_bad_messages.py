"""Thousands of bad messages on every queue: each is accounted for, and good ones are handled.

`DOCLINK_BAD_MESSAGES` sets how many, `DOCLINK_BAD_MESSAGES_SEED` which.
"""

from collections import Counter
from typing import Any

import aio_pika

from contracts.topology import COMMANDS, EVENT_LOG, QUEUES
from deploy.local.stack import Stack
from shared.ids import new_id
from tests.scenarios.bad_messages.drawing import SEED, drawn
from tests.scenarios.bad_messages.ledger import SERVICES, Ledger
from tests.scenarios.bad_messages.message import BadMessage
from tests.scenarios.bad_messages.publishing import BadPublisher
from tests.support.bus import Outsider, command
from tests.support.queues import waiting
from tests.support.records import stored
from tests.support.waiting import until_true
from tests.support.workspace import PDF, Workspace, new_workspace

BATCH = 250
ANSWERS = "tests.bad_messages.answers"
LONG = 120.0
"""Seconds; all are settled long before, unless one is lost."""

DEFECT = "parked: internal_error"

GOOD: dict[str, dict[str, Any]] = {
    "link_type.define": {"source_label": "Amends", "target_label": "Amended by"},
    "entity.upsert": {"entity_type": "deal", "entity_id": "deal_1"},
    "webhook.create": {"url": "https://hooks.example.com/a", "events": ["link_type.defined"]},
}
"""With one for the registry, a good command for each service."""

KEPT = {
    "registry": ("documents", "api_keys"),
    "links": ("links", "link_types"),
    "crm_sync": ("entities", "connections"),
    "webhooks": ("webhooks",),
}


async def _records_of(workspace: Workspace) -> dict[str, Any]:
    """A record of each kind, by the names that commands give their ids."""
    document, deal = await workspace.document(), await workspace.entity("deal")
    link = (await workspace.link(document, deal, "deal")).json()["data"]
    hook = {"url": "https://hooks.example.com/b", "events": ["folder.created"]}
    webhook = (await workspace.http.post("/v1/webhooks", json=hook)).json()["data"]
    ids = {"document_id": document, "entity_id": deal, "link_id": link["link_id"]}
    return ids | {"webhook_id": webhook["id"], "key_id": workspace.key_id}


def _held_by(stack: Stack, workspace: Workspace) -> list[Any]:
    return [
        stored(stack, service, collection, workspace_id=workspace.id)
        for service in SERVICES
        for collection in KEPT[service]
    ]


async def _good_ones_are_handled(outsider: Outsider) -> None:
    workspace_id = new_id("ws")
    path = f"workspaces/{workspace_id}/a.pdf"
    for type_, payload in {**GOOD, "document.register": PDF | {"storage_path": path}}.items():
        reply = await outsider.ask(type_, command(workspace_id, **payload), exchange=COMMANDS)
        assert "result" in reply, reply


def _told(messages: list[BadMessage], ledger: Ledger) -> list[str]:
    """The first few, with all that there is to know of them."""
    return [f"{m.id} {m.draft!r:.1000} ended: {ledger.ends[m.id]}" for m in messages[:5]]


async def test_bad_messages_are_all_accounted_for_and_good_ones_are_handled_meanwhile(
    own_stack: Stack,
) -> None:
    # For nobody else: the dead queues are emptied, and the event log is full of rubbish.
    pids = [service.pid for service in own_stack.services]
    url = own_stack.infrastructure.urls.amqp
    async with (
        Outsider.connected(url) as outsider,
        new_workspace(outsider, own_stack.url) as other,
        await aio_pika.connect(url) as connection,
    ):
        messages = drawn(await _records_of(other))
        before = _held_by(own_stack, other)
        ledger = Ledger(own_stack, messages)
        async with (
            ledger.kept(connection, ANSWERS),
            connection.channel(on_return_raises=True) as channel,
        ):
            publisher = BadPublisher(channel, ANSWERS, ledger)
            for first in range(0, len(messages), BATCH):
                await publisher.publish(messages[first : first + BATCH])
                await _good_ones_are_handled(outsider)
            try:
                await until_true(lambda: not ledger.unsettled(), timeout=LONG)
            finally:
                lost, seed = ledger.unsettled(), f"DOCLINK_BAD_MESSAGES_SEED={SEED}"
                assert not lost, (seed, len(lost), _told(lost, ledger))
        doubled = [m for m in messages if len(ledger.ends[m.id]) != m.ends]
        broken = [m for m in messages if any(e.startswith(DEFECT) for e in ledger.ends[m.id])]
        assert (doubled, broken) == ([], []), (seed, _told([*doubled, *broken], ledger))
        assert ledger.strange == [], seed
        assert _held_by(own_stack, other) == before, seed
        left = {q.name: await waiting(outsider, q.name) for q in QUEUES if q.name != EVENT_LOG}
        assert not any(left.values()), (seed, left)
    assert [service.pid for service in own_stack.services if service.running] == pids
    print(seed, Counter(end.partition(":")[0] for ends in ledger.ends.values() for end in ends))  # noqa: T201
