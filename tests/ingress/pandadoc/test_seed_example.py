"""The example of PandaDoc's reference, word for word but for host, key and the document's id."""

from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.ingress.answers import accepted, is_id
from tests.ingress.pandadoc.crm import Crm, linked_objects
from tests.support.ingress import one_more_ingress
from tests.support.workspace import http_client

# Create Linked Object
CREATE = '{"provider": "pipedrive", "entity_type": "deal", "entity_id": "134"}'


@pytest.mark.parametrize("scheme", ["API-Key", "Bearer"])
async def test_create_linked_object(stack: Stack, crm: Crm, scheme: str) -> None:
    path = linked_objects(await crm.workspace.document())
    headers = {
        "Authorization": f"{scheme} {crm.workspace.key}",
        "Content-Type": "application/json",
    }
    async with http_client(stack.url) as http:
        made = accepted(await http.post(path, content=CREATE, headers=headers), 201)
        assert is_id(made["id"], "dlnk")
        assert made == {
            "id": made["id"],
            "provider": "pipedrive",
            "entity_type": "deal",
            "entity_id": "134",
            "children": [],
        }
        listed = accepted(await http.get(path, headers=headers), 200)
        assert listed == {"linked_objects": [made]}
        gone = await http.delete(f"{path}/{made['id']}", headers=headers)
        assert (gone.status_code, gone.content) == (204, b"")
        assert accepted(await http.get(path, headers=headers), 200) == {"linked_objects": []}


async def test_the_status_of_older_versions_is_a_setting(
    stack: Stack, crm: Crm, tmp_path: Path
) -> None:
    path = linked_objects(await crm.workspace.document())
    async with (
        one_more_ingress(stack, tmp_path, DOCLINK_PANDADOC_CREATE_STATUS="200") as (_, url),
        http_client(url, crm.workspace.key) as http,
    ):
        headers = {"Content-Type": "application/json"}
        made = accepted(await http.post(path, content=CREATE, headers=headers), 200)
    assert await crm.links_of(path.split("/")[4]) == [made]
