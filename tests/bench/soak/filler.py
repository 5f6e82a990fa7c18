"""Links straight into the link service's database, as that would have stored them."""

from datetime import timedelta
from itertools import count
from typing import Any, Final

import pymongo
from ulid import ULID

from contracts.links import Link
from services.links.store import record_of
from shared.ids import now

DOCUMENTS, CONTACTS = 20_011, 50_000
"""Without a common factor, so that no pair comes twice in a billion."""
_BATCH = 1000
_FAST = pymongo.WriteConcern(w=1)
"""What is lost in a crash is filled in again."""


class Filler:
    """Fills one workspace; nobody asks for what is filled in.

    Args:
        mongo_url: The database.
        workspace_id: Whose links they are.
    """

    def __init__(self, mongo_url: str, workspace_id: str) -> None:
        self._mongo_url = mongo_url
        self._workspace_id = workspace_id
        self._numbers: Final = count()

    def fill(self, links: int) -> None:
        """Add that many links."""
        with pymongo.MongoClient[dict[str, Any]](self._mongo_url) as client:
            database = client["doclink_links"]
            collection = database.get_collection("links", write_concern=_FAST)
            for first in range(0, links, _BATCH):
                some = [self._record() for _ in range(min(_BATCH, links - first))]
                collection.insert_many(some, ordered=False)

    def _record(self) -> dict[str, Any]:
        number = next(self._numbers)
        return record_of(
            Link(
                id=f"dlnk_{ULID()}",
                workspace_id=self._workspace_id,
                kind="entity",
                document_id=f"doc_filled_{number % DOCUMENTS:021}",
                entity_type="contact",
                entity_id=f"contact_filled_{number % CONTACTS:06}",
                created_by="usr_bench",
                created_at=now() - timedelta(seconds=number),
                version=1,
            )
        )
