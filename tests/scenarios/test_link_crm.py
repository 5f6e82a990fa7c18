"""Links to a CRM's records: one for each document and CRM, to what the CRM really has."""

from typing import Any

import pytest

from contracts.topology import QUERIES
from shared.ids import derive
from tests.support.bus import Outsider
from tests.support.workspace import Workspace

Body = dict[str, Any]
DEAL = {"provider": "pipedrive", "entity_type": "deal", "entity_id": "134"}


@pytest.fixture
async def connected(workspace: Workspace, outsider: Outsider) -> Workspace:
    """A workspace that works with two CRMs, and has three records of them."""
    for provider in ("pipedrive", "hubspot"):
        command = workspace.command(provider=provider)
        assert "result" in await outsider.ask("connection.create", command)
    for entity in (DEAL, DEAL | {"entity_id": "135"}, DEAL | {"provider": "hubspot"}):
        assert "result" in await outsider.ask("entity.upsert", workspace.command(**entity))
    return workspace


def wish(workspace: Workspace, document: str, **entity: str) -> Body:
    """A command that links a document to a CRM's record."""
    return workspace.command(kind="crm", document_id=document, **(DEAL | entity))


async def linked(outsider: Outsider, command: Body) -> Body:
    """The link that the command is answered with."""
    reply = await outsider.ask("link.create", command)
    assert "result" in reply, reply
    link: Body = reply["result"]["link"]
    return link


async def links_of(outsider: Outsider, workspace: Workspace, document: str, **page: Any) -> Body:
    """A page of a document's links."""
    query = workspace.command(document_id=document, **({"kind": "crm"} | page))
    reply = await outsider.ask("document.links", query, exchange=QUERIES)
    assert "result" in reply, reply
    result: Body = reply["result"]
    return result


async def test_a_document_has_one_link_for_each_crm_listed_newest_first(
    connected: Workspace, outsider: Outsider
) -> None:
    document = await connected.document()
    contact = await connected.entity()
    entity_link = (await connected.link(document, contact)).json()["data"]["link_id"]
    pipedrive = await linked(outsider, wish(connected, document))
    hubspot = await linked(outsider, wish(connected, document, provider="hubspot"))
    assert pipedrive["kind"] == "crm"
    assert {name: pipedrive[name] for name in DEAL} == DEAL
    page = await links_of(outsider, connected, document)
    assert page == {"links": [hubspot, pipedrive], "page": 1, "per_page": 25, "total": 2}
    second = await links_of(outsider, connected, document, page=2, per_page=1)
    assert second["links"] == [pipedrive]
    theirs = await links_of(outsider, connected, document, kind="entity")
    assert [link["id"] for link in theirs["links"]] == [entity_link]


@pytest.mark.parametrize("entity_id", ["134", "135"], ids=["same_record", "another_record"])
async def test_a_second_link_to_the_same_crm_is_refused_and_names_the_first(
    entity_id: str, connected: Workspace, outsider: Outsider
) -> None:
    document = await connected.document()
    command = wish(connected, document)
    first = await linked(outsider, command)
    reply = await outsider.ask("link.create", wish(connected, document, entity_id=entity_id))
    assert reply["refusal"]["code"] == "already_linked"
    assert first["id"] in reply["refusal"]["message"]
    assert first["id"] in reply["refusal"]["fields"]["provider"]
    async with outsider.tap("link.created") as tap:
        assert await linked(outsider, command) == first  # the very command again
        await tap.one(id=derive("evt", command["command_id"]))
    assert (await links_of(outsider, connected, document))["links"] == [first]


async def test_an_unlinked_document_may_be_linked_to_the_same_crm_again(
    connected: Workspace, outsider: Outsider
) -> None:
    document = await connected.document()
    first = await linked(outsider, wish(connected, document))
    unlink = connected.command(document_id=document, link_id=first["id"])
    assert (await outsider.ask("link.delete", unlink))["result"]["link"] == first
    second = await linked(outsider, wish(connected, document, entity_id="135"))
    assert second["id"] != first["id"]
    async with outsider.tap("link.deleted") as tap:
        again = await outsider.ask("link.delete", unlink)  # a late redelivery
        event = await tap.one(id=derive("evt", unlink["command_id"]))
    assert again["result"]["link"] == first
    assert (event["subject"], event["data"]["reason"]) == (first["id"], "unlinked")
    assert (await links_of(outsider, connected, document))["links"] == [second]


@pytest.mark.parametrize(
    ("entity", "code", "field"),
    [
        ({"entity_id": "999"}, "not_found", "entity_id"),
        ({"provider": "zoho"}, "not_connected", "provider"),
    ],
    ids=["unknown_record", "unconnected_provider"],
)
async def test_a_link_to_what_the_crm_does_not_have_is_refused_naming_the_field(
    entity: dict[str, str], code: str, field: str, connected: Workspace, outsider: Outsider
) -> None:
    document = await connected.document()
    reply = await outsider.ask("link.create", wish(connected, document, **entity))
    assert reply["refusal"]["code"] == code
    assert set(reply["refusal"]["fields"]) == {field}
    assert (await links_of(outsider, connected, document))["total"] == 0


async def test_a_crms_record_lists_its_documents_and_its_end_takes_their_links(
    connected: Workspace, outsider: Outsider
) -> None:
    document = await connected.document()
    link = await linked(outsider, wish(connected, document))
    elsewhere = await linked(outsider, wish(connected, document, provider="hubspot"))
    reply = await outsider.ask("entity.documents", connected.command(**DEAL), exchange=QUERIES)
    [listed] = reply["result"]["documents"]
    assert (listed["id"], listed["link_id"]) == (document, link["id"])
    assert listed["created_by"] is not None
    async with outsider.tap("link.deleted") as tap:
        await outsider.ask("entity.delete", connected.command(**DEAL))
        event = await tap.one(workspaceid=connected.id)
    assert (event["subject"], event["data"]["reason"]) == (link["id"], "entity_deleted")
    assert (await links_of(outsider, connected, document))["links"] == [elsewhere]
