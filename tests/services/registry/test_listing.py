from datetime import timedelta
from typing import Any

import pytest

from contracts.documents import DocumentDelete, DocumentList
from services.registry.numbers import EntryNumbers
from services.registry.revisions import deleted
from services.registry.store import DocumentStore
from shared.ids import new_id
from shared.store.client import Database
from tests.services.registry.documents import TIME, made

DOCUMENTS: dict[str, dict[str, Any]] = {
    "a": {"folder": None, "name": "Stra\u00dfe.pdf", "tags": []},
    "b": {"folder": "/clients", "description": "Line one\nCaf\u00e9 100%", "tags": ["x"]},
    "c": {"folder": "/clients/acme", "mime_type": "text/plain", "tags": ["x", "y"]},
    "d": {"folder": "/clients/acme/ndas", "name": "\u0130stanbul (a.b)*", "tags": ["y", "x", "z"]},
    "e": {"folder": "/clients.old", "name": "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2"},
    "f": {"folder": "/clients/acme2", "description": "and", "mime_type": "text/plain"},
}
"""Each is made a millisecond after the one before."""


@pytest.fixture(scope="module")
async def documents(database: Database) -> DocumentStore:
    store = DocumentStore(database, EntryNumbers(database))
    await store.prepare()
    return store


@pytest.fixture(scope="module")
async def tenant(documents: DocumentStore) -> str:
    """A workspace with these documents, a deleted one, and a neighbour that has the same."""
    tenant = new_id("ws")
    for workspace_id in (tenant, new_id("ws")):
        for number, (key, fields) in enumerate(DOCUMENTS.items()):
            time = TIME + timedelta(milliseconds=number)
            document = {"name": "plain", "tags": ["nda"], "created_at": time, **fields}
            await documents.add(made(workspace_id, **document, created_by=key))
    held = await documents.add(made(tenant, created_by="deleted"))
    command = DocumentDelete(
        command_id=new_id("cmd"), workspace_id=tenant, document_id=held.document.id
    )
    await documents.write(held, deleted(held, command, TIME))
    return tenant


async def _listed(documents: DocumentStore, tenant: str, **conditions: Any) -> tuple[str, int]:
    query = DocumentList(command_id=new_id("cmd"), workspace_id=tenant, **conditions)
    page, total = await documents.page(query)
    return "".join(each.created_by or "?" for each in page), total


async def test_documents_come_newest_first_page_by_page(
    documents: DocumentStore, tenant: str
) -> None:
    assert await _listed(documents, tenant) == ("fedcba", 6)
    pages = [await _listed(documents, tenant, page=page, per_page=4) for page in (1, 2, 3)]
    assert pages == [("fedc", 6), ("ba", 6), ("", 6)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"folder": "/clients"}, "fdcb"),
        ({"folder": "/clients/acme"}, "dc"),
        ({"folder": "/clients/acme/"}, "dc"),
        ({"folder": "/clients/acm"}, ""),
        ({"folder": "/Clients"}, ""),
        ({"folder": "/"}, "fedcba"),
        ({"tags": ["x"]}, "dcb"),
        ({"tags": ["x", "y"]}, "dc"),
        ({"tags": ["z", "x", "y"]}, "d"),
        ({"tags": ["x", "nda"]}, ""),
        ({"tags": ["X"]}, ""),
        ({"mime_type": "text/plain"}, "fc"),
        ({"search": "STRASSE"}, "a"),
        ({"search": "stra\u00df"}, "a"),
        ({"search": "cafe\u0301"}, "b"),
        ({"search": "CAF\u00c9 100%"}, "b"),
        ({"search": "(A.B)*"}, "d"),
        ({"search": "a.b)"}, "d"),
        ({"search": "axb"}, ""),
        ({"search": ".*"}, ""),
        ({"search": "\u0130STANBUL"}, "d"),
        ({"search": "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"}, "e"),
        ({"search": "PLAIN"}, "fcb"),
        ({"search": "AN"}, "fd"),
        ({"search": "one caf"}, ""),
        ({"created_after": TIME - timedelta(microseconds=1)}, "fedcba"),
        ({"created_after": TIME}, "fedcb"),
        ({"created_after": TIME + timedelta(microseconds=2500)}, "fed"),
        ({"created_after": TIME + timedelta(milliseconds=5)}, ""),
        ({"folder": "/clients", "tags": ["x"], "search": "plain"}, "cb"),
        ({"folder": "/clients", "mime_type": "text/plain", "tags": ["y"]}, "c"),
    ],
)
async def test_all_conditions_must_be_met(
    documents: DocumentStore, tenant: str, conditions: dict[str, Any], expected: str
) -> None:
    assert await _listed(documents, tenant, **conditions) == (expected, len(expected))
