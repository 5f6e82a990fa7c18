"""A dialect: one existing HTTP API, served on a path prefix by an application of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp

from contracts.errors import ErrorCode


@dataclass(frozen=True)
class Problem:
    """Something to tell a caller, before a dialect has given it a shape."""

    code: ErrorCode
    message: str
    fields: Mapping[str, str] | None = None
    retry_after: int | None = None


@dataclass(frozen=True)
class Dialect:
    """What the ingress needs to know of an API to serve it."""

    name: str
    prefix: str
    """Paths that start so are this dialect's."""
    app: ASGIApp
    key_scheme: tuple[str, ...]
    """The schemes of the `Authorization` header that carry an API key, in lower case."""
    render: Callable[[Problem], Response]
    """A problem in the dialect's own shape and status."""
    open_paths: frozenset[str] = frozenset()
    """Paths that need no key: the dialect's description of itself."""
    host_path: str = ""
    """What the API's own hosts have before the prefix: served too, for callers that keep it."""
