"""One of our own services as a process on this machine."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from contracts.broker_users import OPERATOR, PUBLISHER, SUBSCRIBER, broker_user
from deploy.local.child import Child
from deploy.local.errors import LocalError
from deploy.local.infrastructure import AMQP_URL, MONGO_URL, OBJECTS_URL, Urls
from deploy.local.ports import LOOPBACK

ServiceName = Literal["registry", "links", "crm_sync", "webhooks", "ingress"]
ROOT = Path(__file__).parents[2]
TOPOLOGY = "DOCLINK_TOPOLOGY"
USER_URLS = {
    f"DOCLINK_{role}_AMQP_URL": user.name
    for role, user in (("PUBLISHER", PUBLISHER), ("SUBSCRIBER", SUBSCRIBER), ("OPERATOR", OPERATOR))
}
"""In `demo.env`: the broker for those who are no service."""

GRACE = 10.0
"""Seconds that a service gets to finish what is under way."""


class ServiceProcess:
    """A service, run as `python -m services.<name>`.

    Args:
        name: Which.
        urls: Broker, database and objects; the service keeps trying while they are on their way up.
        log: Where its output goes; None: where ours goes.
        http_port: Where the ingress listens, on loopback; no other service listens.
        env: More environment variables; they come before all others.
        program: A module to run in the service's place, with its arguments, for tests.
    """

    def __init__(
        self,
        name: ServiceName,
        urls: Urls,
        *,
        log: Path | None = None,
        http_port: int | None = None,
        env: Mapping[str, str] | None = None,
        program: Sequence[str] | None = None,
    ) -> None:
        self.name = name
        self.http_port = http_port
        http = {"DOCLINK_HTTP_HOST": LOOPBACK, "DOCLINK_HTTP_PORT": str(http_port)}
        self._child = Child(
            name,
            [sys.executable, "-m", *(program or [f"services.{name}"])],
            log=log,
            env=environment(urls, broker_user(name))
            | (http if http_port else {})
            | dict(env or {}),
            cwd=ROOT,
        )

    @property
    def pid(self) -> int | None:
        """Its process id; None when it does not run."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._child.running

    @property
    def exit_code(self) -> int | None:
        """How it ended last (negative: the signal); None while it runs or has never run."""
        return self._child.exit_code

    def start(self) -> None:
        """Start it, also after it has ended; returns at once."""
        self._child.start()

    def ask_to_end(self) -> None:
        """Send SIGTERM and do not wait."""
        self._child.ask_to_end()

    def end_within(self, grace: float) -> int:
        """Wait for its end; kill it when it has not within `grace` s. Returns its exit code."""
        return self._child.end_within(grace)

    def terminate(self, grace: float = GRACE) -> int:
        """Ask it to end; kill it when it has not within `grace` s. Returns its exit code."""
        return self._child.terminate(grace)

    def kill(self) -> int:
        """End it with SIGKILL. Returns its exit code."""
        return self._child.kill()

    def require(self) -> None:
        """Raise a `LocalError` that says why, if it has ended."""
        if not self.running:
            raise LocalError(f"{self.obituary()}\n{self._child.tail()}")

    def obituary(self) -> str:
        """How it ended, in words."""
        code = self.exit_code
        if code is not None and code < 0:
            return f"{self.name} was ended by signal {-code}."
        return f"{self.name} ended with exit code {code}."

    def tail(self) -> str:
        """The last lines of its log."""
        return self._child.tail()


def environment(urls: Urls, user: str) -> dict[str, str]:
    """Our environment, and where broker, database and objects are for a user of the broker."""
    where = {
        AMQP_URL: urls.broker_users.get(user, urls.amqp),
        MONGO_URL: urls.mongo,
        OBJECTS_URL: urls.objects,
    }
    if urls.broker_users:
        where[TOPOLOGY] = "given"
    # A shell that has read `demo.env` knows other users' passwords.
    ours = {name: value for name, value in os.environ.items() if name not in USER_URLS}
    return {**ours, **where}
