"""Ways for a publisher from outside to get past the check of its workspace; none leads anywhere."""

from typing import Any

import pytest
from aio_pika.exceptions import PublishError
from pydantic_core import Url

from contracts import headers as h
from contracts.broker_users import OPERATOR
from contracts.topology import COMMANDS, DEAD, OUTSIDE, command_queue
from deploy.local.stack import Stack
from shared.bus.dead_queue import opened
from shared.bus.parked import Wanted
from shared.settings import Settings
from tests.support.broker_users import ME, WORKSPACE, BrokerLogin, entities, send, upsert
from tests.support.bus import PATIENCE, Outsider, command
from tests.support.parking import parked, until_parked
from tests.support.records import stored
from tests.support.waiting import until
from tests.support.workspace import Workspace


async def test_headers_of_ours_that_the_sender_has_set_are_not_believed(
    publisher: BrokerLogin, outsider: Outsider, stack: Stack, workspace: Workspace
) -> None:
    body = upsert(workspace.id)
    forged = {
        h.PUBLISHER: "doclink-links",
        h.EXCHANGE: COMMANDS,
        h.QUEUE: command_queue("links"),
        h.ROUTING_KEY: "api_key.create",
        h.ATTEMPTS: 4,
        h.CRASHES: 4,
        h.REASON: "internal_error",
        h.FIRST_FAILED_AT: "2020-01-01T00:00:00+00:00",
        "x-death": [{"queue": command_queue("crm_sync"), "exchange": COMMANDS}],
        "mine": "kept",
    }
    message_id = await send(publisher, "entity.upsert", body, headers=forged)
    found = await until_parked(outsider, "crm_sync", message_id)
    assert found.headers[h.PUBLISHER] == ME
    assert found.headers[h.EXCHANGE] == OUTSIDE
    assert found.headers[h.QUEUE] == command_queue("crm_sync")
    assert found.headers[h.ROUTING_KEY] == "entity.upsert"
    assert found.headers[h.ATTEMPTS] == 1
    assert found.headers[h.REASON] == "forbidden"
    assert str(found.headers[h.FIRST_FAILED_AT]) > "2026"
    assert found.headers["mine"] == "kept"
    assert not found.headers.keys() & {h.CRASHES, "x-death"}
    assert entities(stack, body) == []


def key_for(workspace_id: str) -> dict[str, Any]:
    scopes = ["read:documents"]
    return command(workspace_id, name="mine", owner="usr_1", scopes=scopes, key_hash="0" * 64)


async def test_nobody_outside_makes_himself_a_key(publisher: BrokerLogin, stack: Stack) -> None:
    with pytest.raises(PublishError):
        await send(publisher, "api_key.create", key_for(WORKSPACE))
    assert stored(stack, "registry", "api_keys", key_hash="0" * 64) == []


async def test_nor_by_a_second_routing_key(
    publisher: BrokerLogin, outsider: Outsider, stack: Stack
) -> None:
    # `CC` leads it into the registry's queue; its own key would have it handled there.
    headers = {"CC": ["document.register"]}
    message_id = await send(publisher, "api_key.create", key_for(WORKSPACE), headers=headers)
    found = await until_parked(outsider, "registry", message_id)
    assert found.headers[h.REASON] == "forbidden"
    assert "CC" not in found.headers
    assert stored(stack, "registry", "api_keys", key_hash="0" * 64) == []


async def test_nobody_outside_has_us_write_into_a_queue(
    publisher: BrokerLogin, outsider: Outsider
) -> None:
    victim = await outsider.channel.declare_queue(exclusive=True)
    body = upsert(WORKSPACE)
    async with outsider.tap("entity.upserted") as tap:
        await send(publisher, "entity.upsert", body, reply_to=victim.name, correlation_id="1")
        await tap.one(entity_id=body["entity_id"])
    bad = upsert(WORKSPACE, surplus=1)
    message_id = await send(publisher, "entity.upsert", bad, reply_to=victim.name)
    found = await until_parked(outsider, "crm_sync", message_id)
    assert found.reply_to is None
    assert await victim.get(fail=False) is None


async def parked_anew(outsider: Outsider, stack: Stack, message_id: str) -> dict[str, Any]:
    """The headers of a parked command that an operator has sent again, when it is parked again."""
    first = await until_parked(outsider, "crm_sync", message_id)
    url = Url(stack.infrastructure.urls.broker_users[OPERATOR.name])
    async with opened(Settings(amqp_url=url), "crm_sync", patience=PATIENCE) as dead:
        [found] = [each async for each in dead.messages(Wanted(ids=(message_id,)))]
        await dead.send_again(found)

    async def again() -> dict[str, Any]:
        found = await parked(outsider, "crm_sync", message_id)
        return {} if not found or found[0].headers == first.headers else found[0].headers

    return await until(again)


async def test_what_an_operator_sends_again_is_checked_again(
    publisher: BrokerLogin, outsider: Outsider, stack: Stack, workspace: Workspace
) -> None:
    body = upsert(workspace.id)
    message_id = await send(publisher, "entity.upsert", body)
    headers = await parked_anew(outsider, stack, message_id)
    assert (headers[h.REASON], headers[h.PUBLISHER]) == ("forbidden", ME)
    assert entities(stack, body) == []


@pytest.mark.parametrize("user_id", [None, "doclink"])
async def test_so_is_what_the_broker_itself_has_parked_as_it_came(
    user_id: str | None, outsider: Outsider, stack: Stack, workspace: Workspace
) -> None:
    body = upsert(workspace.id)
    origin = {"exchange": OUTSIDE, "routing-keys": ["entity.upsert"]}
    death = {"queue": command_queue("crm_sync"), "reason": "delivery_limit", **origin}
    message_id = await outsider.publish(
        "crm_sync", body, exchange=DEAD, user_id=user_id, headers={"x-death": [death]}
    )
    headers = await parked_anew(outsider, stack, message_id)
    assert (headers[h.REASON], headers[h.PUBLISHER]) == ("forbidden", user_id or "")
    assert entities(stack, body) == []
