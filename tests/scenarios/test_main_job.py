"""The main job: register a document, link it, list it, hear about it."""

from tests.support.bus import Outsider
from tests.support.workspace import Workspace


async def test_a_registered_document_is_linked_listed_and_announced(
    workspace: Workspace, outsider: Outsider
) -> None:
    contact = await workspace.entity("contact")
    async with outsider.tap("document.registered", "link.created") as tap:
        document = await workspace.document(tags=["nda"], folder="/clients/acme/ndas")
        answer = await workspace.link(document, contact, role="signed")
        link = answer.json()["data"]
        registered = await tap.one(type="document.registered", subject=document)
        created = await tap.one(type="link.created", subject=link["link_id"])
    assert answer.status_code == 201
    assert registered["data"]["tags"] == ["nda"]
    assert created["data"]["document_id"] == document
    assert created["id"] == link["link_id"].replace("dlnk_", "evt_")
    page = await workspace.listed(contact)
    assert page["meta"] == {"page": 1, "per_page": 25, "total": 1}
    assert page["data"]["documents"][0]["role"] == "signed"
