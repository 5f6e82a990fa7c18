"""The LeadLex dialect as an application."""

from services.ingress.application import Description, application
from services.ingress.dialect import Dialect
from services.ingress.leadlex import documents, entities
from services.ingress.leadlex.errors import render
from services.ingress.leadlex.headers import response_headers
from services.ingress.leadlex.models import BODIES

_ROUTERS = (documents.router, entities.router)
_DESCRIPTION = Description(
    title="doclink: LeadLex documents",
    text="""Registers documents, links them to contacts, companies, deals, events, matters and
tasks, and lists them. Send your API key as `Authorization: Bearer wbk_...`.""",
    path="/v1",
    security={"key": {"type": "http", "scheme": "bearer"}},
    headers=response_headers,
    bodies=BODIES,
)


def dialect() -> Dialect:
    """LeadLex, ready to be served."""
    return Dialect(
        name="leadlex",
        prefix="/v1",
        app=application(_ROUTERS, render, _DESCRIPTION),
        key_scheme=("bearer",),
        render=render,
        open_paths=r"/v1/(docs|openapi\.json)",
        # What LeadLex's own host has before the prefix: for callers that keep their base path.
        aliases={"/functions/v1/api-gateway/v1": "/v1"},
    )
