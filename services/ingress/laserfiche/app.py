"""The Laserfiche dialect as an application."""

from services.ingress.application import Description, application
from services.ingress.dialect import Dialect
from services.ingress.headers import response_headers
from services.ingress.laserfiche import definitions, entries, links, repositories
from services.ingress.laserfiche.bodies import PostLinkDefinitionRequest, PutLinksRequest
from services.ingress.laserfiche.errors import ProblemDetails, render

_ROUTERS = (links.router, definitions.router, entries.router, repositories.router)
_DESCRIPTION = Description(
    title="doclink: Laserfiche links",
    text="""Links documents and folders to each other, as in the Laserfiche Repository API v1. Send
your API key as `Authorization: Bearer wbk_...`, or get it accepted by `Token` first.""",
    path="/repository/v1",
    security={"key": {"type": "http", "scheme": "bearer"}},
    headers=response_headers,
    bodies=(PutLinksRequest, PostLinkDefinitionRequest, ProblemDetails),
)


def dialect() -> Dialect:
    """Laserfiche, ready to be served."""
    return Dialect(
        name="laserfiche",
        prefix="/repository",
        app=application(_ROUTERS, render, _DESCRIPTION),
        key_scheme=("bearer",),
        render=render,
        open_paths=r"/repository/v1/(docs|openapi\.json|Repositories/[^/]+/Token)",
        # The base path of a self-hosted server.
        aliases={"/LFRepositoryAPI": "/repository"},
    )
