"""Relations between documents: replaced as a set, listed at both ends, announced one by one."""

import asyncio
from typing import Any

from contracts.topology import QUERIES
from deploy.local.stack import Stack
from shared.ids import derive
from tests.support.bus import Outsider
from tests.support.records import stored
from tests.support.relations import assigned, listed, put, wish
from tests.support.waiting import until
from tests.support.workspace import Workspace


def told(link: dict[str, Any]) -> dict[str, Any]:
    """A link as an event tells it: without what there is none of."""
    return {name: value for name, value in link.items() if value is not None}


async def test_a_replaced_set_is_answered_listed_at_both_ends_and_announced(
    workspace: Workspace, outsider: Outsider
) -> None:
    source, first, second = [await workspace.document(folder="/clients/acme") for _ in range(3)]
    command = put(workspace, source, wish(second, 2), wish(first, note="signed"))
    async with outsider.tap() as tap:
        relations = await assigned(outsider, command)
        events = {
            each["link"]["id"]: await tap.one(type="link.created", subject=each["link"]["id"])
            for each in relations
        }
    links = [each["link"] for each in relations]
    assert [(x["entity_id"], x["link_type_id"], x["properties"]) for x in links] == [
        (second, 2, None),
        (first, 1, {"note": "signed"}),
    ]
    assert [x["link_number"] for x in links] == [1, 2]
    assert relations[0]["link_type"]["source_label"] == "Supersedes"
    assert relations[0]["source"]["id"] == source
    assert relations[0]["target"]["name"] == "Acme-NDA-2026.pdf"
    assert {each["target"]["folder"] for each in relations} == {"/clients/acme"}
    assert len({each[end]["entry_id"] for each in relations for end in ("source", "target")}) == 3
    for link in links:
        assert events[link["id"]]["data"] == told(link)
        assert events[link["id"]]["id"] == derive("evt", command["command_id"], link["id"])
    page = await listed(outsider, workspace, source)
    assert page == {"relations": relations, "total": 2}
    incoming = await listed(outsider, workspace, first)
    assert incoming == {"relations": relations[1:], "total": 1}


async def test_the_same_set_again_changes_nothing_and_another_only_what_differs(
    workspace: Workspace, outsider: Outsider
) -> None:
    source, first, second, third = [await workspace.document() for _ in range(4)]
    before = await assigned(outsider, put(workspace, source, wish(first), wish(second)))
    async with outsider.tap("link.*") as tap:
        again = await assigned(outsider, put(workspace, source, wish(first), wish(second)))
        after = await assigned(outsider, put(workspace, source, wish(third), wish(second)))
        cleared = await assigned(outsider, put(workspace, source))
        await tap.until(lambda _: len(tap.all(workspaceid=workspace.id)) == 4)
    assert again == before
    assert after[1] == before[1]
    assert after[0]["link"]["link_number"] == 3
    assert cleared == []
    heard = {(e["type"], e["subject"]) for e in tap.all(workspaceid=workspace.id)}
    assert heard == {
        ("link.deleted", before[0]["link"]["id"]),
        ("link.created", after[0]["link"]["id"]),
        ("link.deleted", after[0]["link"]["id"]),
        ("link.deleted", before[1]["link"]["id"]),
    }
    assert {e["data"]["reason"] for e in tap.all(type="link.deleted")} == {"replaced"}
    assert await listed(outsider, workspace, source) == {"relations": [], "total": 0}


async def test_many_sets_at_once_end_as_one_of_them_with_the_events_that_lead_there(
    workspace: Workspace, outsider: Outsider
) -> None:
    source = await workspace.document()
    documents = [await workspace.document() for _ in range(6)]
    pairs = [(a, b) for a in documents for b in documents if a < b]
    commands = [put(workspace, source, wish(a), wish(b)) for a, b in pairs]
    async with outsider.tap("link.*") as tap:
        answers = await asyncio.gather(*(assigned(outsider, each) for each in commands))
        last = await listed(outsider, workspace, source)
        await assigned(outsider, put(workspace, documents[0], wish(source)))  # its event comes last
        await tap.one(type="link.created", document_id=documents[0])
    targets = [tuple(each["link"]["entity_id"] for each in answer) for answer in answers]
    assert targets == pairs
    left = {each["link"]["id"] for each in last["relations"]}
    assert left in [{each["link"]["id"] for each in answer} for answer in answers]
    events = tap.all(workspaceid=workspace.id, document_id=source)
    assert len({event["id"] for event in events}) == len(events)
    created = {e["subject"] for e in events if e["type"] == "link.created"}
    deleted = {e["subject"] for e in events if e["type"] == "link.deleted"}
    assert created - deleted == left
    assert deleted < created


async def test_a_command_published_twice_repeats_its_events_and_undoes_nothing_newer(
    workspace: Workspace, outsider: Outsider
) -> None:
    source, first, second = [await workspace.document() for _ in range(3)]
    command = put(workspace, source, wish(first))
    [made] = await assigned(outsider, command)
    [newer] = await assigned(outsider, put(workspace, source, wish(second)))
    async with outsider.tap("link.*") as tap:
        assert await assigned(outsider, command) == [made]
        event = await tap.one(type="link.created", subject=made["link"]["id"])
    assert event["data"] == told(made["link"])
    assert tap.all(workspaceid=workspace.id) == [event]
    assert (await listed(outsider, workspace, source))["relations"] == [newer]


async def test_pages_follow_the_numbers_and_count_everything(
    workspace: Workspace, outsider: Outsider
) -> None:
    source, *others = [await workspace.document() for _ in range(5)]
    await assigned(outsider, put(workspace, others[0], wish(source)))
    await assigned(outsider, put(workspace, source, *(wish(other) for other in others)))
    first = await listed(outsider, workspace, source, limit=3)
    rest = await listed(outsider, workspace, source, limit=3, after=3)
    assert [x["link"]["link_number"] for x in first["relations"]] == [1, 2, 3]
    assert [x["link"]["link_number"] for x in rest["relations"]] == [4, 5]
    assert (first["total"], rest["total"]) == (5, 5)


async def test_the_end_of_a_document_takes_its_relations_at_both_ends(
    workspace: Workspace, outsider: Outsider, stack: Stack
) -> None:
    gone, other, third = [await workspace.document() for _ in range(3)]
    outgoing = await assigned(outsider, put(workspace, gone, wish(other)))
    [incoming, kept] = await assigned(outsider, put(workspace, other, wish(gone), wish(third)))
    end = workspace.command(document_id=gone)
    ends = {each["link"]["id"] for each in (*outgoing, incoming)}
    async with outsider.tap("link.deleted") as tap:
        await outsider.ask("document.delete", end)
        await tap.until(lambda _: len(tap.all(workspaceid=workspace.id)) >= 2)
    events = tap.all(workspaceid=workspace.id)
    cause = derive("evt", end["command_id"])
    assert {(e["subject"], e["id"]) for e in events} == {
        (link, derive("evt", cause, link)) for link in ends
    }
    assert {e["data"]["reason"] for e in events} == {"document_deleted"}
    left = await until(lambda: listed(outsider, workspace, other), lambda page: page["total"] == 1)
    assert left["relations"] == [kept]
    assert len(stored(stack, "links", "link_sets", workspace_id=workspace.id)) == 2


async def test_a_folder_may_be_a_source_and_a_target(
    workspace: Workspace, outsider: Outsider
) -> None:
    document = await workspace.document(folder="/clients/acme")
    reply = await outsider.ask(
        "entry.find", workspace.command(ids=[document, "fld_root"]), exchange=QUERIES
    )
    parent = next(e["parent_id"] for e in reply["result"]["entries"] if e["id"] == document)
    reply = await outsider.ask(
        "entry.find", workspace.command(entry_ids=[parent]), exchange=QUERIES
    )
    [folder] = reply["result"]["entries"]
    [made] = await assigned(outsider, put(workspace, folder["id"], wish("fld_root")))
    assert made["source"] == {
        "id": folder["id"],
        "entry_id": parent,
        "name": "acme",
        "folder": "/clients",
    }
    assert made["link"]["entity_type"] == "folder"
    assert made["target"]["entry_id"] == 1
    assert (await listed(outsider, workspace, "fld_root"))["relations"] == [made]
