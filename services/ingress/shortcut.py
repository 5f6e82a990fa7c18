"""Shortcuts for the calls that come most: past the framework's layers, to the same endpoint.

FastAPI spends more on matching, dependencies and encoding than everything else in the ingress costs
together. A shortcut takes a request that is plain and right in all its parts. Whatever else comes
on its path goes the framework's way, as if the shortcut were not there: so there is one place that
says what is wrong with a request, and one description of the endpoint.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from contracts.fields import Scope as Permission
from services.ingress.call import Call

_TAKEN_BACK = "doclink.no_shortcut"

Read = Callable[[Request, bytes], Mapping[str, Any] | None]
"""The endpoint's arguments in a request, or None where anything about it is not plain."""
Endpoint = Callable[..., Awaitable[BaseModel]]


class Shortcut(BaseRoute):
    """A route that stands before the framework's own.

    Args:
        app: Where the endpoint also stands.
        method: Of the requests.
        path: What their path looks like; its named groups are `path_params`.
        permission: What the caller needs.
        read: Tells the endpoint's arguments.
        endpoint: Called with the call, a response whose status it may set, and the arguments.
        status: Of a response whose status it does not set.
    """

    def __init__(
        self,
        app: FastAPI,
        method: str,
        path: str,
        *,
        permission: Permission,
        read: Read,
        endpoint: Endpoint,
        status: int,
    ) -> None:
        self._app = app
        self._method = method
        self._path = re.compile(path, re.ASCII)
        self._permission = permission
        self._read = read
        self._endpoint = endpoint
        self._status = status

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As Starlette asks each of its routes."""
        if scope["type"] == "http" and scope["method"] == self._method:
            found = self._path.fullmatch(scope["path"])
            if found and _TAKEN_BACK not in scope:
                return Match.FULL, {"path_params": found.groupdict()}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        body = await request.body()
        call = Call(request)
        arguments = None
        if self._permission in call.caller.scopes:
            arguments = self._read(request, body)
        if arguments is None:
            scope[_TAKEN_BACK] = True
            await self._app.router(scope, _again(body, receive), send)
            return
        response = Response(status_code=self._status)
        answer = await self._endpoint(call, response, **arguments)
        answered = Response(
            answer.model_dump_json().encode(),
            status_code=response.status_code,
            media_type="application/json",
        )
        await answered(scope, receive, send)


def _again(body: bytes, receive: Receive) -> Receive:
    """`receive`, from the beginning: the body has been read."""
    unread = True

    async def replay() -> Message:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay
