"""Events that are valid and make no sense: heard in silence, none is parked as a defect."""

from typing import Any

import pytest

from contracts.examples import EXAMPLES
from contracts.messages import EVENT_CONTENT_TYPE
from contracts.topology import EVENTS
from deploy.local.stack import Stack
from shared.ids import new_id
from tests.support.bus import Outsider
from tests.support.logbook import times_handled
from tests.support.waiting import until_true

ODD: dict[str, dict[str, Any]] = {
    "a type that no entity has": {"entity_type": "planet"},
    "a provider that is none": {"provider": "doclink"},
    "an end in the far future": {"deleted_at": "9999-12-31T23:59:59Z"},
    "an end in the far past": {"deleted_at": "0001-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("odd", ODD)
async def test_the_end_of_what_cannot_be_there_is_heard(
    odd: str, stack: Stack, outsider: Outsider
) -> None:
    example, workspace_id = EXAMPLES["entity.deleted"], new_id("ws")
    data = example["data"] | {"workspace_id": workspace_id} | ODD[odd]
    event = example | {"id": new_id("evt"), "workspaceid": workspace_id, "data": data}
    options = {"exchange": EVENTS, "content_type": EVENT_CONTENT_TYPE}
    message_id = await outsider.publish("entity.deleted", event, **options)
    await until_true(lambda: times_handled(stack, "links", message_id) == 1)
