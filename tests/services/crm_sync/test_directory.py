from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from contracts.entities import Entity, EntityKey, EntityUpsert, ParentEntity
from services.crm_sync.directory import upserted
from services.crm_sync.entry import Entry
from shared.history import REMEMBERED_CHANGES
from shared.ids import new_id

TIME = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
LATER = TIME + timedelta(seconds=1)
REF: dict[str, Any] = {"workspace_id": "ws_1", "entity_type": "contact", "entity_id": "contact_1"}


def _upsert(name: str | None = "Ada", **fields: Any) -> EntityUpsert:
    return EntityUpsert(**({"command_id": new_id("cmd"), "name": name} | REF | fields))


def _new() -> Entry[Entity]:
    return upserted(None, _upsert(), TIME)


def test_the_first_upsert_makes_the_entity() -> None:
    command = _upsert(provider="hubspot", entity_type="Deal", entity_id="7")
    entry = upserted(None, command, TIME)
    assert entry.record.model_dump() == {
        "workspace_id": "ws_1",
        "provider": "hubspot",
        "entity_type": "Deal",
        "entity_id": "7",
        "name": "Ada",
        "parent": None,
        "created_at": TIME,
        "updated_at": TIME,
        "version": 1,
    }
    [change] = entry.changes
    assert change.created
    assert change.command_id == command.command_id
    assert change.record == entry.record


def test_another_name_makes_the_next_version() -> None:
    entry = upserted(_new(), _upsert("Countess"), LATER)
    assert entry.record.name == "Countess"
    assert entry.record.version == 2
    assert (entry.record.created_at, entry.record.updated_at) == (TIME, LATER)
    assert [change.created for change in entry.changes] == [True, False]


def test_a_name_can_be_taken_away() -> None:
    assert upserted(_new(), _upsert(None), LATER).record.name is None


@pytest.mark.parametrize("name", ["Ada", None])
def test_the_same_name_changes_nothing(name: str | None) -> None:
    entry = upserted(None, _upsert(name), TIME)
    assert upserted(entry, _upsert(name), LATER) is entry


def test_what_an_entity_belongs_to_is_known_and_can_change() -> None:
    first, second = (EntityKey(entity_type="company", entity_id=id_) for id_ in ("c1", "c2"))
    entry = upserted(None, _upsert(parent=first), TIME)
    assert entry.record.parent == ParentEntity(entity_type="company", entity_id="c1")
    assert upserted(entry, _upsert(parent=first), LATER) is entry
    assert upserted(entry, _upsert(parent=second), LATER).record.parent != entry.record.parent
    assert upserted(entry, _upsert(), LATER).record.parent is None


def test_a_deletion_leaves_the_entity_marked_in_its_next_version() -> None:
    command_id = new_id("cmd")
    entry = _new().deleted(command_id, LATER)
    assert entry.is_deleted
    assert entry.record.version == 2
    assert entry.record.updated_at == LATER
    change = entry.change_by(command_id)
    assert change is not None
    assert (change.created, change.record) == (False, entry.record)


def test_what_is_deleted_is_not_deleted_by_another_command() -> None:
    entry = _new().deleted(new_id("cmd"), TIME)
    command_id = new_id("cmd")
    assert entry.deleted(command_id, LATER) is entry
    assert entry.change_by(command_id) is None


@pytest.mark.parametrize("name", ["Ada", "Countess"])
def test_what_is_deleted_is_made_anew_by_an_upsert_under_a_higher_version(name: str) -> None:
    entry = upserted(_new().deleted(new_id("cmd"), TIME), _upsert(name), LATER)
    assert not entry.is_deleted
    assert entry.record.version == 3
    assert entry.record.created_at == LATER
    assert entry.changes[-1].created


def test_a_command_that_runs_again_changes_nothing_and_finds_what_it_did() -> None:
    first, second, end, third = _upsert("1"), _upsert("2"), new_id("cmd"), _upsert("3")
    entry = upserted(upserted(None, first, TIME), second, TIME)
    entry = upserted(entry.deleted(end, TIME), third, TIME)
    assert [upserted(entry, command, LATER) for command in (first, second, third)] == [entry] * 3
    assert entry.deleted(end, LATER) is entry
    ids = [first.command_id, second.command_id, end, third.command_id]
    found = [entry.change_by(command_id) for command_id in ids]
    assert [each.record.version for each in found if each] == [1, 2, 3, 4]
    assert [each.record.name for each in found if each] == ["1", "2", "2", "3"]


def test_a_deletion_that_runs_again_after_an_upsert_does_not_delete_it_again() -> None:
    end = new_id("cmd")
    entry = upserted(_new().deleted(end, TIME), _upsert(), TIME)
    assert entry.deleted(end, LATER) is entry
    assert entry.deleted(new_id("cmd"), LATER).is_deleted


def test_the_latest_changes_are_remembered_and_no_more() -> None:
    numbers, entry = count(), _new()
    commands = [_upsert(str(next(numbers))) for _ in range(REMEMBERED_CHANGES + 5)]
    for command in commands:
        entry = upserted(entry, command, TIME)
    assert len(entry.changes) == REMEMBERED_CHANGES
    remembered = [entry.change_by(command.command_id) is not None for command in commands]
    assert remembered == [False] * 5 + [True] * REMEMBERED_CHANGES
    assert entry.record.version == REMEMBERED_CHANGES + 6


def test_an_entry_that_release_0_1_stored_is_read() -> None:
    entry = upserted(_new(), _upsert("Countess"), LATER)
    stored = entry.model_dump()
    for held in (stored, *stored["changes"]):
        held["entity"] = held.pop("record")
        del held["entity"]["parent"]
    assert Entry[Entity].model_validate(stored) == entry
