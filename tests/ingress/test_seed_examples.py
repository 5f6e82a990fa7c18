"""The examples of LeadLex's reference, word for word but for host, key and ids."""

import httpx
import pytest

from tests.ingress.answers import accepted, is_id, is_time
from tests.support.workspace import Workspace

# Create Document Record
CREATE = """{
      "name": "Acme-NDA-2026.pdf",
      "mime_type": "application/pdf",
      "storage_path": "workspaces/ws_123/documents/new-upload.pdf",
      "size_bytes": 183204,
      "folder": "/clients/acme/ndas",
      "tags": ["nda", "confidentiality"]
    }"""

# Link Document to Entity: the curl, and what the Python and JavaScript clients send.
CONTACT = "123e4567-e89b-12d3-a456-426614174000"
LINK_CONTACT = """{
      "entity_type": "contact",
      "entity_id": "123e4567-e89b-12d3-a456-426614174000",
      "role": "signed"
    }"""
LINK_DEAL = '{"entity_type": "deal", "entity_id": "deal_01HY1", "role": "signed"}'

bases = pytest.mark.parametrize("base", ["", "/functions/v1/api-gateway"])
"""The reference's hosts have the API below a path of their own."""


async def post(workspace: Workspace, path: str, body: str) -> httpx.Response:
    body = body.replace("ws_123", workspace.id)
    headers = {"Content-Type": "application/json"}
    return await workspace.http.post(path, content=body, headers=headers)


@bases
async def test_create_document(workspace: Workspace, base: str) -> None:
    data = accepted(await post(workspace, f"{base}/v1/documents", CREATE), 201)["data"]
    document_id, created_at = data.pop("id"), data.pop("created_at")
    assert is_id(document_id, "doc")
    assert data.pop("entry_id") > 1  # ours: its number in the Laserfiche dialect
    assert is_time(created_at)
    assert data == {
        "name": "Acme-NDA-2026.pdf",
        "description": None,
        "mime_type": "application/pdf",
        "size_bytes": 183204,
        "storage_path": f"workspaces/{workspace.id}/documents/new-upload.pdf",
        "folder": "/clients/acme/ndas",
        "tags": ["nda", "confidentiality"],
        "created_by": "usr_01HW0",
        "updated_at": created_at,
    }


async def test_created_document_reads_the_same(workspace: Workspace) -> None:
    created = accepted(await post(workspace, "/v1/documents", CREATE), 201)
    path = f"/v1/documents/{created['data']['id']}?download=false"
    read = accepted(await workspace.http.get(path), 200)
    assert read["data"].pop("linked_entities") == []
    assert read == created


@bases
@pytest.mark.parametrize(
    ("body", "entity_type", "entity_id"),
    [
        pytest.param(LINK_CONTACT, "contact", CONTACT, id="contact"),
        pytest.param(LINK_DEAL, "deal", "deal_01HY1", id="deal"),
    ],
)
async def test_link_document(
    workspace: Workspace, base: str, body: str, entity_type: str, entity_id: str
) -> None:
    await workspace.entity(entity_type, entity_id)
    document = await workspace.document()
    answer = await post(workspace, f"{base}/v1/documents/{document}/link", body)
    data = accepted(answer, 201)["data"]
    link_id, created_at = data.pop("link_id"), data.pop("created_at")
    assert is_id(link_id, "dlnk")
    assert is_time(created_at)
    assert data == {
        "document_id": document,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "role": "signed",
    }


async def test_linking_again_answers_200_with_the_existing_link(workspace: Workspace) -> None:
    await workspace.entity("contact", CONTACT)
    path = f"/v1/documents/{await workspace.document()}/link"
    first = accepted(await post(workspace, path, LINK_CONTACT), 201)
    assert accepted(await post(workspace, path, LINK_CONTACT), 200) == first
    other_role = LINK_CONTACT.replace("signed", "draft")
    assert accepted(await post(workspace, path, other_role), 200) == first


@bases
async def test_list_contact_documents(workspace: Workspace, base: str) -> None:
    await workspace.entity("contact", CONTACT)
    created = accepted(await post(workspace, "/v1/documents", CREATE), 201)["data"]
    path = f"/v1/documents/{created['id']}/link"
    link = accepted(await post(workspace, path, LINK_CONTACT), 201)["data"]
    listing = await workspace.http.get(f"{base}/v1/contacts/{CONTACT}/documents")
    assert accepted(listing, 200) == {
        "data": {
            "documents": [
                {
                    "id": created["id"],
                    "name": "Acme-NDA-2026.pdf",
                    "mime_type": "application/pdf",
                    "size_bytes": 183204,
                    "folder": "/clients/acme/ndas",
                    "tags": ["nda", "confidentiality"],
                    "role": "signed",
                    "linked_at": link["created_at"],
                    "created_at": created["created_at"],
                }
            ]
        },
        "meta": {"page": 1, "per_page": 25, "total": 1},
    }
