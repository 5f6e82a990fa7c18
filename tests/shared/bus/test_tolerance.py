"""Messages that the client library cannot read: they are read, and can be sent on."""

import random
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.message import IncomingMessage
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pamqp.frame import marshal, unmarshal
from pamqp.header import ContentHeader

from contracts import headers as h
from shared.bus.delivery import MAX_ATTEMPTS, Delivery
from tests.scenarios.bad_messages.message import Wire
from tests.scenarios.bad_messages.properties import NEVER, NOT_UTF8, ON_THE_WIRE, PROPERTIES
from tests.scenarios.bad_messages.publishing import WiredProperties

ODD = [(name, value) for name, values in PROPERTIES.items() for value in values]


def received(**properties: Any) -> AbstractIncomingMessage:
    """A message with these properties, as a consumer gets it from the wire."""
    header = ContentHeader(properties=WiredProperties(**properties), body_size=1)
    _, _, read = unmarshal(marshal(header, 1))
    deliver = Basic.Deliver("tag", 1, redelivered=False, exchange="", routing_key="link.create")
    message = DeliveredMessage(deliver, cast("ContentHeader", read), b"x", cast("Any", None))
    return IncomingMessage(message)


@pytest.mark.parametrize(("name", "value"), ODD, ids=str)
def test_a_message_is_read_and_sent_on_whatever_a_property_is(name: str, value: Any) -> None:
    message = received(**{"message_id": "msg_1", "headers": {"x": 1}, name: value})
    assert message.message_id == "msg_1"
    copy = Delivery(message, "q").copy()
    assert copy.headers["x"] == 1
    assert copy.properties.marshal()


@pytest.mark.parametrize("headers", ON_THE_WIRE, ids=str)
def test_a_message_is_read_and_sent_on_whatever_its_headers_are(headers: Wire) -> None:
    copy = Delivery(received(message_id="msg_1", headers=headers), "q").copy()
    assert copy.message_id == "msg_1"
    assert copy.headers[h.ROUTING_KEY] == "link.create"
    assert copy.properties.marshal()


def test_what_can_be_read_is_not_touched() -> None:
    time = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
    given = {"x-a": "é", "x-b": [1, {"c": None}], "x-t": time, "x-f": 1.5, "x-n": 2**63 - 1}
    message = received(message_id="é", timestamp=time, headers=given)
    assert (message.message_id, message.timestamp, message.headers) == ("é", time, given)
    copy = Delivery(message, "q").copy()
    assert {name: copy.headers[name] for name in given} == given


def test_a_name_that_is_no_text_does_not_grow() -> None:
    text = NOT_UTF8 * 100
    assert received(message_id=Wire(bytes([len(text)]) + text)).message_id == "?" * len(text)


def test_a_time_that_no_calendar_has_is_none() -> None:
    assert received(message_id="msg_1", timestamp=Wire(NEVER)).timestamp is None


@pytest.mark.parametrize("attempts", [2**63 - 1, MAX_ATTEMPTS, random.randrange(2**40, 2**50)])
def test_the_next_number_of_attempts_is_one_that_can_be_sent(attempts: int) -> None:
    delivery = Delivery(received(message_id="msg_1", headers={h.ATTEMPTS: attempts}), "q")
    assert delivery.copy(**{h.ATTEMPTS: delivery.attempts + 1}).properties.marshal()


@pytest.mark.parametrize("name", ["x-death", "CC", "BCC", "x-first-death-queue"])
def test_what_the_broker_itself_follows_is_not_sent_on(name: str) -> None:
    message = received(message_id="msg_1", headers={name: ["link.create"], "x": 1})
    assert Delivery(message, "q").copy().headers.keys() == {"x", h.ROUTING_KEY, h.EXCHANGE}
