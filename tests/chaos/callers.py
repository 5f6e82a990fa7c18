"""Callers: they ask over HTTP for one thing after the other, and write down what they hear.

Links to CRMs they make in PandaDoc's way, all else in LeadLex's.

Those with idempotency keys ask again, with the same key, until they have an answer. Those without
go on: what has become of a request that was not answered, nobody has promised them.
"""

import asyncio
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from ulid import ULID

from tests.chaos.journal import ANSWERED, BEGUN, UNKNOWN, Journal
from tests.chaos.order import Order, carry_out
from tests.chaos.workload import CRM_LINK, Wish, Workload

AT_ONCE = 4
TIMEOUT = 15.0
PAUSE = 0.2
"""Seconds before the next request, after one that was not answered."""
PACE = 0.02
"""Seconds between two requests of a caller: the machine is small."""
LAST_SECONDS = 30.0
"""How long those with keys go on asking when it is over."""
AGAIN = 0.1
"""How many of those that have their answer ask once more, with the same key."""

REFUSED = ""
KINDS = {
    "link.create": 40,
    CRM_LINK: 5,
    "document.register": 20,
    "entity.upsert": 20,
    "link.delete": 10,
    "document.update": 5,
}


class Caller:
    """Sends requests to one of the ingresses at a time."""

    def __init__(
        self, session: aiohttp.ClientSession, urls: list[str], journal: Journal, party: str
    ) -> None:
        self._session = session
        self._urls = urls
        self._journal = journal
        self._party = party
        self._numbers = count(1)

    def begin(self, wish: Wish) -> str:
        """Write down that there will be a request; its number."""
        number = f"{self._party}-{next(self._numbers)}"
        self._journal.note(BEGUN, number=number, command=wish.command, key=wish.key, cause=None)
        return number

    async def ask(self, wish: Wish, number: str, key: str | None = None) -> str | None:
        """The id of what was made, or `REFUSED`; None if nobody knows."""
        headers = {"Idempotency-Key": key} if key else {}
        url = self._urls[int(number.rpartition("-")[2]) % len(self._urls)] + wish.path
        try:
            async with self._session.request(
                wish.method, url, json=wish.body, headers=headers
            ) as said:
                text = await said.text()
                answer = await said.json() if said.ok and text else {}
        except (aiohttp.ClientError, TimeoutError) as error:
            self._journal.note(UNKNOWN, number=number, why=repr(error))
            return None
        if said.status >= 500:
            self._journal.note(UNKNOWN, number=number, why=f"{said.status} {text[:300]}")
            return None
        made = self._made(wish, answer)
        self._journal.note(ANSWERED, number=number, status=said.status, id=made, text=text[:500])
        return made if said.ok else REFUSED

    @staticmethod
    def _made(wish: Wish, answer: dict[str, Any]) -> str:
        if not (wish.id_at and answer):
            return wish.key
        found: Any = answer
        for name in wish.id_at:
            found = found[name]
        return str(found)


def session(key: str, timeout: float = TIMEOUT) -> aiohttp.ClientSession:
    """An HTTP client that shows the key."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        headers={"Authorization": f"Bearer {key}"},
        timeout=aiohttp.ClientTimeout(total=timeout),
    )


async def call_without_keys(caller: Caller, workload: Workload, stop: asyncio.Event) -> None:
    """One request after the other."""
    for wish in workload.wishes(KINDS):
        if stop.is_set():
            return
        made = await caller.ask(wish, caller.begin(wish))
        _remember(workload, wish, made)
        await asyncio.sleep(PACE if made is not None else PAUSE)


async def call_with_keys(caller: Caller, workload: Workload, stop: asyncio.Event) -> None:
    """One request after the other, each again and again until it is answered."""
    for wish in workload.wishes(KINDS):
        if stop.is_set():
            return
        number, key = caller.begin(wish), str(ULID())
        deadline: float | None = None
        loop = asyncio.get_running_loop()
        while (made := await caller.ask(wish, number, key)) is None:
            if stop.is_set():
                deadline = deadline or loop.time() + LAST_SECONDS
                if loop.time() > deadline:
                    return
            await asyncio.sleep(PAUSE)
        if int(number.rpartition("-")[2]) % round(1 / AGAIN) == 0:
            await caller.ask(wish, number, key)
        _remember(workload, wish, made)
        await asyncio.sleep(PACE)


def _remember(workload: Workload, wish: Wish, made: str | None) -> None:
    if made and wish.command == "link.create":
        workload.made.append((made, wish.payload["document_id"]))


async def _work(order: Order, stop: asyncio.Event) -> None:
    journal = Journal(Path(order.journal))
    workload = Workload(order.world, order.party, order.share, order.seed)
    call = call_with_keys if order.party.startswith("keys") else call_without_keys
    async with session(order.key) as client, asyncio.TaskGroup() as group:
        caller = Caller(client, order.urls, journal, order.party)
        for _ in range(AT_ONCE):
            group.create_task(call(caller, workload, stop))


if __name__ == "__main__":
    carry_out(_work)
