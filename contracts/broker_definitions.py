"""Users, rights, exchanges and queues as RabbitMQ itself loads them.

With these a broker is whole before the first service connects, and no service needs the right to
declare anything. https://www.rabbitmq.com/docs/definitions
"""

from collections.abc import Mapping
from typing import Any

from contracts.broker_users import BROKER_USERS, BrokerUser
from contracts.topology import EXCHANGES, QUEUES

Json = dict[str, Any]
VHOST = "/"

_NO_PASSWORD = ""
"""RabbitMQ lets nobody log in by a password whose hash is this one."""


def definitions(password_hashes: Mapping[str, str] | None = None) -> Json:
    """The whole file; a user without a hash cannot log in until it is given a password.

    Args:
        password_hashes: By user, as RabbitMQ keeps them: base 64 of a salt of 4 bytes, and of the
            SHA-256 of salt and password.
    """
    hashes = password_hashes or {}
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(user, hashes.get(user.name, _NO_PASSWORD)) for user in BROKER_USERS],
        "permissions": [_permission(user) for user in BROKER_USERS],
        "topic_permissions": [
            {
                "user": user.name,
                "vhost": VHOST,
                "exchange": right.exchange,
                "write": right.write,
                "read": right.read,
            }
            for user in BROKER_USERS
            for right in user.topics
        ],
        "exchanges": [
            {
                "name": exchange.name,
                "vhost": VHOST,
                "type": exchange.type,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for exchange in EXCHANGES
        ],
        "queues": [
            {
                "name": queue.name,
                "vhost": VHOST,
                "durable": True,
                "auto_delete": False,
                "arguments": queue.arguments,
            }
            for queue in QUEUES
        ],
        "bindings": [
            {
                "source": exchange,
                "vhost": VHOST,
                "destination": queue.name,
                "destination_type": "queue",
                "routing_key": key,
                "arguments": {},
            }
            for queue in QUEUES
            for exchange, key in queue.bindings
        ],
    }


def _user(user: BrokerUser, password_hash: str) -> Json:
    return {
        "name": user.name,
        "password_hash": password_hash,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(user.tags),
    }


def _permission(user: BrokerUser) -> Json:
    return {
        "user": user.name,
        "vhost": VHOST,
        "configure": user.configure,
        "write": user.write,
        "read": user.read,
    }
