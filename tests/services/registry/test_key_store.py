import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.api_keys import ApiKey
from services.registry.key_store import ApiKeyStore
from shared.ids import new_id
from shared.store.client import Database

TIME = datetime(2026, 4, 17, 10, 45, 0, 123000, tzinfo=UTC)


@pytest.fixture
async def keys(database: Database) -> ApiKeyStore:
    store = ApiKeyStore(database)
    await store.prepare()
    return store


def _key(workspace_id: str, **fields: Any) -> tuple[ApiKey, str]:
    key: dict[str, Any] = {
        "id": new_id("key"),
        "workspace_id": workspace_id,
        "name": "a key",
        "owner": "usr_1",
        "scopes": ["read:documents"],
        "created_at": TIME,
        "version": 1,
    }
    return ApiKey(**(key | fields)), hashlib.sha256(new_id("x").encode()).hexdigest()


async def test_a_key_is_found_by_its_hash_and_by_its_id_in_its_workspace_alone(
    keys: ApiKeyStore, workspace_id: str
) -> None:
    key, digest = _key(workspace_id, expires_at=TIME, rate_limit="5/minute")
    assert await keys.add(key, digest) == key
    assert await keys.add(key, digest) == key
    assert await keys.by_hash(digest) == key
    assert await keys.by_hash("0" * 64) is None
    assert await keys.find(workspace_id, key.id) == key
    assert await keys.find(new_id("ws"), key.id) is None


async def test_a_hash_is_one_keys_whatever_the_workspace(
    keys: ApiKeyStore, workspace_id: str
) -> None:
    key, digest = _key(workspace_id)
    await keys.add(key, digest)
    assert await keys.add(_key(workspace_id)[0], digest) is None
    assert await keys.add(_key(new_id("ws"))[0], digest) is None
    assert await keys.by_hash(digest) == key


async def test_keys_are_listed_newest_first(keys: ApiKeyStore, workspace_id: str) -> None:
    made = [_key(workspace_id, created_at=TIME + timedelta(seconds=n // 2)) for n in range(5)]
    for key, digest in [*made, _key(new_id("ws"))]:
        await keys.add(key, digest)
    newest_first = sorted((key for key, _ in made), key=lambda k: (k.created_at, k.id))[::-1]
    assert await keys.all(workspace_id) == newest_first


async def test_of_revocations_at_once_one_is_the_one(keys: ApiKeyStore, workspace_id: str) -> None:
    key, digest = _key(workspace_id)
    await keys.add(key, digest)
    commands = [new_id("cmd") for _ in range(10)]
    revoked = await asyncio.gather(*(keys.revoke(key, TIME, each) for each in commands))
    assert len({each.by for each in revoked}) == 1
    assert {each.key.version for each in revoked} == {2}
    assert (await keys.revoke(key, TIME + timedelta(days=1), revoked[0].by)) == revoked[0]
    held = await keys.by_hash(digest)
    assert held is not None
    assert held.revoked_at == TIME
