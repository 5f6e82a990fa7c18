"""Sending over real connections: where it goes to is what was checked."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.ports import LOOPBACK, free_port
from services.webhooks.addresses import Gate
from services.webhooks.delivery import Attempt
from services.webhooks.sender import Sender
from tests.services.webhooks.samples import TIME, delivery, registration
from tests.support.receiver import NEVER, Receiver, receiver
from tests.support.tls import Authority

NAME = "hooks.acme.example"
PUBLIC = "93.184.216.34"
SECRET = registration().secret
FORBIDDEN = Attempt(error="The address is not public")


class Resolver:
    """Answers one lookup after the other; the last answer stays."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def _sent(gate: Gate, url: str, trust: ssl.SSLContext | None = None) -> Attempt:
    sender = Sender(gate, timeout=2, limit=2, trust=trust)
    try:
        return await sender.send(delivery(), url, SECRET, TIME)
    finally:
        await sender.close()


@pytest.fixture
async def receiving() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_the_connection_goes_to_the_address_that_was_checked(receiving: Receiver) -> None:
    resolver = Resolver([LOOPBACK])
    gate = Gate(resolver, allow_private=True)
    url = receiving.url().replace(LOOPBACK, NAME)
    assert await _sent(gate, url) == Attempt(status=200)
    assert resolver.asked == [NAME]
    assert receiving.requests[0].headers["Host"] == f"{NAME}:{receiving.port}"


async def test_a_name_that_leads_inside_since_it_was_checked_is_not_connected_to(
    authority: Authority,
) -> None:
    async with receiver(ssl_context=authority.serving(NAME)) as inside:
        gate = Gate(Resolver([PUBLIC], [LOOPBACK]))
        assert await gate.admit(NAME, 443) == [PUBLIC]
        url = f"https://{NAME}:{inside.port}/"
        assert await _sent(gate, url, authority.trusted()) == FORBIDDEN
        assert inside.requests == []


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    assert await _sent(Gate(Resolver([PUBLIC, "::1"])), f"https://{NAME}/") == FORBIDDEN


async def test_the_next_address_is_tried_when_one_takes_no_connection(receiving: Receiver) -> None:
    gate = Gate(Resolver(["127.0.0.2", LOOPBACK]), allow_private=True)
    url = receiving.url().replace(LOOPBACK, NAME)
    assert await _sent(gate, url) == Attempt(status=200)


async def test_a_redirect_is_not_followed(receiving: Receiver) -> None:
    receiving.always["/hook"] = 307
    attempt = await _sent(Gate(allow_private=True), receiving.url())
    assert attempt == Attempt(status=307)
    assert attempt.complaint == "The endpoint answered 307"
    assert [each.path for each in receiving.requests] == ["/hook"]


async def test_no_proxy_of_the_environment_is_used(
    receiving: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{LOOPBACK}:{free_port()}")
    assert await _sent(Gate(allow_private=True), receiving.url()) == Attempt(status=200)


async def test_plain_http_is_not_sent_where_private_addresses_are_not(
    receiving: Receiver,
) -> None:
    attempt = await _sent(Gate(Resolver([LOOPBACK])), receiving.url())
    assert attempt == Attempt(error="The endpoint must use https")


async def test_a_fault_is_told_without_what_it_says_of_the_network(receiving: Receiver) -> None:
    gate = Gate(allow_private=True)
    receiving.always["/never"] = NEVER
    told = [
        await _sent(gate, f"http://{LOOPBACK}:{free_port()}/"),
        await _sent(gate, "http://hooks.acme.invalid/"),
        await _sent(gate, receiving.url("/never")),
        await _sent(gate, receiving.url().replace("http:", "https:")),
    ]
    assert [each.error for each in told] == [
        "The endpoint could not be connected to",
        "The name was not found",
        "No answer within 2 s",
        "TLS failed: WRONG_VERSION_NUMBER",
    ]


async def test_certificate_and_sni_are_those_of_the_name(authority: Authority) -> None:
    served = authority.serving(NAME)
    asked: list[str | None] = []
    served.sni_callback = lambda _socket, name, _context: asked.append(name)
    async with receiver(ssl_context=served) as secure:
        gate = Gate(Resolver([LOOPBACK]), allow_private=True)
        trust = authority.trusted()
        assert await _sent(gate, f"https://{NAME}:{secure.port}/", trust) == Attempt(status=200)
        wrong = await _sent(gate, f"https://other.example:{secure.port}/", trust)
        unknown = await _sent(gate, f"https://{NAME}:{secure.port}/")
    assert asked == [NAME, "other.example", NAME]
    assert wrong.error == unknown.error == "TLS failed: CERTIFICATE_VERIFY_FAILED"
