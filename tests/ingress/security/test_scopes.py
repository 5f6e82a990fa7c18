"""The scope that each operation of each API needs: refused without it, in reach with it alone."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.stack import Stack
from shared.ids import new_id
from tests.ingress.clients import LONG_AGO
from tests.ingress.operations import OPERATIONS, Operation
from tests.support.bus import Outsider, command
from tests.support.leaks import new_key
from tests.support.workspace import SCOPES, http_client, make_key

ALL = (*SCOPES, "admin:operations")
READ, WRITE, OPERATIONS_ALL = "read:documents", "write:documents", "admin:operations"
READ_ENTITIES, WRITE_ENTITIES = "read:entities", "write:entities"
READ_HOOKS, WRITE_HOOKS = "read:webhooks", "write:webhooks"

V1, PANDADOC = "/v1", "/public/v1/documents"
LASERFICHE, DEAD = "/repository/v1/Repositories", "/admin/v1/dead/{service}"
ENTRY, DEFINITIONS = f"{LASERFICHE}/{{repoId}}/Entries/{{entryId}}", "/{repoId}/LinkDefinitions"
CRM = f"{V1}/connections/{{provider}}"

NEEDED: dict[str, str] = {
    f"POST {V1}/documents/upload-url": WRITE,
    f"POST {V1}/documents": WRITE,
    f"GET {V1}/documents": READ,
    f"GET {V1}/documents/{{id}}": READ,
    f"PATCH {V1}/documents/{{id}}": WRITE,
    f"DELETE {V1}/documents/{{id}}": WRITE,
    f"POST {V1}/documents/{{id}}/link": WRITE,
    f"DELETE {V1}/documents/{{id}}/link/{{link_id}}": WRITE,
    f"GET {V1}/documents/{{id}}/links": READ,
    **{
        f"GET {V1}/{plural}/{{id}}/documents": READ
        for plural in ("contacts", "companies", "deals", "events", "matters", "tasks")
    },
    f"PUT {V1}/entities/{{entity_type}}/{{id}}": WRITE_ENTITIES,
    f"DELETE {V1}/entities/{{entity_type}}/{{id}}": WRITE_ENTITIES,
    f"GET {V1}/connections": READ_ENTITIES,
    f"PUT {CRM}": WRITE_ENTITIES,
    f"DELETE {CRM}": WRITE_ENTITIES,
    f"PUT {CRM}/entities/{{entity_type}}/{{id}}": WRITE_ENTITIES,
    f"DELETE {CRM}/entities/{{entity_type}}/{{id}}": WRITE_ENTITIES,
    f"POST {V1}/webhooks": WRITE_HOOKS,
    f"GET {V1}/webhooks": READ_HOOKS,
    f"GET {V1}/webhooks/{{id}}": READ_HOOKS,
    f"PATCH {V1}/webhooks/{{id}}": WRITE_HOOKS,
    f"DELETE {V1}/webhooks/{{id}}": WRITE_HOOKS,
    f"GET {V1}/webhooks/{{id}}/deliveries": READ_HOOKS,
    f"GET {PANDADOC}/linked-objects": READ,
    f"POST {PANDADOC}/{{id}}/linked-objects": WRITE,
    f"GET {PANDADOC}/{{id}}/linked-objects": READ,
    f"DELETE {PANDADOC}/{{id}}/linked-objects/{{linked_object_id}}": WRITE,
    f"GET {LASERFICHE}": READ,
    f"GET {ENTRY}": READ,
    f"PUT {ENTRY}/links": WRITE,
    f"GET {ENTRY}/links": READ,
    f"GET {LASERFICHE}{DEFINITIONS}": READ,
    f"POST {LASERFICHE}{DEFINITIONS}": WRITE,
    f"GET {LASERFICHE}{DEFINITIONS}/{{linkTypeId}}": READ,
    f"GET {DEAD}": OPERATIONS_ALL,
    f"DELETE {DEAD}": OPERATIONS_ALL,
    f"GET {DEAD}/{{id}}": OPERATIONS_ALL,
    f"POST {DEAD}/redrive": OPERATIONS_ALL,
}
ANY_KEY = {f"GET {V1}/operations/{{id}}"}
"""Any key of the workspace that has sent the command: its id is known to its sender alone."""

WITHOUT_KEY = {f"POST {LASERFICHE}/{{repoId}}/Token"}
"""The login, which takes the key as its password."""

_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{32}")
"""What is another in each answer: the ids of request and trace."""

SCOPED = [operation for operation in OPERATIONS if str(operation) in NEEDED]


class Keys:
    """Clients with keys of one workspace, for the scopes that are asked for."""

    def __init__(self, outsider: Outsider, url: str) -> None:
        self.workspace_id = new_id("ws")
        self._outsider = outsider
        self._url = url
        self._clients: dict[tuple[str, ...], httpx.AsyncClient] = {}

    async def client(self, *scopes: str) -> httpx.AsyncClient:
        """The client whose key has these."""
        if scopes not in self._clients:
            key, _ = await make_key(self._outsider, self.workspace_id, scopes)
            self._clients[scopes] = http_client(self._url, key)
        return self._clients[scopes]

    async def close(self) -> None:
        """Close all of them."""
        for client in self._clients.values():
            await client.aclose()


@pytest.fixture(scope="module")
async def keys(stack: Stack, outsider: Outsider) -> AsyncIterator[Keys]:
    """For all tests here: a key is not used up."""
    made = Keys(outsider, stack.url)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def bad_keys(outsider: Outsider, keys: Keys) -> dict[str, str | None]:
    """Keys that are not good, each for another reason; they have been, with all scopes."""
    revoked, key_id = await make_key(outsider, keys.workspace_id, ALL)
    await outsider.ask("api_key.revoke", command(keys.workspace_id, key_id=key_id))
    expired, _ = await make_key(outsider, keys.workspace_id, ALL, expires_at=LONG_AGO)
    return {"none": None, "unknown": new_key(), "revoked": revoked, "expired": expired}


def test_each_operation_has_its_scope_in_the_table() -> None:
    known = {str(operation) for operation in OPERATIONS}
    assert known == NEEDED.keys() | ANY_KEY | WITHOUT_KEY
    assert {str(each) for each in OPERATIONS if not each.needs_key} == WITHOUT_KEY


@pytest.mark.parametrize("operation", SCOPED, ids=str)
async def test_a_key_for_everything_else_is_refused(operation: Operation, keys: Keys) -> None:
    needed = NEEDED[str(operation)]
    http = await keys.client(*(scope for scope in ALL if scope != needed))
    answer = await operation.call(http, keys.workspace_id)
    assert answer.status_code == 403, answer.text
    assert needed in answer.text


@pytest.mark.parametrize("operation", SCOPED, ids=str)
@pytest.mark.parametrize("spelling", ["{0}:{1}", "{1}:{0}"])
async def test_a_key_for_just_this_is_let_through(
    operation: Operation, spelling: str, keys: Keys
) -> None:
    needed = NEEDED[str(operation)]
    http = await keys.client(spelling.format(*needed.split(":")))
    answer = await operation.call(http, keys.workspace_id)
    # Nothing of what the path names is there, and no body is sent: the key is what matters here.
    assert answer.status_code in {200, 201, 204, 400, 404}, answer.text


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.needs_key], ids=str)
async def test_no_unknown_revoked_and_expired_key_get_the_same_answer(
    operation: Operation, keys: Keys, bad_keys: dict[str, str | None], stack: Stack
) -> None:
    answers: dict[str, str] = {}
    for name, key in bad_keys.items():
        async with http_client(stack.url, key) as http:
            answer = await operation.call(http, keys.workspace_id)
        assert answer.status_code == 401, answer.text
        assert answer.headers["www-authenticate"]
        answers[name] = _ID.sub("", answer.text)
    assert len(set(answers.values())) == 1, answers


async def test_a_purge_needs_more_than_a_deletion(keys: Keys) -> None:
    purge = f"{V1}/documents/doc_1?hard=true"
    assert (await (await keys.client(WRITE)).delete(purge)).status_code == 403
    assert (await (await keys.client("admin:documents")).delete(purge)).status_code == 404
