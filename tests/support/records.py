"""The databases of the services, read past the services: what is really stored."""

from typing import Any

import pymongo

from contracts.catalogue import Service
from deploy.local.stack import Stack


def stored(stack: Stack, service: Service, collection: str, **wanted: Any) -> list[dict[str, Any]]:
    """The records of a service's collection whose members are as wanted."""
    url = stack.infrastructure.urls.mongo
    with pymongo.MongoClient[dict[str, Any]](url, tz_aware=True) as client:
        return list(client[f"doclink_{service}"][collection].find(wanted))


def dropped(stack: Stack, service: Service, collection: str) -> None:
    """Lose a service's collection, with its indexes, as no service does."""
    with pymongo.MongoClient[dict[str, Any]](stack.infrastructure.urls.mongo) as client:
        client[f"doclink_{service}"].drop_collection(collection)
