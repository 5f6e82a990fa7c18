"""The PandaDoc dialect as an application."""

from services.ingress.application import Description, application
from services.ingress.dialect import Dialect
from services.ingress.headers import response_headers
from services.ingress.pandadoc import documents, linked_objects
from services.ingress.pandadoc.errors import render

_ROUTERS = (documents.router, linked_objects.router)
_DESCRIPTION = Description(
    title="doclink: PandaDoc linked objects",
    text="""Links documents to records of CRMs, one for each document and CRM, and lists them.
Send your API key as `Authorization: API-Key wbk_...` or `Authorization: Bearer wbk_...`.""",
    path="/public/v1",
    security={
        "apiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`API-Key`, a space, and the key.",
        },
        "bearer": {"type": "http", "scheme": "bearer"},
    },
    headers=response_headers,
)


def dialect() -> Dialect:
    """PandaDoc, ready to be served."""
    return Dialect(
        name="pandadoc",
        prefix="/public/v1",
        app=application(_ROUTERS, render, _DESCRIPTION),
        key_scheme=("api-key", "bearer"),
        render=render,
        open_paths=r"/public/v1/(docs|openapi\.json)",
    )
