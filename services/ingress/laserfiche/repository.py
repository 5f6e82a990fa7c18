"""The caller's repository: which is the workspace, so there is one, with entries in it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Path, Request

from contracts.entries import Entry, EntryFind, EntryFindResult
from contracts.errors import ErrorCode
from contracts.fields import EntryId
from services.ingress.call import Call, CurrentCall
from services.ingress.demands import InDigits
from services.ingress.laserfiche.odata import EntityType, Options, selected
from services.ingress.laserfiche.paging import Row, page
from shared.errors import Refusal

BASE = "/repository/v1"
REPOSITORY = f"{BASE}/Repositories/{{repoId}}"


class Repository:
    """Turns Laserfiche's numbers into entries, and back into URLs."""

    def __init__(self, call: Call, path: str) -> None:
        self.call = call
        self._path = path
        self.id = call.caller.workspace_id

    def entry_url(self, entry_id: int) -> str:
        """Where an entry can be read."""
        return f"{self.call.public_url}{BASE}/Repositories/{self.id}/Entries/{entry_id}"

    async def entries(self, *entry_ids: int) -> dict[int, Entry]:
        """Those of the entries that exist, by number."""
        wanted = sorted(set(entry_ids))
        answer = await self.call.query(EntryFind, EntryFindResult, entry_ids=wanted)
        return {entry.entry_id: entry for entry in answer.entries}

    async def entry(self, entry_id: int) -> Entry:
        """One entry.

        Raises:
            Refusal: there is none.
        """
        return existing(await self.entries(entry_id), entry_id)

    def page(
        self, rows: Sequence[Row], options: Options, entity: EntityType, *, total: int
    ) -> dict[str, Any]:
        """The page of these rows that the caller wants, in OData's envelope."""
        shown, following = page(rows, options, entity)
        context = f"{self.call.public_url}{BASE}/$metadata#Collection({entity.name})"
        value = [selected(row, options.select) for row in shown]
        envelope: dict[str, Any] = {"@odata.context": context, "value": value}
        if options.count:
            envelope["@odata.count"] = total
        if following is not None:
            envelope["@odata.nextLink"] = f"{self.call.public_url}{self._path}?{following}"
        return envelope


def existing(entries: dict[int, Entry], entry_id: int) -> Entry:
    """The entry with this number, or a refusal."""
    if entry_id not in entries:
        raise Refusal(ErrorCode.NOT_FOUND, f"Entry {entry_id} does not exist")
    return entries[entry_id]


async def _repository(
    request: Request,
    call: CurrentCall,
    repo_id: Annotated[str, Path(alias="repoId", examples=["r-abc123"])],
) -> Repository:
    """The repository in the path; somebody else's does not exist for the caller."""
    if repo_id != call.caller.workspace_id:
        raise Refusal(ErrorCode.NOT_FOUND, "The repository does not exist")
    return Repository(call, request.scope["path"])


CurrentRepository = Annotated[Repository, Depends(_repository)]
PathEntryId = Annotated[EntryId, InDigits, Path(alias="entryId", examples=[10])]
