"""Documents and entities as their owners know them: from the replica, else by asking.

A caller who registers a document and links it at once must never hear that it does not exist
because its event is still under way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from contracts.documents import Document, DocumentGet, DocumentResult
from contracts.entities import WORKSPACE_PROVIDER, EntityDeleted, EntityGet, EntityResult
from contracts.entries import Entry, EntryFind, EntryFindResult
from contracts.errors import ErrorCode
from contracts.links import EntityDocuments, Link, LinkCreate
from contracts.messages import Query, ResultT
from services.links.replica import Known, Replica, document_key, entity_key, folder_key
from shared.bus.requester import Requester
from shared.errors import Refusal
from shared.ids import new_id


@dataclass(frozen=True)
class End:
    """The end of a document or entity; `cause` is the event that announced it."""

    cause: str
    reason: Literal["entity_deleted", "document_deleted"]


FIND_LIMIT = 5000
"""How many ids one `entry.find` takes."""


class Owners:
    """The replica, and behind it the services that own documents and entities."""

    def __init__(self, requester: Requester, replica: Replica, *, deadline: float) -> None:
        self._requester = requester
        self._replica = replica
        self._deadline = deadline

    async def document(self, workspace_id: str, document_id: str) -> Document:
        """The document.

        Raises:
            Refusal: `not_found`.
            PeerUnavailable: the registry does not answer.
        """
        known = await self._replica.get(workspace_id, document_key(document_id))
        if known is not None and known.exists:
            return Document.model_validate(known.fields)
        if known is not None:  # documents never come back
            raise Refusal(ErrorCode.NOT_FOUND, "Document not found")
        query = DocumentGet(
            command_id=new_id("cmd"), workspace_id=workspace_id, document_id=document_id
        )
        answer = await self._ask(query, DocumentResult, "Document")
        await self._replica.put_document(answer.document)
        return answer.document

    async def require_both(self, command: LinkCreate) -> None:
        """Return if document and entity were there a moment ago: `ends_of` tells afterwards.

        Raises:
            Refusal: `not_found`, `not_connected`; where both are missing, the document is named.
            PeerUnavailable: the registry or CRM-sync does not answer.
        """
        looks: list[Awaitable[object]] = []
        if not self._replica.remembers(command.workspace_id, document_key(command.document_id)):
            looks.append(self.document(command.workspace_id, command.document_id))
        if not self._remembers_entity(command):
            looks.append(self.require_entity(command))
        for look in await asyncio.gather(*looks, return_exceptions=True):
            if isinstance(look, BaseException):
                raise look

    async def entries(self, workspace_id: str, ids: Iterable[str]) -> dict[str, Entry]:
        """The documents and folders with these ids; those that do not exist are left out.

        Raises:
            PeerUnavailable: the registry does not answer.
        """
        wanted = sorted(set(ids))
        documents = await self._known(workspace_id, wanted, document_key)
        entries = {each: _entry(known) for each, known in documents.items() if _is_entry(known)}
        unknown = [
            each for each in wanted if each not in entries and not _is_gone(documents.get(each))
        ]
        folders = await self._known(workspace_id, unknown, folder_key)
        entries |= {each: Entry.model_validate(known.fields) for each, known in folders.items()}
        missing = [each for each in unknown if each not in folders]
        return entries | {each.id: each for each in await self._find(workspace_id, missing)}

    async def ended(self, workspace_id: str, document_ids: Iterable[str]) -> dict[str, str]:
        """Those of the documents whose end was heard of, each with the event that announced it."""
        wanted = sorted(set(document_ids))
        keys = [document_key(each) for each in wanted]
        causes = await self._replica.ended_by(workspace_id, keys)
        return {each: cause for each, cause in zip(wanted, causes, strict=True) if cause}

    async def require_entity(self, request: LinkCreate | EntityDocuments) -> None:
        """Return if the entity exists; for a CRM's record only its owner can tell.

        Raises:
            Refusal: `not_found`, `not_connected`.
            PeerUnavailable: CRM-sync does not answer.
        """
        if request.provider == WORKSPACE_PROVIDER:
            key = entity_key(request.entity_type, request.entity_id)
            known = await self._replica.get(request.workspace_id, key)
            if known is not None and known.exists:
                return
        await self._look_up_entity(
            EntityGet(
                command_id=new_id("cmd"),
                workspace_id=request.workspace_id,
                provider=request.provider,
                entity_type=request.entity_type,
                entity_id=request.entity_id,
            )
        )

    async def ends_of(self, link: Link) -> list[End]:
        """Which ends of the link's document and of its entity were heard of.

        Raises:
            PeerUnavailable: CRM-sync does not answer.
        """
        document, entity = await self._replica.ended_by(
            link.workspace_id,
            [
                document_key(link.document_id),
                entity_key(link.entity_type, link.entity_id, link.provider),
            ],
        )
        ends = []
        if document is not None:
            ends.append(End(document, "document_deleted"))
        if entity is not None and not await self.is_back(link):
            ends.append(End(entity, "entity_deleted"))
        return ends

    async def is_back(self, entity: Link | EntityDeleted) -> bool:
        """Whether an entity whose end was heard of is there again; that event may come late.

        Raises:
            PeerUnavailable: CRM-sync does not answer.
        """
        try:
            await self._look_up_entity(
                EntityGet(
                    command_id=new_id("cmd"),
                    workspace_id=entity.workspace_id,
                    provider=entity.provider,
                    entity_type=entity.entity_type,
                    entity_id=entity.entity_id,
                )
            )
        except (Refusal, ValidationError):  # none of its type can be there
            return False
        return True

    def _remembers_entity(self, command: LinkCreate) -> bool:
        key = entity_key(command.entity_type, command.entity_id)
        return command.provider == WORKSPACE_PROVIDER and self._replica.remembers(
            command.workspace_id, key
        )

    async def _known(
        self, workspace_id: str, ids: list[str], key: Callable[[str], str]
    ) -> dict[str, Known]:
        held = await self._replica.get_many(workspace_id, [key(each) for each in ids])
        return {each: known for each, known in zip(ids, held, strict=True) if known is not None}

    async def _find(self, workspace_id: str, ids: list[str]) -> list[Entry]:
        found: list[Entry] = []
        for start in range(0, len(ids), FIND_LIMIT):
            query = EntryFind(
                command_id=new_id("cmd"),
                workspace_id=workspace_id,
                ids=ids[start : start + FIND_LIMIT],
            )
            found += (await self._ask(query, EntryFindResult, "Entry")).entries
        await asyncio.gather(
            *(self._replica.put_folder(each) for each in found if each.kind == "folder")
        )
        return found

    async def _look_up_entity(self, query: EntityGet) -> None:
        # A CRM's callers name the document in the path, so it is the entity that they got wrong.
        fields = None if query.provider == WORKSPACE_PROVIDER else {"entity_id": "does not exist"}
        answer = await self._ask(query, EntityResult, query.entity_type.capitalize(), fields)
        await self._replica.put_entity(answer.entity)

    async def _ask(
        self,
        query: Query,
        answer: type[ResultT],
        what: str,
        fields: dict[str, str] | None = None,
    ) -> ResultT:
        try:
            return await self._requester.ask(query, answer, deadline=self._deadline)
        except Refusal as refusal:
            if refusal.code is not ErrorCode.NOT_FOUND:
                raise
            # Its registration may still be waiting in the owner's queue.
            raise Refusal(
                ErrorCode.NOT_FOUND, f"{what} not found", fields, may_pass=True
            ) from refusal


def _is_gone(document: Known | None) -> bool:
    return document is not None and not document.exists


def _is_entry(document: Known) -> bool:
    """False for what is gone, and for what the registry had not numbered when we heard of it."""
    return document.exists and document.fields.get("entry_id") is not None


def _entry(document: Known) -> Entry:
    return Entry.model_validate({**document.fields, "kind": "document"})
