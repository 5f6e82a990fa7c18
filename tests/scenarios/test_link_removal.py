"""The end of links: unlinked by hand, or with their document."""

import asyncio
from typing import Any

from contracts.topology import QUERIES
from shared.ids import derive
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.waiting import until
from tests.support.workspace import Workspace

Body = dict[str, Any]


async def test_an_unlinked_document_is_no_longer_listed_and_its_removal_is_announced(
    workspace: Workspace, outsider: Outsider
) -> None:
    body = await commands.unlinking(workspace, outsider)
    async with outsider.tap("link.deleted") as tap:
        reply = await outsider.ask("link.delete", body)
        event = await tap.one(subject=body["link_id"])
    link = reply["result"]["link"]
    assert (link["id"], link["document_id"]) == (body["link_id"], body["document_id"])
    assert event["data"]["reason"] == "unlinked"
    assert (await workspace.listed(link["entity_id"]))["meta"]["total"] == 0
    query = workspace.command(document_id=body["document_id"])
    reply = await outsider.ask("document.links", query, exchange=QUERIES)
    assert reply["result"]["total"] == 0


async def test_a_link_is_unlinked_once_by_its_own_document_and_workspace_alone(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider
) -> None:
    body = await commands.unlinking(workspace, outsider)
    another = body | workspace.command(document_id=await workspace.document())
    theirs = other_workspace.command(document_id=body["document_id"], link_id=body["link_id"])
    for command in (another, theirs):
        reply = await outsider.ask("link.delete", command)
        assert reply["refusal"]["code"] == "not_found"
    assert "result" in await outsider.ask("link.delete", body)
    second = await outsider.ask("link.delete", body | workspace.command())
    assert second["refusal"]["code"] == "not_found"


async def test_a_relation_is_not_unlinked_but_replaced(
    workspace: Workspace, outsider: Outsider
) -> None:
    source, target = await workspace.document(), await workspace.document()
    wish = {"target_id": target, "link_type_id": 1}
    reply = await outsider.ask(
        "relations.replace", workspace.command(document_id=source, relations=[wish])
    )
    [relation] = reply["result"]["relations"]
    body = workspace.command(document_id=source, link_id=relation["link"]["id"])
    reply = await outsider.ask("link.delete", body)
    assert reply["refusal"]["code"] == "not_found"


async def test_the_end_of_a_document_removes_its_links_and_says_so_each_time_under_the_same_ids(
    workspace: Workspace, outsider: Outsider
) -> None:
    document, kept = await workspace.document(), await workspace.document()
    contacts = [await workspace.entity() for _ in range(3)]
    answers = [await workspace.link(document, contact) for contact in contacts]
    links = {answer.json()["data"]["link_id"] for answer in answers}
    await workspace.link(kept, contacts[0])
    body = workspace.command(document_id=document)
    cause = derive("evt", body["command_id"])
    async with outsider.tap() as tap:

        async def heard(times: int) -> None:
            wanted = times * len(links)
            await tap.until(lambda _: len(tap.all(type="link.deleted")) >= wanted)

        await outsider.publish("document.delete", body)
        await heard(times=1)
        await outsider.publish("document.delete", body)
        await heard(times=2)
    gone = tap.all(type="link.deleted", workspaceid=workspace.id)
    assert {(e["subject"], e["id"]) for e in gone} == {
        (link, derive("evt", cause, link)) for link in links
    }
    assert {e["data"]["reason"] for e in gone} == {"document_deleted"}
    page = await workspace.listed(contacts[0])
    assert [each["id"] for each in page["data"]["documents"]] == [kept]
    assert page["meta"]["total"] == 1


async def test_a_deleted_document_is_neither_linked_nor_listed(
    workspace: Workspace, outsider: Outsider
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    await workspace.link(document, contact)
    await outsider.ask("document.delete", workspace.command(document_id=document))

    async def refused() -> bool:
        return (await workspace.link(document, await workspace.entity())).status_code == 404

    await until(refused)
    query = workspace.command(document_id=document)
    reply = await outsider.ask("document.links", query, exchange=QUERIES)
    assert reply["refusal"]["code"] == "not_found"
    page = await workspace.listed(contact)
    assert (page["data"]["documents"], page["meta"]["total"]) == ([], 0)


async def test_links_made_while_their_document_ends_are_all_gone_in_the_end(
    workspace: Workspace, outsider: Outsider
) -> None:
    document = await workspace.document()
    contacts = [await workspace.entity() for _ in range(20)]
    async with outsider.tap("link.*") as tap:
        answers, _ = await asyncio.gather(
            asyncio.gather(*(workspace.link(document, contact) for contact in contacts)),
            outsider.ask("document.delete", workspace.command(document_id=document)),
        )
        made = {a.json()["data"]["link_id"] for a in answers if a.status_code == 201}

        def all_gone(_: list[Body]) -> bool:
            return made <= {event["subject"] for event in tap.all(type="link.deleted")}

        await tap.until(all_gone)
    assert {a.status_code for a in answers} <= {201, 404}
    for contact in contacts:
        assert (await workspace.listed(contact))["meta"]["total"] == 0


async def test_a_changed_document_is_listed_as_it_is_now(
    workspace: Workspace, outsider: Outsider
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    await workspace.link(document, contact)
    change = workspace.command(document_id=document, name="Renamed.pdf", tags=["new"])
    assert "result" in await outsider.ask("document.update", change)

    async def names() -> list[Any]:
        page = await workspace.listed(contact)
        return [(each["name"], each["tags"]) for each in page["data"]["documents"]]

    await until(names, lambda seen: seen == [("Renamed.pdf", ["new"])])
