"""Something left in broker and database, to be found again."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aio_pika
import pymongo
from aio_pika.abc import AbstractQueue

from deploy.local.infrastructure import Urls

KINDS = ("classic", "quorum")


def leave(urls: Urls, text: str) -> None:
    """Publish a confirmed message to a queue of each kind, and write a document."""
    _run(_publish(urls.amqp, text))
    with pymongo.MongoClient[dict[str, Any]](urls.mongo) as client:
        notes = client.get_database("keepsake").get_collection(
            "notes", write_concern=pymongo.WriteConcern("majority", j=True)
        )
        notes.insert_one({"text": text})


def found(urls: Urls) -> list[str]:
    """What is there: of each queue, and of the database. Takes it out."""
    messages: list[str] = _run(_fetch(urls.amqp))
    with pymongo.MongoClient[dict[str, Any]](urls.mongo) as client:
        notes = client["keepsake"]["notes"]
        texts = [str(note["text"]) for note in notes.find()]
        notes.delete_many({})
    return messages + texts


def _run(coroutine: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:  # the test may run inside an event loop
        return pool.submit(asyncio.run, coroutine).result()


async def _publish(url: str, text: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for kind in KINDS:
            queue = await _declare(channel, kind)
            message = aio_pika.Message(
                text.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
            )
            await channel.default_exchange.publish(message, queue.name)


async def _fetch(url: str) -> list[str]:
    texts = []
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for kind in KINDS:
            queue = await _declare(channel, kind)
            while message := await queue.get(fail=False):
                await message.ack()
                texts.append(message.body.decode())
    return texts


async def _declare(channel: Any, kind: str) -> AbstractQueue:
    queue: AbstractQueue = await channel.declare_queue(
        f"keepsake.{kind}", durable=True, arguments={"x-queue-type": kind}
    )
    return queue
