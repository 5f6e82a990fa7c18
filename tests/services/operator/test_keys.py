"""`doclink keys`, run as operators run it."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.broker_users import OPERATOR
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack
from shared.ids import new_id
from tests.services.operator import run as operator
from tests.support.ingress import one_more_ingress
from tests.support.waiting import until
from tests.support.workspace import Workspace, http_client

SOON = 3.0
"""Seconds; a revocation is promised within one, on a machine that is not busy with tests."""


def run(*arguments: str, amqp_url: str) -> subprocess.CompletedProcess[str]:
    return operator.run("keys", *arguments, amqp_url=amqp_url)


class Keys:
    """The command line, against the running system."""

    def __init__(self, amqp_url: str, workspace_id: str) -> None:
        self._amqp_url = amqp_url
        self._workspace_id = workspace_id

    def said(self, command: str, *arguments: str) -> str:
        ran = run(command, "--workspace", self._workspace_id, *arguments, amqp_url=self._amqp_url)
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
        return ran.stdout

    def create(self, *arguments: str) -> dict[str, Any]:
        wish = ["--owner", "usr_1", "--name", "a key", "--scope", "read:documents", "--json"]
        made: dict[str, Any] = json.loads(self.said("create", *wish, *arguments))
        return made

    def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.said("list", "--json"))
        return found


@pytest.fixture
def keys(stack: Stack) -> Keys:
    return Keys(stack.infrastructure.urls.broker_users[OPERATOR.name], new_id("ws"))


async def _status(http: httpx.AsyncClient) -> int:
    return (await http.get("/v1/documents/doc_none")).status_code


async def test_a_key_works_until_it_is_revoked_and_then_no_ingress_takes_it(
    stack: Stack, workspace: Workspace, tmp_path: Path
) -> None:
    keys = Keys(stack.infrastructure.urls.broker_users[OPERATOR.name], workspace.id)
    made = keys.create()
    async with (
        one_more_ingress(stack, tmp_path) as (_, url),
        http_client(stack.url, made["key"]) as first,
        http_client(url, made["key"]) as second,
    ):
        for http in (first, second):
            assert await _status(http) == 404  # identified, and there is no such document
        assert made["key_id"] in keys.said("revoke", made["key_id"])
        for http in (first, second):
            await until(lambda: _status(http), lambda status: status == 401, SOON)  # noqa: B023
        assert made["key_id"] in keys.said("revoke", made["key_id"])  # again: no harm


def test_a_key_is_shown_once_and_its_listing_shows_neither_key_nor_hash(keys: Keys) -> None:
    made = [keys.create("--expires", expires) for expires in ("2020-01-01", "2999-01-01T12:30:00")]
    made.append(keys.create("--rate-limit", "5/minute", "--scope", "documents:write"))
    keys.said("revoke", made[1]["key_id"])
    assert [key["key_id"] for key in keys.listed()] == [key["key_id"] for key in made[::-1]]
    newest, revoked, expired = keys.listed()
    assert newest["scopes"] == ["read:documents", "write:documents"]
    assert newest["rate_limit"] == "5/minute"
    assert revoked["revoked_at"] is not None
    assert revoked["expires_at"] == "2999-01-01T12:30:00Z"
    assert expired["revoked_at"] is None
    text = keys.said("list")
    states = [line.split()[1] for line in text.splitlines()]
    assert states == ["valid", "revoked", "expired"]
    for shown in (text, keys.said("list", "--json")):
        for key in made:
            assert key["key_id"] in shown
            assert key["key"] not in shown
            assert hashlib.sha256(key["key"].encode()).hexdigest() not in shown


def test_a_new_key_has_its_prefix_and_32_random_bytes(keys: Keys) -> None:
    first, second = keys.create()["key"], keys.create()["key"]
    assert first.startswith("wbk_")
    assert len(first) == len(second) == len("wbk_") + 43  # 32 bytes in base 64, unpadded
    assert first != second


def test_keys_of_other_workspaces_are_neither_listed_nor_revoked(stack: Stack, keys: Keys) -> None:
    made = keys.create()
    others = Keys(stack.infrastructure.urls.broker_users[OPERATOR.name], new_id("ws"))
    assert others.listed() == []
    refused = run(
        *("revoke", made["key_id"], "--workspace", new_id("ws")),
        amqp_url=stack.infrastructure.urls.broker_users[OPERATOR.name],
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("not_found: ")
    assert keys.listed()[0]["revoked_at"] is None


BAD: dict[str, tuple[list[str], str]] = {
    "scope": (["--scope", "read:everything"], "scopes"),
    "owner": (["--scope", "read:documents", "--owner", ""], "owner"),
    "expires": (["--scope", "read:documents", "--expires", "tomorrow"], "--expires"),
    "rate_limit": (["--scope", "read:documents", "--rate-limit", "lots"], "rate_limit"),
    "workspace": (["--scope", "read:documents", "--workspace", "a b"], "workspace_id"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_option_is_named_and_nothing_is_asked(bad: str) -> None:
    arguments, named = BAD[bad]
    nobody = f"amqp://{LOOPBACK}:{free_port()}/"
    given = ["--workspace", "ws_1", "--owner", "usr_1", "--name", "a key", *arguments]
    ran = run("create", *given, amqp_url=nobody)
    assert ran.returncode == 2
    assert named in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_broker_that_is_away_is_said_so() -> None:
    nobody = f"amqp://{LOOPBACK}:{free_port()}/"
    ran = run("list", "--workspace", "ws_1", "--json", amqp_url=nobody)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "No answer: the broker is away\n"


def test_a_bad_setting_is_named() -> None:
    ran = run("list", "--workspace", "ws_1", amqp_url="http://localhost")
    assert ran.returncode == 2
    assert ran.stderr.startswith("DOCLINK_AMQP_URL: ")
