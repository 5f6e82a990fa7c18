"""The bytes of documents: whether they are there at registration, and their end."""

from contracts.documents import Document, DocumentDeleted, DocumentRegister
from contracts.errors import ErrorCode
from contracts.messages import Event
from services.registry.store import DocumentStore
from shared.errors import Refusal
from shared.objects import Objects
from shared.outcome import Outcome


def own_prefix(workspace_id: str) -> str:
    """Where all of a workspace's objects lie, and nobody else's."""
    return f"workspaces/{workspace_id}/"


class Contents:
    """The objects at the storage paths of documents.

    Args:
        objects: The object store.
        documents: Tells which storage paths are in use.
        required: Whether a document may only be registered when its bytes are there.
    """

    def __init__(self, objects: Objects, documents: DocumentStore, *, required: bool) -> None:
        self._objects = objects
        self._documents = documents
        self._required = required

    async def size_of(self, command: DocumentRegister) -> int | None:
        """The document's size: that of the object, or as the caller says where none lies.

        Raises:
            Refusal: `validation_error`: the path is not the workspace's, or size and object do not
                agree, or there is no object although one is required.
            ObjectsUnavailable: the object store does not answer.
        """
        prefix = own_prefix(command.workspace_id)
        if not command.storage_path.startswith(prefix):
            raise _invalid("storage_path", f"Must start with {prefix}")
        size = await self._objects.size(command.storage_path)
        if size is None:
            if self._required:
                raise _invalid("storage_path", "Must be where a file has been uploaded")
            return command.size_bytes
        if command.size_bytes not in (None, size):
            raise _invalid("size_bytes", f"Must be the size of the uploaded file, {size}")
        return size

    async def release(self, document: Document) -> None:
        """Delete the bytes of a deleted document, unless another one has its path by now.

        Raises:
            ObjectsUnavailable: the object store does not answer.
        """
        if not document.storage_path.startswith(own_prefix(document.workspace_id)):
            return  # earlier releases took any path: those bytes may be another workspace's
        if await self._documents.at_path(document.workspace_id, document.storage_path) is None:
            await self._objects.delete(document.storage_path)


async def document_deleted(event: Event[DocumentDeleted], contents: Contents) -> Outcome:
    """Delete the document's bytes, unless the command has done so before it was answered."""
    if not event.data.hard:
        await contents.release(event.data)
    return Outcome()


def _invalid(field: str, rule: str) -> Refusal:
    return Refusal(ErrorCode.VALIDATION_ERROR, "The document cannot be registered", {field: rule})
