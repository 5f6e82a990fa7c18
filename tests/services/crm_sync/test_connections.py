"""Connections, as those with broker credentials see them."""

import asyncio
from typing import Any

import pytest

from services.crm_sync.connections import MAX_CONNECTIONS
from tests.support.bus import Outsider
from tests.support.workspace import Workspace


async def _listed(outsider: Outsider, workspace: Workspace) -> list[dict[str, Any]]:
    reply = await outsider.ask("connection.list", workspace.command(), exchange="doclink.queries")
    connections: list[dict[str, Any]] = reply["result"]["connections"]
    return connections


async def _ask(
    outsider: Outsider, what: str, workspace: Workspace, provider: str = "pipedrive"
) -> dict[str, Any]:
    return await outsider.ask(f"connection.{what}", workspace.command(provider=provider))


async def test_a_connection_is_announced_and_listed_by_provider(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider
) -> None:
    async with outsider.tap("connection.*") as tap:
        made = [
            (await _ask(outsider, "create", workspace, provider))["result"]
            for provider in ("pipedrive", "hubspot")
        ]
        events = [
            await tap.one(workspaceid=workspace.id, subject=each["connection"]["provider"])
            for each in made
        ]
    assert [each["created"] for each in made] == [True, True]
    assert [event["data"] for event in events] == [each["connection"] for each in made]
    pipedrive = made[0]["connection"]
    assert pipedrive["created_by"] == "usr_01HW0"
    assert pipedrive.keys() == {"workspace_id", "provider", "created_by", "created_at", "version"}
    assert await _listed(outsider, workspace) == [made[1]["connection"], pipedrive]
    assert await _listed(outsider, other_workspace) == []


async def test_a_connection_that_exists_is_returned_as_it_is_and_not_announced_again(
    workspace: Workspace, outsider: Outsider
) -> None:
    async with outsider.tap("connection.*") as tap:
        first = await _ask(outsider, "create", workspace)
        second = await _ask(outsider, "create", workspace)
        await _ask(outsider, "delete", workspace)
        await tap.one(type="connection.deleted", workspaceid=workspace.id)
    assert second == {"result": first["result"] | {"created": False}}
    assert len(tap.all(type="connection.created", workspaceid=workspace.id)) == 1


async def test_a_deleted_connection_is_gone_and_can_be_made_again(
    workspace: Workspace, outsider: Outsider
) -> None:
    first = (await _ask(outsider, "create", workspace))["result"]["connection"]
    gone = (await _ask(outsider, "delete", workspace))["result"]["connection"]
    assert gone == first | {"version": 2}
    assert await _listed(outsider, workspace) == []
    assert (await _ask(outsider, "delete", workspace))["refusal"]["code"] == "not_found"
    again = (await _ask(outsider, "create", workspace))["result"]
    assert (again["created"], again["connection"]["version"]) == (True, 3)
    assert await _listed(outsider, workspace) == [again["connection"]]


@pytest.mark.parametrize("connected", [True, False])
async def test_commands_that_come_again_late_announce_the_same_and_undo_nothing(
    workspace: Workspace, outsider: Outsider, *, connected: bool
) -> None:
    kinds = ["create", "delete", "create", "delete"][: 3 if connected else 4]
    commands = [(kind, workspace.command(provider="pipedrive")) for kind in kinds]
    async with outsider.tap("connection.*") as tap:
        for kind, body in commands * 2:
            assert "result" in await outsider.ask(f"connection.{kind}", body)
        await tap.until(lambda _: len(tap.all(workspaceid=workspace.id)) == 2 * len(kinds))
    told = [
        (event["id"], event["type"], event["time"], event["data"])
        for event in tap.all(workspaceid=workspace.id)
    ]
    assert told[: len(kinds)] == told[len(kinds) :]
    listed = await _listed(outsider, workspace)
    assert [each["version"] for each in listed] == ([3] if connected else [])


@pytest.mark.parametrize("provider", ["workspace", "doclink", "Pipedrive", "", 5])
async def test_what_is_no_crm_is_refused(
    workspace: Workspace, outsider: Outsider, provider: Any
) -> None:
    reply = await outsider.ask("connection.create", workspace.command(provider=provider))
    assert reply["refusal"]["code"] == "invalid_message"
    assert reply["refusal"]["fields"].keys() == {"provider"}


async def test_a_workspace_has_no_more_connections_than_can_be_listed(
    workspace: Workspace, outsider: Outsider
) -> None:
    crms = [f"crm{number}" for number in range(MAX_CONNECTIONS)]
    await asyncio.gather(*(_ask(outsider, "create", workspace, crm) for crm in crms))
    assert (await _ask(outsider, "create", workspace))["refusal"]["code"] == "limit_reached"
    assert not (await _ask(outsider, "create", workspace, "crm0"))["result"]["created"]
    await _ask(outsider, "delete", workspace, "crm0")
    assert (await _ask(outsider, "create", workspace))["result"]["created"]


async def test_an_entity_of_a_crm_is_read_where_the_workspace_is_connected_alone(
    workspace: Workspace, outsider: Outsider
) -> None:
    deal = {"provider": "pipedrive", "entity_type": "deal", "entity_id": "134"}

    async def get() -> dict[str, Any]:
        return await outsider.ask(
            "entity.get", workspace.command(**deal), exchange="doclink.queries"
        )

    await outsider.ask("entity.upsert", workspace.command(**deal))
    refusal = (await get())["refusal"]
    assert refusal["code"] == "not_connected"
    assert refusal["fields"].keys() == {"provider"}
    assert "pipedrive" in refusal["message"]
    await _ask(outsider, "create", workspace)
    assert (await get())["result"]["entity"]["entity_id"] == "134"
    await _ask(outsider, "delete", workspace)
    assert (await get())["refusal"] == refusal
