"""Sets of relations that may not be: refused whole, by position; and those that only come early."""

from typing import Any

import pytest

from contracts.topology import QUERIES
from shared.ids import derive
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.relations import Body, assigned, listed, put, wish
from tests.support.workspace import Workspace


@pytest.mark.parametrize(
    ("wrong", "code", "fields"),
    [
        (
            lambda _, t: [wish(t), wish("doc_none")],
            "not_found",
            {"relations.1.target_id": "no such document or folder"},
        ),
        (
            lambda _, t: [wish(t, 9)],
            "validation_error",
            {"relations.0.link_type_id": "no such link type"},
        ),
        (
            lambda s, t: [wish(t), wish(s)],
            "validation_error",
            {"relations.1.target_id": "must not be the source itself"},
        ),
        (
            lambda _, t: [wish(t), wish(t, 2), wish(t, note="x")],
            "validation_error",
            {"relations.2": "is the same as relations.0: target and type must be unique"},
        ),
    ],
    ids=["unknown_target", "unknown_type", "itself", "duplicate"],
)
async def test_a_set_that_breaks_a_rule_is_refused_by_position_and_nothing_changes(
    wrong: Any, code: str, fields: Body, workspace: Workspace, outsider: Outsider
) -> None:
    source, target = [await workspace.document() for _ in range(2)]
    before = await assigned(outsider, put(workspace, source, wish(target)))
    command = put(workspace, source, *wrong(source, target))
    reply = await outsider.ask("relations.replace", command)
    assert reply["refusal"]["code"] == code
    assert reply["refusal"]["fields"] == fields
    assert (await listed(outsider, workspace, source))["relations"] == before


async def test_a_source_that_does_not_exist_is_not_found(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider
) -> None:
    target, theirs = await workspace.document(), await other_workspace.document()
    for source in ("doc_none", theirs):
        reply = await outsider.ask("relations.replace", put(workspace, source, wish(target)))
        assert reply["refusal"]["code"] == "not_found"
        assert set(reply["refusal"]["fields"]) == {"document_id"}
        query = workspace.command(document_id=source)
        reply = await outsider.ask("document.relations", query, exchange=QUERIES)
        assert reply["refusal"]["code"] == "not_found"


async def test_relations_published_before_their_documents_are_made_all_the_same(
    workspace: Workspace, outsider: Outsider
) -> None:
    registrations = [await commands.document(workspace, outsider) for _ in range(2)]
    source, target = (derive("doc", each["command_id"]) for each in registrations)
    command = put(workspace, source, wish(target))
    async with outsider.tap() as tap:
        await outsider.publish("relations.replace", command)
        for registration in registrations:
            await outsider.publish("document.register", registration)
        event = await tap.one(type="link.created", document_id=source)
    assert event["data"]["entity_id"] == target
    assert tap.all(type="command.refused") == []
