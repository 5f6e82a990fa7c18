"""Shortcuts for the calls that come most: past the framework's layers, to the same endpoint.

FastAPI spends more on matching, dependencies and encoding than everything else in the ingress costs
together. A shortcut takes a request that is plain and right in all its parts. Whatever else comes
on its path goes the framework's way, as if the shortcut were not there: so there is one place that
says what is wrong with a request, and one description of the endpoint.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.fields import Scope as Permission
from services.ingress.call import Call

Read = Callable[[Request, bytes], Mapping[str, Any] | None]
"""The endpoint's arguments in a request, or None where anything about it is not plain."""
Endpoint = Callable[..., Awaitable[BaseModel]]


@dataclass(frozen=True)
class Shortcut:
    """The short way to one endpoint.

    Attributes:
        method: Of the requests.
        path: What their path looks like; its named groups are `path_params`.
        permission: What the caller needs.
        read: Tells the endpoint's arguments.
        endpoint: Called with the call, a response whose status it may set, and the arguments.
        status: Of a response whose status it does not set.
    """

    method: str
    path: re.Pattern[str]
    permission: Permission
    read: Read
    endpoint: Endpoint
    status: int

    async def answer(self, request: Request, body: bytes) -> Response | None:
        """The endpoint's answer, or None if the request is not for a shortcut."""
        call = Call(request)
        if self.permission not in call.caller.scopes:
            return None
        arguments = self.read(request, body)
        if arguments is None:
            return None
        given = Response(status_code=self.status)
        answer = await self.endpoint(call, given, **arguments)
        return Response(
            answer.model_dump_json().encode(),
            status_code=given.status_code,
            media_type="application/json",
        )


class Shortcuts:
    """An ASGI application: those of `app` before `app` itself.

    What an endpoint raises is told by the handlers that are registered with `app`.
    """

    def __init__(self, app: FastAPI, shortcuts: Sequence[Shortcut]) -> None:
        self._app = app
        self._shortcuts = shortcuts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app: ASGIApp = self._app
        for shortcut in self._shortcuts:
            if shortcut.method == scope["method"] and (
                found := shortcut.path.fullmatch(scope["path"])
            ):
                scope["path_params"] = found.groupdict()
                request = Request(scope, receive)
                try:
                    body = await request.body()
                    app = await shortcut.answer(request, body) or app
                except Exception as error:
                    if not await self._told(request, error, send):
                        raise
                    return
                receive = _again(body, receive)
                break
        await app(scope, receive, send)

    async def _told(self, request: Request, error: Exception, send: Send) -> bool:
        """Answer with what `app` says to an error; false if that is a defect, to be logged too."""
        handlers = self._app.exception_handlers
        kind = next(each for each in type(error).__mro__ if each in handlers)
        told: Callable[..., Any] = handlers[kind]
        response: Response = await told(request, error)
        await response(request.scope, request.receive, send)
        return kind is not Exception


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
