"""Link types: numbered in a row, each command one, and no more than there may be."""

import asyncio
from typing import Any

import pytest

from contracts.link_types import LinkType, LinkTypeDefine
from services.links.link_types import define
from services.links.type_store import LinkTypes
from shared.errors import Refusal
from shared.ids import derive, new_id
from shared.store.client import Database


@pytest.fixture
async def types(database: Database) -> LinkTypes:
    types = LinkTypes(database)
    await types.prepare()
    return types


def _wish(workspace_id: str) -> LinkTypeDefine:
    return LinkTypeDefine(
        command_id=new_id("cmd"),
        workspace_id=workspace_id,
        actor="usr_1",
        source_label="Amends",
        target_label="Amended by",
    )


async def _defined(types: LinkTypes, command: LinkTypeDefine) -> tuple[LinkType, str]:
    outcome: Any = await define(command, types)
    [event] = outcome.announcements
    assert event.data.link_type_id == outcome.result.link_type.link_type_id
    return outcome.result.link_type, event.id


async def test_every_workspace_has_two_types_from_the_beginning(
    types: LinkTypes, workspace_id: str
) -> None:
    labels = [
        (each.link_type_id, each.source_label, each.target_label)
        for each in await types.all(workspace_id)
    ]
    assert labels == [(1, "Message", "Attachment"), (2, "Supersedes", "Superseded by")]
    assert set(await types.find(workspace_id, [1, 2, 3])) == {1, 2}


async def test_types_defined_at_once_get_numbers_in_a_row_and_one_for_each_command(
    types: LinkTypes, workspace_id: str
) -> None:
    commands = [_wish(workspace_id) for _ in range(10)]
    twice = await asyncio.gather(*(_defined(types, command) for command in commands * 2))
    assert twice[:10] == twice[10:]
    assert sorted(each.link_type_id for each, _ in twice[:10]) == list(range(3, 13))
    assert [event for _, event in twice[:10]] == [derive("evt", c.command_id) for c in commands]
    held = await types.all(workspace_id)
    assert [each.link_type_id for each in held] == list(range(1, 13))
    assert await types.find(workspace_id, [12, 1, 13]) == {1: held[0], 12: held[11]}
    assert len(await types.all(new_id("ws"))) == 2


async def test_there_are_no_more_types_than_there_may_be_and_the_last_is_told_again(
    types: LinkTypes, workspace_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.links.type_store.MAX_LINK_TYPES", 5)
    commands = [_wish(workspace_id) for _ in range(6)]
    made = await asyncio.gather(
        *(_defined(types, command) for command in commands), return_exceptions=True
    )
    refused = [each for each in made if isinstance(each, Refusal)]
    assert [each.code for each in refused] == ["limit_reached"] * 3
    assert len(await types.all(workspace_id)) == 5
    last = next(c for c, each in zip(commands, made, strict=True) if each not in refused)
    assert (await _defined(types, last))[1] == derive("evt", last.command_id)
