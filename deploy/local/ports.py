"""TCP ports on the loopback interface."""

import os
import random
import socket

from deploy.local.errors import LocalError

LOOPBACK = "127.0.0.1"

# Below the ports that kernels hand out to outgoing connections. A client that keeps trying to
# reach a stopped broker on one of those sooner or later gets that very port as its own source
# port, connects to itself, and the broker cannot come back.
_RANGE = range(10_000, 16_000)

_given: set[int] = set()


def is_free(port: int) -> bool:
    """True when a server could listen on `port` now."""
    with socket.socket() as probe:
        # Without it, the closed connections of an earlier server count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """True when something listens on `port`."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port nobody listens on, which this process has not been given before."""
    for port in random.sample(_RANGE, len(_RANGE)):
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise LocalError(f"No free port between {_RANGE.start} and {_RANGE.stop - 1}.")


def port_from(variable: str, preferred: int, *, insist: bool = False) -> int:
    """The port that the environment variable names, or `preferred`.

    Args:
        variable: Name of the variable; when it is set, that port it is or none.
        preferred: What it is when the variable is not set.
        insist: Whether `preferred` may not give way to another free port.

    Raises:
        LocalError: The variable holds no port, or the port is in use.
    """
    text = os.environ.get(variable, "")
    try:
        port = int(text or preferred)
        valid = 0 < port <= 65_535  # noqa: PLR2004 - the highest port there is
    except ValueError:
        valid = False
    if not valid:
        raise LocalError(f"{variable}={text} is not a port.")
    if is_free(port):
        return port
    if text or insist:
        raise LocalError(
            f"Port {port} is in use by another program; set {variable} to one that is free."
        )
    return free_port()
