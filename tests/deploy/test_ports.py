import socket
from collections.abc import Iterator

import pytest

from deploy.local.errors import LocalError
from deploy.local.ports import LOOPBACK, free_port, is_free, port_from


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_a_named_port_that_is_in_use_is_an_error_that_names_the_variable(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCLINK_AMQP_PORT", str(taken))
    with pytest.raises(LocalError, match=rf"Port {taken} is in use.*DOCLINK_AMQP_PORT"):
        port_from("DOCLINK_AMQP_PORT", free_port())


def test_a_preferred_port_gives_way_unless_it_is_insisted_on(taken: int) -> None:
    assert is_free(port_from("DOCLINK_AMQP_PORT", taken))
    with pytest.raises(LocalError, match="set DOCLINK_HTTP_PORT to one that is free"):
        port_from("DOCLINK_HTTP_PORT", taken, insist=True)


@pytest.mark.parametrize("text", ["amqp", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCLINK_AMQP_PORT", text)
    with pytest.raises(LocalError, match=rf"DOCLINK_AMQP_PORT={text} is not a port"):
        port_from("DOCLINK_AMQP_PORT", 5673)


def test_free_ports_are_given_once() -> None:
    ports = [free_port() for _ in range(20)]
    assert len(set(ports)) == len(ports)
    assert all(map(is_free, ports))
