from datetime import timedelta
from typing import Any

import pytest

from contracts.documents import DocumentDelete, DocumentUpdate
from services.registry.revisions import Held, deleted, updated
from shared.history import REMEMBERED_CHANGES
from shared.ids import new_id
from tests.services.registry.documents import TIME, made

LATER = TIME + timedelta(hours=1)
HELD = Held(document=made("ws_1", entry_id=7, description="old"))


def _update(**fields: Any) -> DocumentUpdate:
    body = {"workspace_id": "ws_1", "document_id": HELD.document.id, **fields}
    return DocumentUpdate(command_id=new_id("cmd"), **body)


def _delete(**fields: Any) -> DocumentDelete:
    body = {"workspace_id": "ws_1", "document_id": HELD.document.id, **fields}
    return DocumentDelete(command_id=new_id("cmd"), **body)


@pytest.mark.parametrize(
    ("wish", "field", "value"),
    [
        ({"name": "new"}, "name", "new"),
        ({"description": "new"}, "description", "new"),
        ({"description": ""}, "description", None),
        ({"folder": "b//c/"}, "folder", "/b/c"),
        ({"folder": "/"}, "folder", None),
        ({"tags": []}, "tags", []),
    ],
)
def test_what_is_wished_changes_and_all_else_stays(
    wish: dict[str, Any], field: str, value: Any
) -> None:
    document = updated(HELD, _update(**wish), LATER).document
    changed = {field: value, "updated_at": LATER, "version": 2}
    assert document == HELD.document.model_copy(update=changed)


@pytest.mark.parametrize(
    "wish",
    [{}, {"name": HELD.document.name, "tags": HELD.document.tags, "folder": "clients/acme"}],
)
def test_what_is_so_already_is_no_change(wish: dict[str, Any]) -> None:
    assert updated(HELD, _update(**wish), LATER) is HELD


def test_an_update_that_comes_again_late_does_not_undo_newer_ones() -> None:
    first, second = _update(name="first"), _update(name="second")
    both = updated(updated(HELD, first, LATER), second, LATER)
    assert updated(both, first, LATER) is both
    change = both.change_by(first.command_id)
    assert change is not None
    assert (change.document.name, change.document.version) == ("first", 2)


def test_the_latest_changes_are_remembered() -> None:
    commands = [_update(name=str(number)) for number in range(REMEMBERED_CHANGES + 1)]
    held = HELD
    for command in commands:
        held = updated(held, command, LATER)
    assert len(held.changes) == REMEMBERED_CHANGES
    assert held.change_by(commands[0].command_id) is None
    assert held.change_by(commands[1].command_id) is not None


def test_a_deleted_document_stays_as_it_was_deleted() -> None:
    command = _delete(hard=True)
    gone = deleted(HELD, command, LATER)
    assert gone.end is not None
    assert gone.end.model_dump() == {
        "command_id": command.command_id,
        "deleted_at": LATER,
        "hard": True,
    }
    assert gone.document.version == 2
    assert deleted(gone, _delete(), LATER) is gone
    assert updated(gone, _update(name="new"), LATER) is gone
