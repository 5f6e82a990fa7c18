"""The workload: documents and entities to link, prepared beforehand through the queue."""

import asyncio
from dataclasses import dataclass, field

from shared.ids import derive, new_id
from tests.bench.plan import Plan
from tests.support.bus import Outsider, command
from tests.support.workspace import PDF, make_key

PREPARATION_SECONDS = 60.0
LISTED = "contact_listed"
"""The contact whose documents are listed."""


@dataclass(frozen=True)
class Workload:
    """A workspace's key, and what can be linked in it.

    Attributes:
        key: Of the API.
        documents: Their ids.
        entities: Ids of contacts.
        workspace: Its id.
        entries: The documents' numbers as Laserfiche's API knows them.
    """

    key: str
    documents: list[str]
    entities: list[str]
    workspace: str = ""
    entries: list[int] = field(default_factory=list)

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
        command(workspace_id, entity_type="contact", entity_id=entity)
        for entity in (*entities, LISTED)
    ]
    documents = [derive("doc", each["command_id"]) for each in registrations]
    links = [
        command(workspace_id, document_id=document, entity_type="contact", entity_id=LISTED)
        for document in documents[: plan.listed]
    ]
    async with outsider.tap("document.registered", "entity.upserted", "link.created") as tap:
        await asyncio.gather(
            *(outsider.publish("document.register", each) for each in registrations),
            *(outsider.publish("entity.upsert", each) for each in upserts),
        )
        wanted = len(registrations) + len(upserts)
        events = await tap.until(lambda events: len(events) >= wanted, PREPARATION_SECONDS)
        await asyncio.gather(*(outsider.publish("link.create", each) for each in links))
        wanted += len(links)
        await tap.until(lambda events: len(events) >= wanted, PREPARATION_SECONDS)
    numbers = {
        each["data"]["id"]: each["data"]["entry_id"]
        for each in events
        if each["type"] == "document.registered"
    }
    return Workload(
        key, documents, entities, workspace_id, entries=[numbers[each] for each in documents]
    )
