"""The rival: our own ingress, but for FastStream's `broker.request()` in place of our requester.

Application, routes, guard, keyring and settings are ours to the last line, so the figures differ
by the way of asking alone. FastStream's advice is followed: one broker for the process, connected
once at start; exchanges as objects that are not declared again; nothing parsed that is not used.
Messages are as safe as ours: persistent, confirmed, and an unroutable one is an error.
"""

from functools import lru_cache, partial
from typing import Any, cast
from unittest.mock import patch

import uvicorn
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange
from pydantic import TypeAdapter
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.catalogue import REQUESTS
from contracts.messages import JSON_CONTENT_TYPE, Reply, Request, Result
from contracts.topology import COMMANDS, QUERIES
from services.ingress import app
from services.ingress.settings import IngressSettings
from shared.bus.faults import publishing
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester, ResultT, raise_refusal
from shared.errors import BrokerUnavailable
from shared.logs import configure
from shared.settings import load, named

_COMMANDS = RabbitExchange(COMMANDS, type=ExchangeType.DIRECT, durable=True, declare=False)
_QUERIES = RabbitExchange(QUERIES, type=ExchangeType.DIRECT, durable=True, declare=False)


class FastStreamRequester(Requester):
    """Asks with `broker.request()`, which uses RabbitMQ's direct reply-to.

    Args:
        broker: FastStream's.
        publisher: As for ours; nothing is published with it here.
        name: As for ours.
    """

    def __init__(self, broker: RabbitBroker, publisher: Publisher, name: str) -> None:
        super().__init__(publisher, name)
        self._broker = broker
        self._connected = False

    async def start(self) -> None:
        """Connect; there is no reply queue to declare."""
        await self._broker.connect()
        self._connected = True

    async def ask(
        self,
        request: Request,
        answer: type[ResultT],
        *,
        deadline: float,
        headers: dict[str, Any] | None = None,
    ) -> ResultT:
        """As ours."""
        if not self._connected:
            # A request that comes while FastStream connects can leave it unable to send any.
            raise BrokerUnavailable("Not connected yet")
        is_command = REQUESTS[request.type].is_command
        # FastStream's timeout begins when it is a request's turn; ours covers the wait too.
        async with publishing(request.type, deadline):
            message = await self._broker.request(
                request.model_dump_json(exclude_none=True).encode(),
                exchange=_COMMANDS if is_command else _QUERIES,
                routing_key=request.type,
                timeout=deadline,
                persist=is_command,
                expiration=None if is_command else deadline,
                headers=dict(headers or {}),
                content_type=JSON_CONTENT_TYPE,
                message_id=request.command_id,
                message_type=request.type,
            )
        reply = _reply_with(answer).validate_json(message.body)
        raise_refusal(reply)
        return cast("ResultT", reply.result)


@lru_cache
def _reply_with(answer: type[Result]) -> TypeAdapter[Reply[Any]]:
    model: Any = answer
    return TypeAdapter(Reply[model])


def _broker(settings: IngressSettings) -> RabbitBroker:
    return RabbitBroker(
        named(settings.amqp_url, "doclink rival requester"),
        fail_fast=False,
        reconnect_interval=settings.reconnect_interval,
        default_channel=Channel(publisher_confirms=True, on_return_raises=True),
        apply_types=False,
        decoder=_undecoded,
        logger=None,
    )


async def _undecoded(message: Any) -> Any:
    return message


def _closing(application: ASGIApp, broker: RabbitBroker) -> ASGIApp:
    """`application`, with the broker's connection closed at its end."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await application(scope, receive, send)
        if scope["type"] == "lifespan":
            await broker.stop()

    return run


def main() -> None:
    """Serve HTTP as `services.ingress` does."""
    settings = load(IngressSettings)
    configure("rival", settings.log_level)
    broker = _broker(settings)
    with patch.object(app, "Requester", partial(FastStreamRequester, broker)):
        application = app.build(settings)
    uvicorn.run(
        _closing(application, broker),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.shutdown_grace),
    )


if __name__ == "__main__":
    main()
