"""`doclink connections`, run as operators run it."""

import json
from subprocess import CompletedProcess

import pytest

from contracts.broker_users import OPERATOR
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack
from shared.ids import new_id
from tests.services.operator.run import run


class Connections:
    """The command line, against the running system, for one workspace."""

    def __init__(self, amqp_url: str) -> None:
        self._amqp_url = amqp_url
        self.workspace_id = new_id("ws")

    def run(self, command: str, *arguments: str) -> CompletedProcess[str]:
        given = ["connections", command, "--workspace", self.workspace_id, *arguments]
        return run(*given, amqp_url=self._amqp_url)

    def said(self, command: str, *arguments: str) -> str:
        ran = self.run(command, *arguments)
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
        return ran.stdout


@pytest.fixture
def connections(stack: Stack) -> Connections:
    return Connections(stack.infrastructure.urls.broker_users[OPERATOR.name])


def test_a_connection_is_made_listed_and_deleted(connections: Connections) -> None:
    for _ in range(2):
        made = connections.said("create", "--provider", "pipedrive")
        assert f"{connections.workspace_id} is connected to pipedrive" in made
    connections.said("create", "--provider", "hubspot")
    lines = connections.said("list").splitlines()
    assert [line.split()[0] for line in lines] == ["hubspot", "pipedrive"]
    assert {line.split()[-1] for line in lines} == {"operator"}
    connections.said("delete", "--provider", "hubspot")
    [left] = json.loads(connections.said("list", "--json"))
    assert (left["provider"], left["workspace_id"]) == ("pipedrive", connections.workspace_id)


def test_what_is_not_connected_cannot_be_deleted(connections: Connections) -> None:
    ran = connections.run("delete", "--provider", "pipedrive")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("not_found: ")


@pytest.mark.parametrize("provider", ["workspace", "Pipedrive", ""])
def test_a_bad_provider_is_named_and_nothing_is_asked(provider: str) -> None:
    nobody = f"amqp://{LOOPBACK}:{free_port()}/"
    given = ["connections", "create", "--workspace", "ws_1", "--provider", provider]
    ran = run(*given, amqp_url=nobody)
    assert ran.returncode == 2
    assert ran.stderr.startswith("provider: ")
    assert "Traceback" not in ran.stderr
