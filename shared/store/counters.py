"""Counters: the next numbers of a workspace, given out once each to however many processes.

A number that is taken and not used, because a command was refused or ran twice, leaves a gap.
"""

import asyncio
from collections import defaultdict
from typing import NamedTuple

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.batching import Batcher
from shared.store.client import Database
from shared.store.faults import passing_faults
from shared.store.records import Records


class _Counter(NamedTuple):
    workspace_id: str
    name: str


class _Wish(NamedTuple):
    counter: _Counter
    number: int


class Counters:
    """The counters of one service, each known by a workspace and a name.

    What waits while numbers are being taken is served together, with one round trip for each
    counter, since a counter is one record that many want at once.
    """

    def __init__(self, database: Database) -> None:
        self._collection = database.collection("counters")
        self._take = Batcher(self._take_many)

    async def take(self, workspace_id: str, name: str, count: int = 1, *, start: int = 1) -> int:
        """The first of the next `count` numbers; all of them are the caller's alone.

        Args:
            workspace_id: Whose counter.
            name: Which; everybody who takes from it gives the same `start`.
            count: How many numbers to take.
            start: The counter's very first number.

        Raises:
            StoreUnavailable: the database does not answer; the numbers may be lost.
        """
        taken_before = await self._take(_Wish(_Counter(workspace_id, name), count))
        return start + taken_before

    async def _take_many(self, wishes: list[_Wish]) -> list[int | Exception]:
        totals: dict[_Counter, int] = defaultdict(int)
        for wish in wishes:
            totals[wish.counter] += wish.number
        before = await asyncio.gather(
            *(self._advance(counter, total) for counter, total in totals.items()),
            return_exceptions=True,
        )
        taken = dict(zip(totals, before, strict=True))
        answers: list[int | Exception] = []
        for counter, number in wishes:
            answer = taken[counter]
            if isinstance(answer, int):
                taken[counter] = answer + number
            elif not isinstance(answer, Exception):
                raise answer  # we are being cancelled
            answers.append(answer)
        return answers

    async def _advance(self, counter: _Counter, count: int) -> int:
        """How many numbers had been taken before these `count`."""
        which = {"_id": Records.key(*counter), "workspace_id": counter.workspace_id}
        while True:
            try:
                with passing_faults():
                    after = await self._collection.find_one_and_update(
                        which,
                        {"$inc": {"taken": count}},
                        upsert=True,
                        return_document=ReturnDocument.AFTER,
                    )
            except DuplicateKeyError:
                continue  # somebody else made the counter at the same moment
            return int(after["taken"]) - count
