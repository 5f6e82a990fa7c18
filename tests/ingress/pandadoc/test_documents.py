"""The documents that are linked to one record of a CRM."""

import re
from typing import Any

import pytest

from tests.ingress.answers import accepted
from tests.ingress.pandadoc.crm import DEAL, Crm
from tests.support.bus import Outsider
from tests.support.workspace import http_client, make_key

PATH = "/public/v1/documents/linked-objects"


async def listed(crm: Crm, **params: Any) -> list[dict[str, Any]]:
    answer = await crm.http.get(PATH, params=DEAL | params)
    documents: list[dict[str, Any]] = accepted(answer, 200)
    return documents


async def ids(crm: Crm, **params: Any) -> list[str]:
    return [each["id"] for each in await listed(crm, **params)]


async def test_all_that_are_linked_are_listed_as_a_bare_array(crm: Crm) -> None:
    document = await crm.workspace.document()
    assert await listed(crm) == []
    await crm.linked(document)
    [one] = await listed(crm)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", one.pop("date_created"))
    assert one == {"id": document, "status": "document.draft", "template_id": None}


async def test_the_order_is_by_date_or_name_either_way(crm: Crm) -> None:
    documents = [await crm.workspace.document(name=name) for name in ("b", "a", "C")]
    for document in reversed(documents):
        await crm.linked(document)
    by_date, by_name = documents, [documents[1], documents[0], documents[2]]
    assert await ids(crm) == by_date[::-1]
    assert await ids(crm, order_by="-date_created") == by_date[::-1]
    assert await ids(crm, order_by="date_created") == by_date
    assert await ids(crm, order_by="name") == by_name
    assert await ids(crm, order_by="-name") == by_name[::-1]


async def test_owner_ids_are_those_who_registered_the_documents(
    crm: Crm, outsider: Outsider
) -> None:
    mine = await crm.workspace.document()
    key, _ = await make_key(outsider, crm.workspace.id, owner="usr_other")
    async with http_client(str(crm.http.base_url), key) as http:
        path = f"workspaces/{crm.workspace.id}/documents/theirs.pdf"
        body = {"name": "Theirs", "mime_type": "application/pdf", "storage_path": path}
        theirs = (await http.post("/v1/documents", json=body)).json()["data"]["id"]
    for document in (mine, theirs):
        await crm.linked(document)
    assert await ids(crm, owner_ids="usr_01HW0") == [mine]
    assert await ids(crm, owner_ids=["usr_other", "usr_01HW0"]) == [theirs, mine]
    assert await ids(crm, owner_ids="nobody") == []
    assert await ids(crm, owner_ids="[]") == [theirs, mine]  # PandaDoc's own default


@pytest.mark.parametrize("other", [{"entity_id": "135"}, {"entity_type": "person"}])
async def test_for_a_record_that_is_not_there_there_are_none(
    crm: Crm, other: dict[str, str]
) -> None:
    await crm.linked(await crm.workspace.document())
    assert await listed(crm, **other) == []


@pytest.mark.parametrize("name", DEAL)
async def test_each_of_the_three_parameters_is_required(crm: Crm, name: str) -> None:
    params = {other: value for other, value in DEAL.items() if other != name}
    answer = await crm.http.get(PATH, params=params)
    assert answer.status_code == 400
    assert answer.json() == {"type": "request_error", "detail": {name: ["is required"]}}


async def test_another_order_is_refused_with_those_that_there_are(crm: Crm) -> None:
    answer = await crm.http.get(PATH, params=DEAL | {"order_by": "size"})
    assert answer.status_code == 400
    [rule] = answer.json()["detail"]["order_by"]
    for order in ("'-date_created'", "'date_created'", "'-name'", "'name'"):
        assert order in rule


async def test_a_crm_that_the_workspace_does_not_work_with_is_named(crm: Crm) -> None:
    answer = await crm.http.get(PATH, params=DEAL | {"provider": "hubspot"})
    assert answer.status_code == 400
    assert "hubspot" in answer.json()["detail"]["provider"][0]
