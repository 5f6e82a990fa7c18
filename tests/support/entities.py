"""An entity, for tests of which it does not matter what is in it."""

from contracts.entities import Entity
from shared.ids import now

ENTITY = Entity(
    workspace_id="ws_1",
    provider="workspace",
    entity_type="deal",
    entity_id="1",
    created_at=now(),
    updated_at=now(),
    version=1,
)
