"""The registry's wiring: stores into handlers, handlers under their message types."""

from functools import partial

from services.registry import api_keys, documents
from services.registry.store import ApiKeyStore, DocumentStore
from shared.service import Kernel, Wiring


def wire(kernel: Kernel) -> Wiring:
    """The registry's handlers."""
    document_store = DocumentStore(kernel.database)
    key_store = ApiKeyStore(kernel.database)

    async def prepare() -> None:
        await document_store.prepare()
        await key_store.prepare()

    return Wiring(
        prepare=prepare,
        commands={
            "document.register": partial(documents.register, documents=document_store),
            "api_key.create": partial(api_keys.create, keys=key_store),
            "api_key.revoke": partial(api_keys.revoke, keys=key_store),
        },
        queries={
            "document.get": partial(documents.get, documents=document_store),
            "api_key.get": partial(api_keys.get, keys=key_store),
            "api_key.list": partial(api_keys.list_all, keys=key_store),
        },
        events={},
    )
