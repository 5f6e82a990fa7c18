"""The registry's wiring: stores into handlers, handlers under their message types."""

from functools import partial

from services.registry import api_keys, contents, documents, entries
from services.registry.contents import Contents
from services.registry.folder_store import FolderStore
from services.registry.folders import Folders
from services.registry.key_store import ApiKeyStore
from services.registry.numbers import EntryNumbers
from services.registry.store import DocumentStore
from services.registry.upgrade import number_documents
from shared.bus.dependency import Dependency
from shared.errors import ObjectsUnavailable
from shared.objects import Objects
from shared.service import Kernel, Wiring


def wire(kernel: Kernel) -> Wiring:
    """The registry's handlers."""
    numbers = EntryNumbers(kernel.database)
    document_store = DocumentStore(kernel.database, numbers)
    folder_store = FolderStore(kernel.database)
    key_store = ApiKeyStore(kernel.database)
    folders = Folders(folder_store, numbers)
    settings = kernel.settings
    objects = Objects(settings)
    stored = Contents(objects, document_store, required=settings.require_objects)

    async def prepare() -> None:
        await document_store.prepare()
        await folder_store.prepare()
        await key_store.prepare()
        await number_documents(document_store, folders)

    return Wiring(
        prepare=prepare,
        commands={
            "document.register": partial(
                documents.register, documents=document_store, folders=folders, contents=stored
            ),
            "document.update": partial(documents.update, documents=document_store, folders=folders),
            "document.delete": partial(documents.delete, documents=document_store, contents=stored),
            "api_key.create": partial(api_keys.create, keys=key_store),
            "api_key.revoke": partial(api_keys.revoke, keys=key_store),
        },
        queries={
            "document.get": partial(documents.get, documents=document_store),
            "document.list": partial(documents.list_page, documents=document_store),
            "entry.find": partial(entries.find, documents=document_store, folders=folder_store),
            "api_key.get": partial(api_keys.get, keys=key_store),
            "api_key.list": partial(api_keys.list_all, keys=key_store),
        },
        events={"document.deleted": partial(contents.document_deleted, contents=stored)},
        needs={ObjectsUnavailable: Dependency("object store", objects.ping)},
    )
