"""The CRMs that a workspace works with, and what is known of their records."""

from typing import Any

import httpx
import pytest

from tests.ingress.answers import accepted, check_headers, is_time, refused
from tests.support.bus import Outsider
from tests.support.workspace import Workspace

PATH = "/v1/connections/pipedrive"
DEAL = f"{PATH}/entities/deal/134"


async def test_put_makes_then_keeps(workspace: Workspace) -> None:
    made = accepted(await workspace.http.put(PATH), 201)
    data = dict(made["data"])
    assert is_time(data.pop("created_at"))
    assert data == {"provider": "pipedrive", "created_by": "usr_01HW0"}
    assert accepted(await workspace.http.put(PATH), 200) == made


async def test_all_of_the_workspaces_connections_are_listed_by_provider(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    made = [
        accepted(await workspace.http.put(f"/v1/connections/{provider}"), 201)["data"]
        for provider in ("pipedrive", "ms-dynamics")
    ]
    listed = accepted(await workspace.http.get("/v1/connections"), 200)
    assert listed == {"data": {"connections": made[::-1]}}
    others = accepted(await other_workspace.http.get("/v1/connections"), 200)
    assert others == {"data": {"connections": []}}


async def test_delete_answers_204_then_404(workspace: Workspace) -> None:
    await workspace.http.put(PATH)
    answer = await workspace.http.delete(PATH)
    assert (answer.status_code, answer.content) == (204, b"")
    check_headers(answer)
    refused(await workspace.http.delete(PATH), 404, "not_found")
    accepted(await workspace.http.put(PATH), 201)


@pytest.mark.parametrize("provider", ["workspace", "doclink", "Pipedrive", "x" * 65])
async def test_what_is_no_crm_is_refused(caller: httpx.AsyncClient, provider: str) -> None:
    for path in (f"/v1/connections/{provider}", f"/v1/connections/{provider}/entities/deal/134"):
        for method in ("PUT", "DELETE"):
            body: dict[str, Any] | None = {} if method == "PUT" else None
            answer = await caller.request(method, path, json=body)
            refused(answer, 400, "validation_error", "provider")


async def test_a_crms_entities_are_kept_apart_from_the_workspaces_own(
    workspace: Workspace, outsider: Outsider
) -> None:
    body: dict[str, Any] = {
        "name": "Renewal",
        "parent": {"entity_type": "organization", "entity_id": "77"},
    }
    async with outsider.tap("entity.*") as tap:
        made = accepted(await workspace.http.put(DEAL, json=body), 201)
        assert accepted(await workspace.http.put(DEAL, json=body), 200) == made
        assert (await workspace.http.delete(DEAL)).status_code == 204
        gone = await tap.one(type="entity.deleted", workspaceid=workspace.id)
    assert made["data"].items() >= (body | {"provider": "pipedrive", "entity_id": "134"}).items()
    assert len(tap.all(type="entity.upserted", workspaceid=workspace.id)) == 1
    assert gone["data"]["provider"] == "pipedrive"
    refused(await workspace.http.delete(DEAL), 404, "not_found")
    accepted(await workspace.http.put("/v1/entities/deal/134", json=body | {"parent": None}), 201)


async def test_a_crms_entity_needs_no_connection_and_no_parent_that_is_known(
    workspace: Workspace,
) -> None:
    made = accepted(await workspace.http.put(DEAL, json={}), 201)
    assert (made["data"]["name"], made["data"]["parent"]) == (None, None)
    listed = accepted(await workspace.http.get("/v1/connections"), 200)
    assert listed == {"data": {"connections": []}}
