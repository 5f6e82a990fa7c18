"""Documents and entities as their owners know them: from the replica, else by asking.

A caller who registers a document and links it at once must never hear that it does not exist
because its event is still under way.
"""

from contracts.documents import Document, DocumentGet, DocumentResult
from contracts.entities import EntityDeleted, EntityGet, EntityResult
from contracts.errors import ErrorCode
from contracts.links import EntityDocuments, Link, LinkCreate
from contracts.messages import Query, ResultT
from services.links.replica import Replica, document_key, entity_key
from shared.bus.requester import Requester
from shared.errors import Refusal
from shared.ids import new_id


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
        query = DocumentGet(
            command_id=new_id("cmd"), workspace_id=workspace_id, document_id=document_id
        )
        answer = await self._ask(query, DocumentResult, "Document")
        await self._replica.put_document(answer.document)
        return answer.document

    async def require_entity(self, request: LinkCreate | EntityDocuments) -> None:
        """Return if the entity exists.

        Raises:
            Refusal: `not_found`.
            PeerUnavailable: CRM-sync does not answer.
        """
        key = entity_key(request.entity_type, request.entity_id)
        known = await self._replica.get(request.workspace_id, key)
        if known is not None and known.exists:
            return
        await self._look_up_entity(
            EntityGet(
                command_id=new_id("cmd"),
                workspace_id=request.workspace_id,
                entity_type=request.entity_type,
                entity_id=request.entity_id,
            )
        )

    async def entity_end(self, link: Link) -> str | None:
        """The event that announced the end of the link's entity; None while it lives.

        Raises:
            PeerUnavailable: CRM-sync does not answer.
        """
        key = entity_key(link.entity_type, link.entity_id)
        known = await self._replica.get(link.workspace_id, key)
        if known is None or known.deleted_by is None or await self.is_back(link):
            return None
        return known.deleted_by

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
        except Refusal:
            return False
        return True

    async def _look_up_entity(self, query: EntityGet) -> None:
        answer = await self._ask(query, EntityResult, query.entity_type.capitalize())
        await self._replica.put_entity(answer.entity)

    async def _ask(self, query: Query, answer: type[ResultT], what: str) -> ResultT:
        try:
            return await self._requester.ask(query, answer, deadline=self._deadline)
        except Refusal as refusal:
            if refusal.code is not ErrorCode.NOT_FOUND:
                raise
            # Its registration may still be waiting in the owner's queue.
            raise Refusal(ErrorCode.NOT_FOUND, f"{what} not found", may_pass=True) from refusal
