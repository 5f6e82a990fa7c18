"""The workload: documents and entities to link, prepared beforehand through the queue."""

import asyncio
from dataclasses import dataclass

from shared.ids import derive, new_id
from tests.bench.plan import Plan
from tests.support.bus import Outsider, command
from tests.support.workspace import PDF, make_key

PREPARATION_SECONDS = 60.0


@dataclass(frozen=True)
class Workload:
    """A workspace's key, and what can be linked in it."""

    key: str
    documents: list[str]
    entities: list[str]

    def pair(self, number: int) -> tuple[str, str]:
        """The document and the entity of request `number`; no pair comes twice.

        Neighbouring requests have neither in common, so batches do not profit from repetition.
        """
        if number >= len(self.documents) * len(self.entities):
            raise RuntimeError("All pairs of documents and entities are used up")
        return (
            self.documents[number % len(self.documents)],
            self.entities[number % len(self.entities)],
        )


async def prepare(outsider: Outsider, plan: Plan) -> Workload:
    """A new workspace with everything in place, for the link service too."""
    workspace_id = new_id("ws")
    key, _ = await make_key(outsider, workspace_id)
    registrations = [
        command(workspace_id, storage_path=f"workspaces/{workspace_id}/{number}.pdf", **PDF)
        for number in range(plan.documents)
    ]
    entities = [f"contact_{number:05}" for number in range(plan.entities)]
    upserts = [
        command(workspace_id, entity_type="contact", entity_id=entity) for entity in entities
    ]
    async with outsider.tap("document.registered", "entity.upserted") as tap:
        await asyncio.gather(
            *(outsider.publish("document.register", each) for each in registrations),
            *(outsider.publish("entity.upsert", each) for each in upserts),
        )
        wanted = plan.documents + plan.entities
        await tap.until(lambda events: len(events) >= wanted, PREPARATION_SECONDS)
    documents = [derive("doc", each["command_id"]) for each in registrations]
    return Workload(key, documents, entities)
