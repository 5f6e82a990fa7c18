"""HTTP as uvicorn reads it, with bounds on what it waits for: slow callers hold no connection.

Uvicorn limits neither how long or how large a request's head may be, nor how slowly a body may
come. What breaks a bound is told in plain text and the connection closed, as uvicorn itself does
with what is not HTTP: there is no request yet, or none any more, for a dialect to answer.
The rule for bodies is that of Apache's mod_reqtimeout: a time, and more of it for what has come.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.ingress.settings import IngressSettings

MAX_HEAD_BYTES = 64 * 1024
"""Request line and headers together, as in h11, which is uvicorn's other parser."""
_OVERHEAD = len(b": \r\n")


def protocol(settings: IngressSettings) -> type[asyncio.Protocol]:
    """The protocol class for uvicorn, with the bounds that are set."""

    class Bounded(_Bounded):
        bounds = settings

    return Bounded


class _Bounded(HttpToolsProtocol):
    """One connection; a request that comes in one piece, as most do, costs no timer."""

    bounds: IngressSettings

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._due: float | None = None  # when what we wait for must be there
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._head_bytes = 0
        self._too_large = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._await_head()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._due = None
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self._due is None and (self.cycle is None or self.cycle.response_complete):
            self._await_head()
        within = self._in_head
        super().data_received(data)
        if within and self._in_head:  # of a header without end the parser tells nothing
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._watch()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        if self._due is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(
            len(name) + len(value) + _OVERHEAD for name, value in self.headers
        )
        if size > MAX_HEAD_BYTES:
            self._too_large = True
            raise ValueError(size)  # the parser's way to be stopped
        self._in_head = False
        super().on_headers_complete()
        self._due = self.loop.time() + self.bounds.body_timeout

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self._due is not None:
            self._due += len(body) / self.bounds.body_rate

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._due = None

    def send_400_response(self, msg: str) -> None:
        if self._too_large:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _await_head(self) -> None:
        self._due = self.loop.time() + self.bounds.head_timeout

    def _watch(self) -> None:
        """See to it that we look again when something is due, and only then."""
        if self._due is None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        elif self._timer is None:
            self._timer = self.loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due is not None and self.flow.read_paused:
            # It is we who do not read: what the body is for takes its time.
            self._due = self.loop.time() + self.bounds.body_timeout
        elif self._due is not None and self._due <= self.loop.time():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        self._watch()

    def _refuse(self, status: HTTPStatus) -> None:
        """Close the connection, and say why where an answer is what the caller now expects."""
        self._due = None
        cycle = self.cycle
        if self._in_head:
            expected = cycle is None or cycle.response_complete
        else:
            expected = cycle is not None and not cycle.response_started
        if expected:
            text = status.phrase
            self.transport.write(
                f"HTTP/1.1 {status.value} {text}\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                f"Content-Length: {len(text)}\r\n"
                f"Connection: close\r\n\r\n{text}".encode()
            )
        self.transport.close()
