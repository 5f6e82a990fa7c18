"""Links as whole sets, and the entries at their ends."""

from typing import Any

import pytest

from tests.ingress.answers import accepted, is_time
from tests.ingress.laserfiche.entries import TYPE, entries, entries_of, entry, linked, put
from tests.ingress.laserfiche.problems import problem
from tests.support.workspace import Workspace


async def numbers(workspace: Workspace, entry_id: int) -> list[int]:
    """The numbers of an entry's links, as they are listed."""
    answer = await workspace.http.get(f"{entries_of(workspace)}/{entry_id}/links")
    return [link["linkId"] for link in accepted(answer, 200)["value"]]


async def test_a_put_replaces_the_set_and_what_stays_keeps_its_number(workspace: Workspace) -> None:
    source, first, second, third = await entries(workspace, 4)
    before = await linked(workspace, source, first, second)
    after = await linked(workspace, source, third, second)
    assert [link["targetId"] for link in after] == [third, second]
    assert after[1] == before[1]
    assert after[0]["linkId"] not in {link["linkId"] for link in before}
    assert await numbers(workspace, source) == sorted(link["linkId"] for link in after)
    assert await numbers(workspace, first) == []
    assert await linked(workspace, source) == []
    assert await numbers(workspace, source) == []


async def test_links_from_and_to_an_entry_are_listed_by_number(workspace: Workspace) -> None:
    middle, first, second = await entries(workspace, 3)
    [incoming] = await linked(workspace, first, middle)
    [outgoing] = await linked(workspace, middle, second)
    answer = await workspace.http.get(f"{entries_of(workspace)}/{middle}/links?$count=true")
    body = accepted(answer, 200)
    assert body["value"] == [incoming, outgoing]
    assert body["@odata.count"] == 2
    assert body["@odata.context"] == (
        f"{str(workspace.http.base_url).rstrip('/')}/repository/v1/$metadata"
        "#Collection(Laserfiche.Repository.WEntryLinkInfo)"
    )


async def test_folders_are_entries_up_to_the_root(workspace: Workspace) -> None:
    document = await entry(workspace, name="Acme-NDA-2026.pdf", folder="/clients/acme")
    url = entries_of(workspace)
    found = accepted(await workspace.http.get(f"{url}/{document}"), 200)
    assert is_time(found.pop("creationTime"))
    assert is_time(found.pop("lastModifiedTime"))
    parent = found.pop("parentId")
    assert found == {
        "id": document,
        "name": "Acme-NDA-2026.pdf",
        "fullPath": r"\clients\acme\Acme-NDA-2026.pdf",
        "folderPath": r"\clients\acme",
        "creator": "usr_01HW0",
        "entryType": "Document",
        "isContainer": False,
        "isLeaf": True,
        "templateName": None,
        "templateId": 0,
        "templateFieldNames": None,
        "volumeName": None,
        "rowNumber": 0,
        "fields": None,
    }
    line: list[Any] = []
    while parent is not None:
        folder = accepted(await workspace.http.get(f"{url}/{parent}"), 200)
        assert (folder["entryType"], folder["isContainer"]) == ("Folder", True)
        line.append((folder["fullPath"], folder["folderPath"]))
        parent = folder["parentId"]
    assert line == [("\\clients\\acme", "\\clients"), ("\\clients", "\\"), ("\\", "\\")]
    assert folder["id"] == 1


async def test_folders_can_be_linked_as_well(workspace: Workspace) -> None:
    document = await entry(workspace, folder="/clients")
    url = f"{entries_of(workspace)}/{document}"
    folder = accepted(await workspace.http.get(url), 200)["parentId"]
    [link] = await linked(workspace, folder, 1)
    assert (link["sourceFullPath"], link["targetFullPath"]) == ("\\clients", "\\")
    assert await numbers(workspace, 1) == [link["linkId"]]


async def test_entry_type_is_there_whatever_is_selected(workspace: Workspace) -> None:
    url = f"{entries_of(workspace)}/1?$select=id,parentId"
    body = accepted(await workspace.http.get(url), 200)
    assert body == {"id": 1, "parentId": None, "entryType": "Folder"}


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("[3]", "[0]: must be a JSON object"),
        ('[{"targetId": %d, "linkTypeId": 1, "x": 1}]', "[0].x: is not a known field"),
        ('[{"targetId": %d, "linkTypeId": 1}, {"linkTypeId": 1}]', "[1].targetId: is required"),
        ('[{"targetId": "%d", "linkTypeId": 1}]', "[0].targetId: "),
        ('[{"targetId": %d, "linkTypeId": 1.5}]', "[0].linkTypeId: "),
        ('[{"targetId": %d, "linkTypeId": 3}]', "[0].linkTypeId: "),
        (
            '[{"targetId": %d, "linkTypeId": 1, "customProperties": {"a": 1}}]',
            "[0].customProperties.a: ",
        ),
        ('[{"targetId": %d, "linkTypeId": 1}, {"targetId": %d, "linkTypeId": 1}]', "[1]"),
        ('{"targetId": %d, "linkTypeId": 1}', "body: must be a JSON array"),
        ('[{"targetId": %d, "linkTypeId": 1,}]', "body: is not valid JSON"),
    ],
)
async def test_400_names_the_position_and_nothing_is_changed(
    workspace: Workspace, body: str, title: str
) -> None:
    source, target = await entries(workspace, 2)
    [link] = await linked(workspace, source, target, linkTypeId=2)
    url = f"{entries_of(workspace)}/{source}/links"
    content = body.replace("%d", str(target))
    answer = await workspace.http.put(
        url, content=content, headers={"Content-Type": "application/json"}
    )
    assert problem(answer, 400)["title"].startswith(title)
    assert await numbers(workspace, source) == [link["linkId"]]


async def test_a_link_to_itself_is_400(workspace: Workspace) -> None:
    source = await entry(workspace)
    answer = await put(workspace, source, [{"targetId": source, **TYPE}])
    assert problem(answer, 400)["title"].startswith("[0].targetId: ")


async def test_unknown_targets_are_404_and_all_are_named(workspace: Workspace) -> None:
    source, target = await entries(workspace, 2)
    body = [{"targetId": each, **TYPE} for each in (999, target, 998)]
    said = problem(await put(workspace, source, body), 404)
    assert said["detail"] == "[0].targetId: 999 does not exist; [2].targetId: 998 does not exist"
    assert await numbers(workspace, source) == []


async def test_link_definitions_can_be_added(workspace: Workspace) -> None:
    url = f"/repository/v1/Repositories/{workspace.id}/LinkDefinitions"
    body = {"sourceLabel": "Agenda", "targetLabel": "Packet", "linkTypeDescription": "Meetings"}
    made = accepted(await workspace.http.post(url, json=body), 201)
    number = made.pop("linkTypeId")
    assert made == body
    [link] = await linked(workspace, *await entries(workspace, 2), linkTypeId=number)
    assert (link["sourceLabel"], link["targetLabel"]) == ("Agenda", "Packet")
    assert link["linkTypeDescription"] == "Meetings"
    slim = await workspace.http.get(f"{url}/{number}?$select=targetLabel")
    assert accepted(slim, 200) == {"targetLabel": "Packet"}
    listed = await workspace.http.get(f"{url}?$orderby=linkTypeId desc&$top=1&$count=true")
    assert [each["linkTypeId"] for each in accepted(listed, 200)["value"]] == [number]
    assert listed.json()["@odata.count"] == 3
