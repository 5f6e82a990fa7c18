"""The LeadLex dialect as an application."""

from services.ingress.application import Description, application
from services.ingress.dialect import Dialect
from services.ingress.headers import response_headers
from services.ingress.leadlex import (
    connections,
    documents,
    entities,
    links,
    operations,
    uploads,
    webhooks,
)
from services.ingress.leadlex.document_bodies import CreateDocument, RequestUpload, UpdateDocument
from services.ingress.leadlex.errors import render
from services.ingress.leadlex.link_bodies import LinkDocument
from services.ingress.leadlex.shortcuts import SHORTCUTS
from services.ingress.leadlex.webhook_bodies import CreateWebhook, UpdateWebhook

_ROUTERS = (
    *(uploads.router, documents.router, links.router, entities.router),
    *(connections.router, webhooks.router, operations.router),
)
_BODIES = (
    *(CreateDocument, UpdateDocument, RequestUpload, LinkDocument),
    *(CreateWebhook, UpdateWebhook),
)
_DESCRIPTION = Description(
    title="doclink: LeadLex documents",
    text="""Takes files, registers them as documents, links these to contacts, companies, deals,
events, matters and tasks, and lists, changes and deletes them. Send your API key as
`Authorization: Bearer wbk_...`.""",
    path="/v1",
    security={"key": {"type": "http", "scheme": "bearer"}},
    headers=response_headers,
    bodies=_BODIES,
)


def dialect() -> Dialect:
    """LeadLex, ready to be served."""
    return Dialect(
        name="leadlex",
        prefix="/v1",
        app=application(_ROUTERS, render, _DESCRIPTION),
        shortcuts=SHORTCUTS,
        key_scheme=("bearer",),
        render=render,
        open_paths=r"/v1/(docs|openapi\.json)",
        # What LeadLex's own host has before the prefix: for callers that keep their base path.
        aliases={"/functions/v1/api-gateway/v1": "/v1"},
    )
