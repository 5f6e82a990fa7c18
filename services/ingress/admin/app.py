"""The admin API as an application."""

from services.ingress.admin import dead
from services.ingress.admin.errors import render
from services.ingress.application import Description, application
from services.ingress.dialect import Dialect
from services.ingress.headers import response_headers

_DESCRIPTION = Description(
    title="doclink: operations",
    text="""Lists, shows, sends again and drops what could not be handled, of all workspaces.
Send an operator's API key, one with the scope `admin:operations`, as
`Authorization: Bearer wbk_...`.""",
    path="/admin/v1",
    security={"key": {"type": "http", "scheme": "bearer"}},
    headers=response_headers,
)


def dialect() -> Dialect:
    """The admin API, ready to be served."""
    return Dialect(
        name="admin",
        prefix="/admin/v1",
        app=application((dead.router,), render, _DESCRIPTION),
        key_scheme=("bearer",),
        render=render,
        open_paths=r"/admin/v1/(docs|openapi\.json)",
    )
