"""The event log: what was lost is rebuilt from it."""

import asyncio
from typing import Any

from contracts.topology import event_queue
from deploy.local.stack import Stack
from tests.services.operator.run import run
from tests.support.bus import Outsider
from tests.support.queues import waiting
from tests.support.readiness import until_ready
from tests.support.records import dropped, stored
from tests.support.waiting import until
from tests.support.workspace import Workspace

Replica = dict[str, dict[str, Any]]


def _replica(stack: Stack, workspace: Workspace) -> Replica:
    found = stored(stack, "links", "replica", workspace_id=workspace.id)
    return {record["_id"].removeprefix(f"{workspace.id}:"): record for record in found}


def _versions(replica: Replica) -> dict[str, tuple[int, bool]]:
    """Of each record, its version, and whether it is there."""
    return {key: (each["version"], each.get("deleted_by") is None) for key, each in replica.items()}


async def test_a_replica_rebuilt_from_the_log_equals_the_old_one(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    kept, changed, gone = [await workspace.document() for _ in range(3)]
    contact, former, back = [await workspace.entity() for _ in range(3)]
    assert (await workspace.link(kept, contact)).status_code == 201
    assert (await workspace.link(gone, contact)).status_code == 201
    for command, payload in (
        ("document.update", {"document_id": changed, "name": "another"}),
        ("document.delete", {"document_id": gone}),
        ("entity.delete", {"entity_type": "contact", "entity_id": former}),
        ("entity.delete", {"entity_type": "contact", "entity_id": back}),
        ("entity.upsert", {"entity_type": "contact", "entity_id": back, "name": "Ada"}),
    ):
        assert "result" in await outsider.ask(command, workspace.command(**payload))
    assert (await workspace.link(kept, back)).status_code == 201
    expected = {
        f"document:{kept}": (1, True),
        f"document:{changed}": (2, True),
        f"document:{gone}": (2, False),
        f"entity:workspace:contact:{contact}": (1, True),
        f"entity:workspace:contact:{former}": (2, False),
        f"entity:workspace:contact:{back}": (3, True),
    }

    async def replica() -> Replica:
        return _replica(stack, workspace)

    old = await until(replica, lambda found: _versions(found) == expected)
    listed = {entity: await workspace.listed(entity) for entity in (contact, back)}

    [links] = stack.named("links")
    async with outsider.tap() as tap:
        assert links.terminate() == 0
        try:
            dropped(stack, "links", "replica")
            wish = ["--types", "document.*,entity.*", "--workspace", workspace.id, "--yes"]
            queue = event_queue("links")
            ran = await asyncio.to_thread(
                run, "replay", *wish, "--queue", queue, amqp_url=stack.infrastructure.urls.amqp
            )
            assert (ran.returncode, ran.stderr) == (0, "")
            assert await waiting(outsider, queue) == 11
            assert _replica(stack, workspace) == {}
        finally:
            links.start()
        await until_ready(stack.url)
        assert await until(replica, lambda found: found == old) == old

        async def left() -> int:
            return await waiting(outsider, queue)

        await until(left, lambda count: count == 0)
        again = tap.all(workspaceid=workspace.id)
    assert {entity: await workspace.listed(entity) for entity in listed} == listed
    assert (await workspace.link(gone, contact)).status_code == 404
    assert (await workspace.link(kept, former)).status_code == 404
    # What followed from a deletion is told again, under its id; nobody else hears the replay.
    assert {event["type"] for event in again} <= {"link.deleted"}
