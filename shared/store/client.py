"""The one place that makes a database client.

PyMongo's own async client, or Motor, which it succeeds: the stores use only the calls that both
share, and the setting `DOCLINK_MONGO_DRIVER` chooses (docs/decisions/0008).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self, cast

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.results import BulkWriteResult, InsertManyResult, UpdateResult

from shared.settings import Settings
from shared.store.faults import passing_faults

Document = dict[str, Any]
Filter = Mapping[str, Any]
Order = Sequence[tuple[str, int]]

DURABLE = WriteConcern(w="majority", j=True)
"""A write that is answered has reached the journals of a majority."""


class Cursor(Protocol):
    """A query under construction; what motor and PyMongo share."""

    def sort(self, order: Order) -> Self: ...  # noqa: D102 - as PyMongo documents it
    def skip(self, count: int) -> Self: ...  # noqa: D102
    def limit(self, count: int) -> Self: ...  # noqa: D102
    async def to_list(self, length: int | None = None) -> list[Document]: ...  # noqa: D102


class Collection(Protocol):
    """A collection; what motor and PyMongo share."""

    async def find_one(self, query: Filter) -> Document | None: ...  # noqa: D102
    def find(self, query: Filter, projection: Filter | None = None) -> Cursor: ...  # noqa: D102
    async def insert_many(  # noqa: D102
        self, documents: Sequence[Document], *, ordered: bool
    ) -> InsertManyResult: ...
    async def replace_one(  # noqa: D102
        self, query: Filter, replacement: Document, *, upsert: bool = False
    ) -> UpdateResult: ...
    async def bulk_write(  # noqa: D102
        self, requests: Sequence[Any], *, ordered: bool
    ) -> BulkWriteResult: ...
    async def find_one_and_update(  # noqa: D102
        self, query: Filter, update: Filter, *, upsert: bool, return_document: bool
    ) -> Document: ...
    async def create_index(self, keys: Order, **options: Any) -> str: ...  # noqa: D102


class Database:
    """A service's own database; made once per process."""

    def __init__(self, settings: Settings, service: str) -> None:
        timeout = int(settings.store_timeout * 1000)
        options: dict[str, Any] = {
            "tz_aware": True,
            "serverSelectionTimeoutMS": timeout,
            "connectTimeoutMS": timeout,
            # A server that takes a write and never answers must not hold a handler for ever.
            "socketTimeoutMS": timeout * 10,
            "appname": f"doclink-{service}",
        }
        make: Any = AsyncIOMotorClient if settings.mongo_driver == "motor" else AsyncMongoClient
        self.embedded = False
        """True on the stand-in for MongoDB that machines without a server run on."""
        self._client = make(settings.mongo_url, **options)
        self._database = self._client[settings.mongo_database_prefix + service]

    def collection(self, name: str) -> Collection:
        """The collection `name`, with durable writes."""
        collection = self._database.get_collection(name, write_concern=DURABLE)
        return cast("Collection", collection)

    async def ping(self) -> None:
        """Return when the database answers.

        Raises:
            StoreUnavailable: it does not.
        """
        with passing_faults():
            await self._client.admin.command("ping")

    async def recognise(self) -> None:
        """Find out what kind of server this is; done once, before indexes are made."""
        with passing_faults():
            about = await self._client.admin.command("buildInfo")
        self.embedded = str(about.get("process", "")).startswith("nx_")

    async def count(self, collection: str, query: Filter) -> int:
        """How many documents match; the stand-in reads the whole collection for an aggregation."""
        with passing_faults():
            if self.embedded:
                answer = await self._database.command("count", collection, query=dict(query))
                return int(answer["n"])
            return int(await self._database[collection].count_documents(query))

    async def close(self) -> None:
        """Close all connections."""
        closing = self._client.close()
        if closing is not None:  # PyMongo's is a coroutine, motor's is not
            await closing
