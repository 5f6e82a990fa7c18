"""Victims: the parts of a stack that can be killed and brought back."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.topology import command_queue
from deploy.local.cluster import Cluster
from deploy.local.processes import ServiceProcess
from deploy.local.server import Server
from deploy.local.stack import Stack

ALL_PATHS = ("registry", "links", "crm_sync", "webhooks")


@dataclass(frozen=True)
class Victim:
    """A part of a stack.

    Attributes:
        name: For people.
        paths: The paths that lead through it.
        kill: Ends it with SIGKILL; returns what brings it back, which waits until it is there
            where that can be told.
        service: Which of ours it is, if it is one.
    """

    name: str
    paths: tuple[str, ...]
    kill: Callable[[], Callable[[], None]]
    service: str | None = None


def services_of(stack: Stack) -> list[Victim]:
    """Each process of ours."""
    names = [service.name for service in stack.services]
    victims = []
    for position, service in enumerate(stack.services):
        copy = names[:position].count(service.name) + 1
        name = service.name if names.count(service.name) == 1 else f"{service.name} {copy}"
        paths = ALL_PATHS if service.name == "ingress" else (service.name,)
        victims.append(Victim(name, paths, _killing_service(service), service.name))
    return victims


def servers_of(stack: Stack) -> list[Victim]:
    """Broker and database, as far as they are ours to kill."""
    infrastructure = stack.infrastructure
    database, broker = infrastructure.database, infrastructure.broker
    victims = []
    if database.controllable:
        victims.append(Victim("database", ALL_PATHS, _killing_server(database)))
    if isinstance(broker, Cluster):
        victims.append(Victim("leader", ALL_PATHS, _killing_leader(broker)))
    elif broker.controllable:
        victims.append(Victim("broker", ALL_PATHS, _killing_server(broker)))
    return victims


def _killing_service(service: ServiceProcess) -> Callable[[], Callable[[], None]]:
    def kill() -> Callable[[], None]:
        service.kill()
        return service.start

    return kill


def _killing_server(server: Server) -> Callable[[], Callable[[], None]]:
    def kill() -> Callable[[], None]:
        server.kill()
        return server.start

    return kill


def _killing_leader(cluster: Cluster) -> Callable[[], Callable[[], None]]:
    """The node that leads the queue with the most to do, whichever it is by now."""

    def kill() -> Callable[[], None]:
        number = cluster.leader_of(command_queue("links"))
        cluster.kill_node(number)

        def back() -> None:
            cluster.start_node(number)
            cluster.await_node(number)

        return back

    return kill
