"""How far a delivery gets."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from contracts.entities import EntityDeleted
from contracts.messages import Event, EventData
from services.webhooks.delivery import Attempt, Delivery, made, milliseconds
from shared.errors import InvalidMessage
from tests.services.webhooks.samples import MINUTE, TIME, delivery, registration

BACKOFF = (5.0, 30.0)
BROKEN = Attempt(status=500)


def _event(event_id: str = "evt_1", source: str = "/workspaces/ws_1/crm_sync") -> Event[EventData]:
    data = EntityDeleted(
        workspace_id="ws_1",
        provider="workspace",
        entity_type="deal",
        entity_id="deal_1",
        created_at=TIME,
        updated_at=TIME,
        deleted_at=TIME,
        version=2,
    )
    time = datetime(2026, 4, 17, 12, 45, 0, 5000, tzinfo=timezone(timedelta(hours=2)))
    return Event[EventData](
        id=event_id,
        type="entity.deleted",
        source=source,
        subject="deal_1",
        time=time,
        workspaceid="ws_1",
        data=data,
    )


def test_the_body_is_the_events_id_type_time_and_data() -> None:
    body = json.loads(made(_event(), registration().webhook, TIME).body)
    assert {k: v for k, v in body.items() if k != "data"} == {
        "id": "evt_1",
        "type": "entity.deleted",
        "created_at": "2026-04-17T10:45:00.005000Z",
    }
    assert body["data"]["entity_id"] == "deal_1"


def test_its_id_is_a_uuid_made_of_event_and_webhook() -> None:
    webhook, other = registration().webhook, registration().webhook
    first = made(_event(), webhook, TIME)
    assert uuid.UUID(first.id).version == 5
    assert made(_event(), webhook, TIME + MINUTE).id == first.id
    others = [
        made(_event(), other, TIME),
        made(_event("evt_2"), webhook, TIME),
        made(_event(source="/workspaces/ws_1/links"), webhook, TIME),
    ]
    assert len({first.id, *(each.id for each in others)}) == 4


@pytest.mark.parametrize("event_id", ["a\r\nHost: b", "evt 1", "evt_ü", "x" * 257])
def test_an_event_whose_id_fits_no_header_is_not_sent(event_id: str) -> None:
    with pytest.raises(InvalidMessage):
        made(_event(event_id), registration().webhook, TIME)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx_is_a_success(status: int) -> None:
    after = _tried(delivery(), Attempt(status=status))
    assert (after.status, after.due, after.last_error) == ("delivered", None, None)


@pytest.mark.parametrize("status", [100, 199, 300, 301, 307, 404, 410, 500])
def test_all_else_is_not(status: int) -> None:
    after = _tried(delivery(), Attempt(status=status))
    assert (after.status, after.last_error) == ("pending", f"The endpoint answered {status}")


def _tried(before: Delivery, attempt: Attempt) -> Delivery:
    return before.claimed(60, TIME).concluded(attempt, BACKOFF, TIME)


def test_it_is_tried_again_after_each_pause_and_then_has_failed() -> None:
    first = _tried(delivery(), BROKEN)
    second = _tried(first, BROKEN)
    third = _tried(second, BROKEN)
    assert [each.due for each in (first, second, third)] == [
        milliseconds(TIME, 5),
        milliseconds(TIME, 30),
        None,
    ]
    assert [each.status for each in (first, second, third)] == ["pending", "pending", "failed"]
    assert [each.attempts for each in (first, second, third)] == [1, 2, 3]


def test_it_is_due_again_when_the_lease_of_a_dead_process_is_over() -> None:
    held = delivery().claimed(30, TIME)
    assert held.due == milliseconds(TIME, 30)
    assert (held.attempts, held.version) == (1, 2)


def test_it_is_given_up_when_process_after_process_dies_of_it() -> None:
    held, begun = delivery(), 0
    while not held.lost(BACKOFF):
        held, begun = held.claimed(30, TIME), begun + 1
    assert begun == 7


def test_it_is_shown_with_the_time_of_its_next_attempt() -> None:
    shown = _tried(delivery(), BROKEN).shown()
    assert shown.next_attempt_at == datetime(2026, 4, 17, 10, 45, 5, tzinfo=UTC)
    assert delivery().ended("Gone", TIME).shown().next_attempt_at is None
