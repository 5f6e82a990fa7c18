"""Several RabbitMQ nodes on this machine that are one broker, behind a balancer.

It is what production has, as far as clients can tell: a node may die, and the others go on. Each is
a private node as in `rabbitmq`; they share an epmd and a cookie, and find each other by name.
"""

import os
import secrets
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from yarl import URL

from deploy.local.broker_users import BrokerUsers
from deploy.local.child import Child
from deploy.local.erlang import HELD, counted, epmd, evaluate
from deploy.local.errors import LocalError
from deploy.local.ports import free_port
from deploy.local.rabbitmq import ELECT_LEADERS, Place, RabbitMQ, answers
from deploy.local.server import READY_TIMEOUT, Server

ROOT = Path(__file__).parents[2]
NODES = 3
_PAUSE = 0.05
_CALL_TIMEOUT = 10

_CONFIGURATION = """\
cluster_formation.peer_discovery_backend = classic_config
# What is cut off from the majority takes no messages, as is usual where all queues are quorum ones.
cluster_partition_handling = pause_minority
"""

_RUNNING = "lists:sort(rabbit_mnesia:cluster_nodes(running))."
_LEADER = (
    '{{ok, Queue}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"{queue}">>)), '
    "{{Name, _}} = amqqueue:get_pid(Queue), "
    "element(2, ra_leaderboard:lookup_leader(Name))."
)


class Cluster(Server):
    """Nodes with the numbers 1 to `size`, all of which clients reach under one URL.

    Args:
        script: The start script of each, see `rabbitmq.find_script`.
        folder: Where everything of them goes.
        log: Where their logs go, with the number before the suffix.
        port: Where clients reach the balancer.
        keep: File descriptors that they inherit.
        size: How many nodes there are.
    """

    def __init__(
        self,
        script: Path,
        folder: Path,
        log: Path,
        port: int,
        keep: Sequence[int] = (),
        *,
        size: int = NODES,
    ) -> None:
        self._users = BrokerUsers(folder, port)
        kind = f"RabbitMQ cluster of {size}"
        super().__init__("broker", kind, self._users.administrator, answers)
        self.user_urls = self._users.urls
        self._folder = folder
        self._epmd_port = free_port()
        self._env = {**os.environ, "HOME": str(folder), "ERL_EPMD_PORT": str(self._epmd_port)}
        names = {number: f"doclink-{number}@localhost" for number in range(1, size + 1)}
        peers = "".join(
            f"cluster_formation.classic_config.nodes.{number} = {name}\n"
            for number, name in names.items()
        )
        administrator = URL(self.url)
        login = f"default_user = {administrator.user}\ndefault_pass = {administrator.password}\n"
        self._names = names
        ports = {number: free_port() for number in names}
        self._nodes = {
            number: RabbitMQ(
                script,
                folder / f"node-{number}",
                log.with_stem(f"{log.stem}-{number}"),
                ports[number],
                keep,
                place=Place(name, folder, self._epmd_port, _CONFIGURATION + login + peers),
            )
            for number, name in names.items()
        }
        self._epmd = epmd(self._epmd_port, log, self._env, keep)
        self._balancer = Child(
            "balancer",
            [sys.executable, "-m", "deploy.local.balancer", str(port), *map(str, ports.values())],
            log=log.with_name("balancer.log"),
            env=os.environ,
            cwd=ROOT,
            keep=keep,
        )
        self._killed = False

    @property
    def running(self) -> bool:
        """Whether any node runs."""
        return bool(self.running_nodes)

    @property
    def running_nodes(self) -> list[int]:
        """The numbers of the nodes that run, ready or not."""
        return [number for number, node in self._nodes.items() if node.running]

    def leader_of(self, queue: str) -> int:
        """The number of the node that leads a quorum queue; waits while there is none.

        Raises:
            LocalError: There is no such queue, or it has no leader in time.
        """
        deadline = time.monotonic() + _CALL_TIMEOUT
        while True:
            running = self.running_nodes
            answer = self._evaluate(running[0], _LEADER.format(queue=queue))
            led = [number for number, name in self._names.items() if name in answer]
            if led and led[0] in running:
                return led[0]
            if time.monotonic() > deadline:
                raise LocalError(f"{queue} has no leader: {answer}")
            time.sleep(_PAUSE)

    def kill_node(self, number: int) -> None:
        """End a node with SIGKILL."""
        self._nodes[number].kill()

    def start_node(self, number: int) -> None:
        """Bring a node back, with its data; returns at once."""
        self._nodes[number].launch()

    def await_node(self, number: int, timeout: float = READY_TIMEOUT) -> None:
        """Return when clients can work with a node.

        Raises:
            LocalError: It has ended, or is not ready in time.
        """
        self._nodes[number].await_ready(timeout)

    def launch(self) -> None:
        """Start the nodes; clients get in when all of them are there, see `await_ready`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        cookie = self._folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(secrets.token_hex())
            cookie.chmod(0o400)
        self._epmd.start()
        for node in self._nodes.values():
            node.launch()

    def await_ready(self, timeout: float = READY_TIMEOUT) -> None:
        """Return when the nodes are one cluster and clients can work with it.

        Queues, and the balancer, come last: a quorum queue has its members on the nodes that are
        there when it is declared, and no others come later.

        Raises:
            LocalError: A node has ended, or they are no cluster in time.
        """
        deadline = time.monotonic() + timeout
        for number in self._nodes:
            self.await_node(number, max(1.0, deadline - time.monotonic()))
        while (answer := self._evaluate(1, _RUNNING)).count("@") < len(self._nodes):
            if time.monotonic() > deadline:
                raise LocalError(f"The {self.kind} has only these nodes: {answer}")
            time.sleep(_PAUSE)
        if self._killed:
            self._evaluate(1, ELECT_LEADERS)
            self._killed = False
        self._nodes[1].control("import_definitions", str(self._users.write_definitions()))
        self._balancer.start()
        super().await_ready(timeout)

    def held(self) -> dict[str, int]:
        """All messages of each queue that has any, also those that a consumer has in hand."""
        found: dict[str, int] = {}
        for node in self.running_nodes:  # each knows those of the queues that it leads
            found |= counted(self._evaluate(node, HELD))
        return found

    def stop(self) -> None:
        """Stop the nodes in order, all at once."""
        self._balancer.kill()
        with ThreadPoolExecutor(len(self._nodes)) as pool:
            list(pool.map(RabbitMQ.stop, self._nodes.values()))
        self._epmd.kill()

    def kill(self) -> None:
        """Kill everything with SIGKILL."""
        self._killed = True
        self._balancer.kill()
        for node in self._nodes.values():
            node.kill()
        self._epmd.kill()

    def tail(self) -> str:
        """The last lines of the nodes' logs."""
        return "\n".join(f"  {self._names[n]}:\n{each.tail()}" for n, each in self._nodes.items())

    def _evaluate(self, number: int, expression: str) -> str:
        """What an Erlang expression gives on a node."""
        return evaluate(expression, self._names[number], self._env, _CALL_TIMEOUT)
