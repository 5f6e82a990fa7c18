"""What a link and a list cost, in things that can be counted: they do not depend on the machine.

A test that fails here says that something has become dearer (or cheaper: then write down the new
figure). Each has its reason, and there is none for more:

- a link calls the database for its insert, and for the tombstones of its ends in one read, since
  they may have gone (that they were there, the process remembers); its messages are the command,
  the event and the reply; one after the other come command, insert, read, event, reply
- a list reads the entity, the links, how many there are, and their documents in one go; its
  messages are the query and the reply; one after the other come query, entity and links, documents,
  reply

What waits together travels together, so many at once cost a fraction of that each. How many meet
depends on the machine: those figures are limits.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.ids import derive
from tests.support.commands import Body
from tests.support.costs.watched import Watched, watched

HELD_BACK = 0.1
"""Seconds for which answers are held back: far longer than it takes to ask side by side."""

CROWD = 64
DOCUMENTS, CONTACTS = 16, 31

OF_LINK = {"links: find replica": 1, "links: insert links": 1}
OF_LIST = {"links: find replica": 2, "links: find links": 1, "links: count links": 1}
CROWD_CALLS = CROWD
"""Half of what they would be if nothing went together; on an idle machine it is a tenth."""
CROWD_MESSAGES = CROWD // 2
"""Of commands, and as many of replies; on an idle machine it is an eighth."""


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    async with watched(tmp_path_factory.mktemp("watched")) as system:
        yield system


@pytest.fixture(scope="module")
async def pairs(system: Watched) -> list[tuple[str, str]]:
    """Documents and contacts that are not linked yet; neighbours have nothing in common."""
    documents = await asyncio.gather(*(system.workspace.document() for _ in range(DOCUMENTS)))
    contacts = await asyncio.gather(*(system.workspace.entity() for _ in range(CONTACTS)))
    return [(documents[n % DOCUMENTS], contacts[n % CONTACTS]) for n in range(400)]


async def test_a_link_over_http(system: Watched, pairs: list[tuple[str, str]]) -> None:
    await _twice(system, lambda: _link(system, pairs.pop()))
    ledger = system.ledger
    assert ledger.calls == OF_LINK
    assert ledger.messages == {
        "ingress: doclink.commands": 1,
        "links: doclink.events": 1,
        "links: reply": 1,
    }
    assert ledger.turns["ingress"] == 5


async def test_a_command_from_the_queue(system: Watched, pairs: list[tuple[str, str]]) -> None:
    await _twice(system, lambda: _publish(system, [pairs.pop()]))
    ledger = system.ledger
    assert ledger.calls == OF_LINK
    assert ledger.messages == {"links: doclink.events": 1}
    assert ledger.turns["links"] == 4


async def test_links_over_http_at_once(system: Watched, pairs: list[tuple[str, str]]) -> None:
    async def act() -> None:
        await asyncio.gather(*(_link(system, pairs.pop()) for _ in range(CROWD)))

    await _twice(system, act)
    ledger = system.ledger
    assert ledger.calls.keys() == OF_LINK.keys()
    assert ledger.calls.total() <= CROWD_CALLS
    assert ledger.messages.pop("links: doclink.events") == CROWD
    assert ledger.messages.keys() == {"ingress: doclink.commands", "links: reply"}
    assert max(ledger.messages.values()) <= CROWD_MESSAGES


async def test_commands_from_the_queue_at_once(
    system: Watched, pairs: list[tuple[str, str]]
) -> None:
    await _twice(system, lambda: _publish(system, [pairs.pop() for _ in range(CROWD)]))
    ledger = system.ledger
    assert ledger.calls.keys() == OF_LINK.keys()
    assert ledger.calls.total() <= CROWD_CALLS
    assert ledger.messages == {"links: doclink.events": CROWD}


async def test_a_list_of_25(system: Watched) -> None:
    contact = await system.workspace.entity()
    documents = await asyncio.gather(*(system.workspace.document() for _ in range(26)))
    await asyncio.gather(*(_link(system, (each, contact)) for each in documents))

    async def act() -> None:
        page = await system.workspace.listed(contact, per_page=25)
        assert (len(page["data"]["documents"]), page["meta"]["total"]) == (25, 26)

    await _twice(system, act)
    ledger = system.ledger
    assert ledger.calls == OF_LIST
    assert ledger.messages == {"ingress: doclink.queries": 1, "links: reply": 1}
    assert ledger.turns["ingress"] == 4


async def _twice(system: Watched, act: Callable[[], Awaitable[object]]) -> None:
    """The first time, connections are opened and the key is looked up."""
    for _ in range(2):
        await system.account(act, held_back=HELD_BACK)


async def _link(system: Watched, pair: tuple[str, str]) -> None:
    answer = await system.workspace.link(*pair)
    assert answer.status_code == 201, answer.text


async def _publish(system: Watched, pairs: list[tuple[str, str]]) -> None:
    """Returns when all events are there."""
    commands: list[Body] = [
        system.workspace.command(document_id=document, entity_type="contact", entity_id=contact)
        for document, contact in pairs
    ]
    awaited = {derive("evt", each["command_id"]) for each in commands}
    async with system.outsider.tap("link.created") as tap:
        await asyncio.gather(*(system.outsider.publish("link.create", each) for each in commands))
        await tap.until(lambda events: awaited <= {event["id"] for event in events})
