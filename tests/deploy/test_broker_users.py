"""The broker's users on this machine: theirs are the passwords and rights, whatever was there."""

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aio_pika

from contracts.broker_users import BROKER_USERS
from contracts.topology import QUEUES, dead_queue
from deploy.local.infrastructure import Infrastructure
from deploy.local.rabbitmq import RabbitMQ, answers

OLDER = {"x-queue-type": "quorum", "x-max-length": 7}


def declare_older(url: str, queue: str) -> None:
    """As an earlier release had it, with a message in it."""

    async def declare() -> None:
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(queue)
            arguments: dict[str, Any] = OLDER
            await channel.declare_queue(queue, durable=True, arguments=arguments)
            message = aio_pika.Message(b"old", delivery_mode=2)
            await channel.default_exchange.publish(message, queue)

    run(declare())


def taken(url: str, queue: str) -> bytes:
    """The body of the first message."""

    async def take() -> bytes:
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            message = await (await channel.get_queue(queue, ensure=False)).get(no_ack=True)
            return message.body

    body: bytes = run(take())
    return body


def run(coroutine: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:  # the test may run inside an event loop
        return pool.submit(asyncio.run, coroutine).result()


def test_a_folder_of_an_earlier_release_gets_users_rights_and_queues_and_keeps_messages(
    infrastructure: Infrastructure,
) -> None:
    broker, urls = infrastructure.broker, infrastructure.urls
    assert isinstance(broker, RabbitMQ)
    older = dead_queue("webhooks")
    declare_older(urls.amqp, older)
    for command in (
        ("delete_user", "doclink-links"),
        ("delete_queue", dead_queue("links")),
        ("set_permissions", "doclink-publisher", ".*", ".*", ".*"),
        ("change_password", "doclink", "doclink"),
    ):
        broker.control(*command)
    assert not answers(urls.amqp)
    broker.stop()
    broker.start()
    assert {user.name for user in BROKER_USERS} == urls.broker_users.keys()
    assert [user for user, url in urls.broker_users.items() if not answers(url)] == []
    rights = broker.control("list_user_permissions", "doclink-publisher", "--silent")
    assert rights.split() == ["/", "^$", r"^(doclink\.commands\.outside)$", "^$"]
    listed = broker.control("list_queues", "name", "--silent").splitlines()
    assert {queue.name for queue in QUEUES} <= set(listed)
    assert taken(urls.amqp, older) == b"old"


def test_passwords_are_drawn_and_lie_for_our_eyes_alone(infrastructure: Infrastructure) -> None:
    folder = infrastructure.folder.path / "rabbitmq"
    for name in ("passwords.json", "definitions.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    passwords = [
        url.split("@")[0].split(":")[-1] for url in infrastructure.urls.broker_users.values()
    ]
    assert len(set(passwords)) == len(BROKER_USERS)
    assert all(len(each) == 32 for each in passwords)
    assert not any(each in (folder / "definitions.json").read_text() for each in passwords)
