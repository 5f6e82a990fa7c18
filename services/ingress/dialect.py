"""A dialect: one existing HTTP API, served on a path prefix by an application of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI
from starlette.responses import Response

from contracts.errors import ErrorCode
from services.ingress.shortcut import Shortcut


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
    app: FastAPI
    key_scheme: tuple[str, ...]
    """The schemes of the `Authorization` header that carry an API key, in lower case."""
    render: Callable[[Problem], Response]
    """A problem in the dialect's own shape and status."""
    open_paths: str = r"(?!)"
    """A pattern of the paths that need no key, e.g. the dialect's description of itself."""
    shortcuts: Sequence[Shortcut] = ()
    """The short ways to endpoints of `app`."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other prefixes that stand for `prefix`, for callers that keep the API's own base path."""

    def path_of(self, path: str) -> str | None:
        """The path as this dialect knows it; None if it is another's."""
        for prefix, own in {self.prefix: self.prefix, **self.aliases}.items():
            if path == prefix or path.startswith(prefix + "/"):
                return own + path.removeprefix(prefix)
        return None
