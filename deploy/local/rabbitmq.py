"""RabbitMQ as a program on this machine: a private node that disturbs no other.

Nothing is shared with a broker that the system may run: node name, cookie, ports, epmd, plugins,
configuration, data and logs are this node's own, under the data folder.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import aio_pika

from deploy.local.broker_users import BrokerUsers
from deploy.local.child import Child
from deploy.local.erlang import HELD, counted, epmd, evaluate
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.rabbitmq_home import furnish
from deploy.local.server import READY_TIMEOUT, LocalServer, listens

# The data directory carries the node's name, so a fixed one lets the data folder be moved. Other
# nodes of this name do not matter: each has an epmd of its own.
NODE = "doclink@localhost"

_CONFIGURATION = """\
listeners.tcp.local = {host}:{port}
# A laptop's nearly full disk and little memory are no reason to block publishers.
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.relative = 0.7
log.file = false
log.console = true
log.console.level = info
log.console.use_colors = off
"""

# Before anybody can log in, users, rights, exchanges and queues are as the definitions have them.
_LOAD = "load_definitions = {definitions}\n"

# What waited for its retry when the node died is sent again when its confirm is this late; as it
# comes, RabbitMQ waits for three minutes.
_ADVANCED = "[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 20000}]}].\n"

_ERLANG_FLAGS = (
    # Other nodes are none of ours.
    "-kernel inet_dist_use_interface {127,0,0,1} "
    # RabbitMQ loads some 800 modules at start, each through the file threads. Without a short
    # busy wait each sleeps and wakes for every file: 3.9 s to start instead of 2.5 s here, while
    # messages a second and idle CPU stay the same.
    "+sbwtdio very_short "
    # Not bound to cores: two nodes side by side would be bound to the same ones.
    "+stbt u"
)


# A quorum queue that was declared less than about a second before the node was killed has no
# leader afterwards, ever (RabbitMQ 3.10 writes the directory of such queues half a second late).
# Asked to elect one, it has; others ignore it. All at once: on a busy machine each takes a second.
ELECT_LEADERS = (
    "[spawn(fun() -> catch ra:trigger_election(amqqueue:get_pid(Q)) end) "
    "|| Q <- rabbit_amqqueue:list_by_type(rabbit_quorum_queue)]."
)
_CONTROL_TIMEOUT = 120


@dataclass(frozen=True)
class Place:
    """A node's place in a cluster.

    Attributes:
        node: The node's own name.
        home: The folder with the cookie that all of them show each other.
        epmd_port: Where the epmd listens that all of them use.
        configuration: What of the configuration makes them a cluster.
    """

    node: str
    home: Path
    epmd_port: int
    configuration: str


class RabbitMQ(LocalServer):
    """A RabbitMQ node, and the epmd that it needs if it is not one of several.

    Args:
        script: Its start script, see `find_script`.
        folder: Where everything of it goes.
        log: Where its log goes.
        port: Where clients reach it.
        keep: File descriptors that it inherits.
        place: Its place in a cluster; None: it is alone.
    """

    def __init__(
        self,
        script: Path,
        folder: Path,
        log: Path,
        port: int,
        keep: Sequence[int] = (),
        *,
        place: Place | None = None,
    ) -> None:
        self._users = BrokerUsers(place.home if place else folder, port)
        super().__init__("broker", "RabbitMQ", self._users.administrator, answers)
        self.user_urls = self._users.urls
        self._script = script
        self._folder = folder
        self._log = log
        self._port = port
        self._keep = keep
        self._place = place
        self._env: dict[str, str] = {}
        # There while the node runs, and after it was killed.
        self._unsettled = folder / "unsettled"

    def prepare(self) -> list[Child]:
        """Write the configuration; epmd, then the node."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "enabled_plugins").write_text("[].\n")  # the management one is slow
        (self._folder / "advanced.config").write_text(_ADVANCED)
        configuration = _CONFIGURATION.format(host=LOOPBACK, port=self._port)
        if self._place is not None:
            configuration += self._place.configuration
        else:
            configuration += _LOAD.format(definitions=self._users.write_definitions())
        (self._folder / "rabbitmq.conf").write_text(configuration)
        place = self._place or Place(NODE, self._folder, free_port(), "")
        env = self._env = self._environment(place)
        node = Child("RabbitMQ", [self._script], log=self._log, env=env, keep=self._keep)
        if self._place is not None:
            return [node]
        return [epmd(place.epmd_port, self._log, env, self._keep), node]

    def await_ready(self, timeout: float = READY_TIMEOUT) -> None:
        """Return when clients can work with it, quorum queues included."""
        super().await_ready(timeout)
        if self._unsettled.exists() and self._place is None:
            evaluate(ELECT_LEADERS, NODE, self._env, _CONTROL_TIMEOUT)
        self._unsettled.touch()

    def control(self, *arguments: str) -> str:
        """What `rabbitmqctl` says to the arguments; it takes a second or two.

        Raises:
            subprocess.CalledProcessError: It has failed.
        """
        command = [str(self._script.with_name("rabbitmqctl")), "--quiet", *arguments]
        done = subprocess.run(  # noqa: S603 - our own node
            command, env=self._env, check=True, capture_output=True, timeout=_CONTROL_TIMEOUT
        )
        return done.stdout.decode()

    def held(self) -> dict[str, int]:
        """All messages of each queue that has any, also those that a consumer has in hand."""
        return counted(evaluate(HELD, NODE, self._env, _CONTROL_TIMEOUT))

    def stop(self) -> None:
        """Stop the node, then epmd."""
        super().stop()
        if self.exit_code == 0:
            self._unsettled.unlink(missing_ok=True)

    def _environment(self, place: Place) -> dict[str, str]:
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RABBITMQ_", "ERL_", "ERLANG_", "NOTIFY_SOCKET"))
        }
        folder = self._folder
        return ours | {
            "HOME": str(place.home),  # of the cookie
            "RABBITMQ_NODENAME": place.node,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_PORT": str(place.epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_CRASH_DUMP_SECONDS": "0",
            # Files that are not there, lest those of the system be read.
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONFIG_FILES": str(folder / "conf.d" / "*.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG_FLAGS,
            # The start script then becomes the node instead of waiting for it, so the process
            # that we started is the one to stop and to kill.
            "detached": "1",
            **furnish(self._script, folder / "home"),
        }


def find_script() -> Path | None:
    """The start script of the RabbitMQ on this machine, if there is one.

    What Debian has on the PATH leads to a wrapper that insists on the system's own node and user,
    and, started under its own name, starts itself without end: hence the look at both the name
    and the neighbour of what a link leads to.
    """
    on_path = shutil.which("rabbitmq-server")
    debian = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    for candidate in [Path(on_path), debian] if on_path else [debian]:
        script = candidate.resolve()
        if script.name == "rabbitmq-server" and (script.parent / "rabbitmq-env").is_file():
            return script
    return None


def answers(url: str) -> bool:
    """Whether the broker lets us log in."""
    if not listens(url):
        return False

    async def log_in() -> None:
        connection = await aio_pika.connect(url, timeout=5)
        await connection.close()

    # In a thread of its own, since the caller may be inside an event loop.
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(asyncio.run, log_in()).result()
        except (OSError, TimeoutError, aio_pika.exceptions.AMQPError):
            return False
    return True
