"""The broker's users on this machine, each with a password of the data folder's own."""

import base64
import hashlib
import json
import secrets
from pathlib import Path

from contracts.broker_definitions import definitions
from contracts.broker_users import ADMINISTRATOR, BROKER_USERS
from deploy.local.folder import write_private
from deploy.local.ports import LOOPBACK

_SALT_BYTES = 4


class BrokerUsers:
    """All of them; the passwords are drawn once, and are the same after a restart.

    Args:
        folder: The broker's folder, where passwords and definitions lie for our own eyes alone.
        port: Where clients reach the broker.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._passwords = _passwords(folder / "passwords.json")
        self._definitions = folder / "definitions.json"
        self._port = port

    @property
    def urls(self) -> dict[str, str]:
        """Where each logs in, by name."""
        return {
            name: f"amqp://{name}:{password}@{LOOPBACK}:{self._port}/"
            for name, password in self._passwords.items()
        }

    @property
    def administrator(self) -> str:
        """Where the one logs in who may do everything."""
        return self.urls[ADMINISTRATOR.name]

    def write_definitions(self) -> Path:
        """What the broker is to load: users with passwords, rights, exchanges and queues."""
        hashes = {name: password_hash(word) for name, word in self._passwords.items()}
        write_private(self._definitions, json.dumps(definitions(hashes)))
        return self._definitions


def password_hash(password: str) -> str:
    """A password as RabbitMQ keeps it.

    https://www.rabbitmq.com/docs/passwords#computing-password-hash
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode()


def _passwords(path: Path) -> dict[str, str]:
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    wanted = {user.name: known.get(user.name) or secrets.token_hex(16) for user in BROKER_USERS}
    if wanted != known:
        write_private(path, json.dumps(wanted))
    return wanted
