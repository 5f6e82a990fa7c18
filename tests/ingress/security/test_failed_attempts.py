"""Guessing keys: an address that has shown too many is not heard any more, others are."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploy.local.stack import Stack
from services.ingress.logins import address
from tests.ingress.answers import refused
from tests.ingress.laserfiche.problems import problem
from tests.support.bus import Outsider
from tests.support.ingress import one_more_ingress
from tests.support.leaks import new_key
from tests.support.workspace import Workspace, http_client, make_key, new_workspace

PATH = "/v1/documents/doc_01HY1"
GUESSER = {"X-Forwarded-For": "198.51.100.7"}
OTHER = {"X-Forwarded-For": "198.51.100.8"}
LIMIT = 3


@pytest.fixture(scope="module")
async def url(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """An ingress behind a proxy that it trusts."""
    folder: Path = tmp_path_factory.mktemp("guessed")
    env = {"DOCLINK_FAILED_ATTEMPTS": f"{LIMIT}/hour", "DOCLINK_TRUSTED_PROXIES": "127.0.0.0/8"}
    async with one_more_ingress(stack, folder, **env) as (_, url):
        yield url


@pytest.fixture
async def guarded(url: str, outsider: Outsider) -> AsyncIterator[Workspace]:
    async with new_workspace(outsider, url) as made:
        yield made


async def guess(url: str, headers: dict[str, str], path: str = PATH) -> httpx.Response:
    """One more key that is nobody's."""
    async with http_client(url, new_key(), **headers) as http:
        return await http.get(path)


async def guess_too_often(url: str, headers: dict[str, str]) -> None:
    for _ in range(LIMIT):
        refused(await guess(url, headers), 401, "invalid_key")


@pytest.mark.parametrize("path", [PATH, "/public/v1/documents/doc_1/linked-objects"])
async def test_an_address_is_asked_to_wait_after_too_many(url: str, path: str) -> None:
    where = {"X-Forwarded-For": f"198.51.100.{len(path)}"}
    for _ in range(LIMIT):
        assert (await guess(url, where, path)).status_code == 401
    answer = await guess(url, where, path)
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert answer.headers["x-ratelimit-limit"] == str(LIMIT)
    assert answer.headers["x-ratelimit-remaining"] == "0"


async def test_other_addresses_and_keys_at_work_are_not_affected(
    url: str, guarded: Workspace, outsider: Outsider
) -> None:
    where = {"X-Forwarded-For": "203.0.113.9"}
    assert (await guarded.http.get(PATH, headers=where)).status_code == 404
    await guess_too_often(url, where)
    refused(await guess(url, where), 429, "rate_limited")
    assert (await guarded.http.get(PATH, headers=where)).status_code == 404
    fresh, _ = await make_key(outsider, guarded.id)
    async with http_client(url, fresh) as http:
        refused(await http.get(PATH, headers=where), 429, "rate_limited")
        assert (await http.get(PATH, headers=OTHER)).status_code == 404
        assert (await http.get(PATH, headers=where)).status_code == 404, "it is known by now"


async def test_good_keys_and_calls_without_any_are_not_counted(
    url: str, guarded: Workspace
) -> None:
    where = {"X-Forwarded-For": "203.0.113.10"}
    async with http_client(url) as nobody:
        for _ in range(LIMIT + 1):
            assert (await guarded.http.get(PATH, headers=where)).status_code == 404
            refused(await nobody.get(PATH, headers=where), 401, "invalid_key")
    refused(await guess(url, where), 401, "invalid_key")


async def test_logging_in_at_laserfiches_token_endpoint_counts_too(
    url: str, guarded: Workspace
) -> None:
    where = {"X-Forwarded-For": "203.0.113.11"}
    path = f"/repository/v1/Repositories/{guarded.id}/Token"

    async def log_in(user: str, password: str) -> httpx.Response:
        body = {"grant_type": "password", "username": user, "password": password}
        async with http_client(url) as http:
            return await http.post(path, data=body, headers=where)

    problem(await log_in("test", new_key()), 401)
    problem(await log_in("somebody else", guarded.key), 401)
    problem(await log_in("test", new_key()), 401)
    answer = await log_in("test", new_key())
    problem(answer, 429)
    assert int(answer.headers["retry-after"]) > 3500
    refused(await guess(url, where), 429, "rate_limited")
    assert (await log_in("test", guarded.key)).status_code == 200, "a key at work"


async def test_who_is_no_trusted_proxy_cannot_choose_its_address(
    stack: Stack, tmp_path: Path
) -> None:
    env = {"DOCLINK_FAILED_ATTEMPTS": f"{LIMIT}/hour"}
    async with one_more_ingress(stack, tmp_path, **env) as (_, url):
        await guess_too_often(url, GUESSER)
        refused(await guess(url, OTHER), 429, "rate_limited")


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("198.51.100.7", 4711), "198.51.100.7"),
        (("2001:db8:1:2:3:4:5:6", 4711), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::1", 0), "2001:db8:1:2::/64"),
        (("::ffff:198.51.100.7", 4711), "198.51.100.7"),
        (("unknown", 0), "unknown"),
        (("x" * 1000, 0), "x" * 255),
        (None, ""),
    ],
)
def test_what_counts_as_one_address(client: tuple[str, int] | None, counted: str) -> None:
    assert address({"client": client}) == counted
