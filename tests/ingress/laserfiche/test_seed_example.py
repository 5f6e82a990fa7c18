"""The example of Laserfiche's guide "Assign Links (V1)", word for word but for host and token.

The guide's body has a comma before its closing brace, which no JSON reader takes.
"""

import pytest

from tests.ingress.answers import accepted
from tests.ingress.laserfiche.entries import numbered
from tests.support.workspace import Workspace

BODY = """[
  {
    "targetId": 15,
    "linkTypeId": 1
  }
]"""
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
async def url(workspace: Workspace) -> str:
    """A repository whose entry 10 is an email, and 15 what is attached to it."""
    await numbered(workspace, {10: "Email", 15: "EmailAttachment"})
    return f"/repository/v1/Repositories/{workspace.id}/Entries"


async def test_assign_links(workspace: Workspace, url: str) -> None:
    answer = await workspace.http.put(f"{url}/10/links", content=BODY, headers=HEADERS)
    body = accepted(answer, 200)
    link_id = body["value"][0].pop("linkId")
    assert isinstance(link_id, int)
    host = str(workspace.http.base_url).rstrip("/")
    assert body == {
        "value": [
            {
                "sourceId": 10,
                "sourceFullPath": "\\Email",
                "sourceLabel": "Message",
                "targetId": 15,
                "targetFullPath": "\\EmailAttachment",
                "targetLabel": "Attachment",
                "description": "",
                "linkTypeDescription": "",
                "linkTypeId": 1,
                "sourceLink": f"{host}{url}/10",
                "targetLink": f"{host}{url}/15",
                "linkProperties": None,
            }
        ]
    }
    link = body["value"][0]
    for end in ("source", "target"):
        entry = accepted(await workspace.http.get(link[f"{end}Link"]), 200)
        assert entry["id"] == link[f"{end}Id"]
        assert entry["fullPath"] == link[f"{end}FullPath"]


async def test_both_entries_list_the_link(workspace: Workspace, url: str) -> None:
    answer = await workspace.http.put(f"{url}/10/links", content=BODY, headers=HEADERS)
    value = accepted(answer, 200)["value"]
    for entry_id in (10, 15):
        listed = accepted(await workspace.http.get(f"{url}/{entry_id}/links"), 200)
        assert listed["value"] == value
