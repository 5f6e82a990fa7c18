"""Each process knows its own password at the broker, and tells it to nobody."""

from pathlib import Path

import pytest
from yarl import URL

from contracts.broker_users import broker_user
from deploy.local.infrastructure import Urls
from deploy.local.processes import USER_URLS, environment
from deploy.local.stack import Stack
from tests.support.workspace import Workspace


def passwords(stack: Stack) -> dict[str, str]:
    """By user."""
    urls = stack.infrastructure.urls.broker_users
    return {user: URL(url).password or "" for user, url in urls.items()}


def test_a_process_knows_its_own_password_alone(stack: Stack) -> None:
    for service in stack.services:
        known = Path(f"/proc/{service.pid}/environ").read_text()
        assert [user for user, word in passwords(stack).items() if word in known] == [
            broker_user(service.name)
        ]


async def test_no_log_has_a_password_in_it(stack: Stack, workspace: Workspace) -> None:
    await workspace.document()  # there is something in the logs
    words = passwords(stack).values()
    logs = {log.name: log.read_text() for log in stack.infrastructure.folder.log.glob("*.log")}
    assert "doclink-registry" in logs["broker.log"]
    assert [name for name, text in logs.items() if any(word in text for word in words)] == []


def test_a_shell_that_has_read_demo_env_tells_a_service_nothing_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in USER_URLS:
        monkeypatch.setenv(variable, f"amqp://somebody:{variable}@localhost/")
    urls = Urls("amqp://all", "mongodb://", "file:///", {"doclink-links": "amqp://links"})
    given = environment(urls, "doclink-links")
    assert given["DOCLINK_AMQP_URL"] == "amqp://links"
    assert given["DOCLINK_TOPOLOGY"] == "given"
    assert not given.keys() & USER_URLS.keys()


def test_where_the_broker_has_one_user_services_declare_with_it() -> None:
    given = environment(Urls("amqp://all", "mongodb://", "file:///"), "doclink-links")
    assert given["DOCLINK_AMQP_URL"] == "amqp://all"
    assert "DOCLINK_TOPOLOGY" not in given
