from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from contracts.entities import EntityDelete, EntityUpsert
from services.crm_sync.directory import REMEMBERED_CHANGES, Entry, deleted, upserted
from shared.ids import new_id

TIME = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
LATER = TIME + timedelta(seconds=1)
REF: dict[str, Any] = {"workspace_id": "ws_1", "entity_type": "contact", "entity_id": "contact_1"}


def _upsert(name: str | None = "Ada", **fields: Any) -> EntityUpsert:
    return EntityUpsert(**({"command_id": new_id("cmd"), "name": name} | REF | fields))


def _delete() -> EntityDelete:
    return EntityDelete(command_id=new_id("cmd"), **REF)


def _new() -> Entry:
    return upserted(None, _upsert(), TIME)


def test_the_first_upsert_makes_the_entity() -> None:
    command = _upsert(provider="hubspot", entity_type="Deal", entity_id="7")
    entry = upserted(None, command, TIME)
    assert entry.entity.model_dump() == {
        "workspace_id": "ws_1",
        "provider": "hubspot",
        "entity_type": "Deal",
        "entity_id": "7",
        "name": "Ada",
        "created_at": TIME,
        "updated_at": TIME,
        "version": 1,
    }
    [change] = entry.changes
    assert change.created
    assert change.command_id == command.command_id
    assert change.entity == entry.entity


def test_another_name_makes_the_next_version() -> None:
    entry = upserted(_new(), _upsert("Countess"), LATER)
    assert entry.entity.name == "Countess"
    assert entry.entity.version == 2
    assert (entry.entity.created_at, entry.entity.updated_at) == (TIME, LATER)
    assert [change.created for change in entry.changes] == [True, False]


def test_a_name_can_be_taken_away() -> None:
    assert upserted(_new(), _upsert(None), LATER).entity.name is None


@pytest.mark.parametrize("name", ["Ada", None])
def test_the_same_name_changes_nothing(name: str | None) -> None:
    entry = upserted(None, _upsert(name), TIME)
    assert upserted(entry, _upsert(name), LATER) is entry


def test_a_deletion_leaves_the_entity_marked_in_its_next_version() -> None:
    command = _delete()
    entry = deleted(_new(), command, LATER)
    assert entry.is_deleted
    assert entry.entity.version == 2
    assert entry.entity.updated_at == LATER
    change = entry.change_by(command.command_id)
    assert change is not None
    assert (change.created, change.entity) == (False, entry.entity)


def test_what_is_deleted_is_not_deleted_by_another_command() -> None:
    entry = deleted(_new(), _delete(), TIME)
    command = _delete()
    assert deleted(entry, command, LATER) is entry
    assert entry.change_by(command.command_id) is None


@pytest.mark.parametrize("name", ["Ada", "Countess"])
def test_what_is_deleted_is_made_anew_by_an_upsert_under_a_higher_version(name: str) -> None:
    entry = upserted(deleted(_new(), _delete(), TIME), _upsert(name), LATER)
    assert not entry.is_deleted
    assert entry.entity.version == 3
    assert entry.entity.created_at == LATER
    assert entry.changes[-1].created


def test_a_command_that_runs_again_changes_nothing_and_finds_what_it_did() -> None:
    first, second, end, third = _upsert("1"), _upsert("2"), _delete(), _upsert("3")
    entry = upserted(upserted(None, first, TIME), second, TIME)
    entry = upserted(deleted(entry, end, TIME), third, TIME)
    assert [upserted(entry, command, LATER) for command in (first, second, third)] == [entry] * 3
    assert deleted(entry, end, LATER) is entry
    found = [entry.change_by(command.command_id) for command in (first, second, end, third)]
    assert [each.entity.version for each in found if each] == [1, 2, 3, 4]
    assert [each.entity.name for each in found if each] == ["1", "2", "2", "3"]


def test_a_deletion_that_runs_again_after_an_upsert_does_not_delete_it_again() -> None:
    end = _delete()
    entry = upserted(deleted(_new(), end, TIME), _upsert(), TIME)
    assert deleted(entry, end, LATER) is entry
    assert deleted(entry, _delete(), LATER).is_deleted


def test_the_latest_changes_are_remembered_and_no_more() -> None:
    numbers, entry = count(), _new()
    commands = [_upsert(str(next(numbers))) for _ in range(REMEMBERED_CHANGES + 5)]
    for command in commands:
        entry = upserted(entry, command, TIME)
    assert len(entry.changes) == REMEMBERED_CHANGES
    remembered = [entry.change_by(command.command_id) is not None for command in commands]
    assert remembered == [False] * 5 + [True] * REMEMBERED_CHANGES
    assert entry.entity.version == REMEMBERED_CHANGES + 6
