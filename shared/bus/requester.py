"""Request and reply: one long-lived reply queue a process, any number of requests in flight.

FastStream's `broker.request()` is not used: it holds one lock for all requests of a process and
opens and closes a consumer for each.
"""

import asyncio
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar, cast

from aio_pika.abc import AbstractIncomingMessage
from pydantic import TypeAdapter
from ulid import ULID

from contracts.errors import ErrorCode
from contracts.messages import Command, Reply, Request, Result
from shared.bus.frame import CONTENT_TYPE, unpack
from shared.bus.publisher import Publisher
from shared.bus.sender import Outgoing, Sender
from shared.errors import AnswerLate, PeerUnavailable, Refusal
from shared.logs import logger

log = logger(__name__)
ResultT = TypeVar("ResultT", bound=Result)


class Requester:
    """Asks the owning service and waits for its answer."""

    def __init__(self, publisher: Publisher, name: str) -> None:
        self._publisher = publisher
        self._sender = Sender(publisher)
        self._queue = f"doclink.replies.{name}.{ULID()}"
        self._pending: dict[str, asyncio.Future[bytes]] = {}
        self._numbers = count(1)
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Declare the reply queue and listen on it."""
        channel = await self._publisher.consuming_channel()
        queue = await channel.declare_queue(self._queue, exclusive=True, auto_delete=True)
        channel.close_callbacks.add(self._lost)
        channel.reopen_callbacks.add(self._back)
        await queue.consume(self._take, no_ack=True)
        self._listening.set()

    async def ask(
        self,
        request: Request,
        answer: type[ResultT],
        *,
        deadline: float,
        headers: dict[str, Any] | None = None,
    ) -> ResultT:
        """The owner's answer to `request`, within `deadline` seconds.

        Raises:
            Refusal: the owner says no.
            AnswerLate: no answer in time; a command still takes effect.
            PeerUnavailable: no answer, and nobody knows whether the request was accepted.
            BrokerUnavailable, Overloaded: the request was not accepted.
        """
        correlation_id = str(next(self._numbers))
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._pending[correlation_id] = future
        accepted = False
        try:
            async with asyncio.timeout(deadline):
                # After a reconnect the reply queue comes back last: an answer would miss it.
                await self._publisher.until(self._listening)
                outgoing = Outgoing(request, self._queue, correlation_id, deadline, headers or {})
                await self._sender.send(outgoing)
                accepted = True
                body = await future
        except TimeoutError as error:
            fault = AnswerLate if accepted else PeerUnavailable
            raise fault(f"{request.type}: no answer within {deadline} s") from error
        finally:
            self._pending.pop(correlation_id, None)
        reply = _reply_with(answer).validate_json(body)
        if reply.refusal is not None:
            raise_refusal(reply)
        return cast("ResultT", reply.result)

    async def tell(self, command: Command, *, headers: dict[str, Any] | None = None) -> None:
        """Return as soon as a command is accepted; nobody waits for what comes of it.

        Raises:
            BrokerUnavailable, Overloaded: it was not accepted.
        """
        await self._sender.send(Outgoing(command, headers=headers or {}))

    async def _take(self, message: AbstractIncomingMessage) -> None:
        if message.content_type == CONTENT_TYPE:
            for piece in unpack(message.body):
                self._answer(piece.facts["correlation_id"], piece.body)
        else:
            self._answer(message.correlation_id or "", message.body)

    def _answer(self, correlation_id: str, body: bytes) -> None:
        future = self._pending.get(correlation_id)
        if future is not None and not future.done():
            future.set_result(body)

    def _lost(self, *_: Any) -> None:
        """The reply queue has gone with its connection, and with it every answer under way."""
        self._listening.clear()
        for future in self._pending.values():
            if not future.done():
                future.set_exception(PeerUnavailable("The connection to the broker was lost"))
                future.exception()  # who still waits for a confirm will not look at it

    def _back(self, *_: Any) -> None:
        """The reply queue is there again, and we listen on it."""
        self._listening.set()


@lru_cache
def _reply_with(answer: type[Result]) -> TypeAdapter[Reply[Any]]:
    model: Any = answer
    return TypeAdapter(Reply[model])


def raise_refusal(reply: Reply[Any]) -> None:
    """Raise what the owner refused; its own fault that passes is one for its callers too."""
    body = reply.refusal
    if body is None:
        return
    if body.code is ErrorCode.UNAVAILABLE:
        raise PeerUnavailable(body.message)
    raise Refusal(body.code, body.message, body.fields)
