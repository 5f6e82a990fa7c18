"""What commands and attempts make of a webhook."""

from datetime import datetime, timedelta
from typing import Any

from contracts.webhooks import WebhookDelete, WebhookDisable, WebhookUpdate
from services.webhooks.registration import (
    Registration,
    deleted,
    disabled,
    failed,
    succeeded,
    to_be_disabled,
    updated,
)
from shared.history import REMEMBERED_CHANGES
from shared.ids import new_id
from tests.services.webhooks.samples import MINUTE, TIME, registration

LATER = TIME + MINUTE


def _update(**fields: Any) -> WebhookUpdate:
    return WebhookUpdate(command_id=new_id("cmd"), workspace_id="ws_1", webhook_id="wh_1", **fields)


def _disable(since: datetime) -> WebhookDisable:
    return WebhookDisable(
        command_id=new_id("cmd"),
        workspace_id="ws_1",
        webhook_id="wh_1",
        failing_since=since,
        reason="Down",
    )


def _off() -> Registration:
    return disabled(failed(registration(), "Broken", TIME), _disable(TIME), LATER)


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    held = registration(description="Our archive")
    after = updated(held, _update(events=["a.b", "c.d", "a.b"], description=""), LATER)
    assert after.webhook.events == ["a.b", "c.d"]
    assert after.webhook.description is None
    kept = {"id", "url", "active", "created_at"}
    assert after.webhook.model_dump(include=kept) == held.webhook.model_dump(include=kept)
    assert (after.webhook.version, after.webhook.updated_at) == (2, LATER)
    assert after.secret == held.secret


def test_an_update_to_what_is_there_already_changes_nothing() -> None:
    held = registration()
    assert updated(held, _update(url=held.webhook.url, active=True), LATER) is held


def test_an_update_that_runs_again_does_not_undo_newer_ones() -> None:
    first = _update(events=["a.b"])
    held = updated(registration(), first, TIME)
    made = held.webhook
    held = updated(held, _update(events=["c.d"]), LATER)
    assert updated(held, first, LATER) is held
    change = held.change_by(first.command_id)
    assert change is not None
    assert change.webhook == made


def test_only_the_latest_changes_are_remembered() -> None:
    held = registration()
    for number in range(REMEMBERED_CHANGES + 5):
        held = updated(held, _update(events=["a." + "b" * (number + 1)]), LATER)
    assert len(held.changes) == REMEMBERED_CHANGES


def test_the_first_failure_is_kept_until_a_success() -> None:
    held = failed(registration(), "Broken", TIME)
    assert (held.webhook.failing_since, held.webhook.last_error) == (TIME, "Broken")
    assert failed(held, "Broken", LATER) is held
    held = failed(held, "Away", LATER)
    assert (held.webhook.failing_since, held.webhook.last_error) == (TIME, "Away")
    held = succeeded(held, LATER)
    assert (held.webhook.failing_since, held.webhook.last_error) == (None, None)
    assert succeeded(held, LATER) is held


def test_it_is_to_be_disabled_when_it_has_failed_for_long_or_is_gone() -> None:
    def reason(held: Registration, minutes: int, *, gone: bool = False) -> str | None:
        time = TIME + minutes * MINUTE
        return to_be_disabled(held, gone=gone, after=timedelta(minutes=10), time=time)

    failing = failed(registration(), "Broken", TIME)
    assert reason(failing, 9) is None
    why = "Every delivery has failed since 2026-04-17T10:45:00Z, at last: Broken"
    assert reason(failing, 10) == why
    assert reason(failing, 0, gone=True) == "The endpoint answered 410 Gone"
    assert reason(succeeded(failing, LATER), 60) is None
    assert reason(_off(), 60, gone=True) is None


def test_disabling_switches_it_off_with_the_reason() -> None:
    off = _off()
    assert not off.webhook.active
    assert (off.webhook.disabled_reason, off.webhook.disabled_at) == ("Down", LATER)
    assert off.hears == []


def test_disabling_comes_too_late_after_a_success_or_a_change_or_another_one() -> None:
    late = _disable(TIME)
    failing = failed(registration(), "Broken", TIME)
    well = succeeded(failing, LATER)
    moved = updated(failing, _update(url="https://other.example/"), LATER)
    again = failed(updated(_off(), _update(active=True), LATER), "Broken", LATER)
    for held in (well, moved, again, _off(), deleted(failing, _delete(), LATER)):
        assert disabled(held, late, LATER) is held


def _delete() -> WebhookDelete:
    return WebhookDelete(command_id=new_id("cmd"), workspace_id="ws_1", webhook_id="wh_1")


def test_switching_it_on_again_is_a_new_beginning() -> None:
    on = updated(_off(), _update(active=True), LATER).webhook
    assert on.active
    assert (on.disabled_reason, on.disabled_at) == (None, None)
    assert (on.failing_since, on.last_error) == (None, None)


def test_what_is_switched_off_or_deleted_hears_nothing_and_its_health_rests() -> None:
    held = failed(registration(), "Broken", TIME)
    off = updated(held, _update(active=False), LATER)
    gone = deleted(held, _delete(), LATER)
    for each in (off, gone):
        assert each.hears == []
        assert succeeded(each, LATER) is each
        assert failed(each, "Away", LATER) is each
