"""Settings, from environment variables that start with `DOCLINK_`.

Each can also be given by file: `DOCLINK_AMQP_URL_FILE` names a file that holds what would stand in
`DOCLINK_AMQP_URL`. TLS is a matter of the URLs:
- `amqps://user:password@host:5671/?cafile=/ca.pem&certfile=/client.pem&keyfile=/client.key`;
- `mongodb://user:password@host/?tls=true&tlsCAFile=/ca.pem&tlsCertificateKeyFile=/client.pem`.
Certificates and names of servers are always checked, unless such a URL says otherwise.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, UrlConstraints, ValidationError
from pydantic_core import Url
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from yarl import URL

from shared.secret_files import SecretFiles, UnusableFiles

AmqpUrl = Annotated[Url, UrlConstraints(allowed_schemes=["amqp", "amqps"])]
MongoUrl = Annotated[
    str, Field(pattern=r"^mongodb(\+srv)?://.+", description="mongodb:// or mongodb+srv://")
]
ObjectStoreUrl = Annotated[
    str,
    Field(
        pattern=r"^(file:///|s3://|gs://|az://).+", description="file:///, s3://, gs:// or az://"
    ),
]
Seconds = Annotated[float, Field(gt=0, le=3600)]


def _from_json(value: object) -> object:
    """What a variable holds; pydantic-settings itself does not say which one is no JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("is not valid JSON") from None


class Settings(BaseSettings):
    """What every service needs to know; durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="DOCLINK_", extra="ignore", frozen=True)

    amqp_url: AmqpUrl = Url("amqp://guest:guest@127.0.0.1:5672/")
    mongo_url: MongoUrl = "mongodb://127.0.0.1:27017/"
    mongo_driver: Literal["pymongo", "motor"] = "pymongo"
    """PyMongo's own async client, or Motor, which it succeeds (docs/decisions/0008)."""
    mongo_database_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")] = "doclink_"
    object_store_url: ObjectStoreUrl = Path(".local/data/objects").absolute().as_uri()
    """Where documents' bytes lie; keys and endpoint come from the cloud's own variables."""
    object_store_timeout: Seconds = 3.0
    """How long the object store may take to answer before it counts as away."""
    require_objects: bool = False
    """Whether a document may only be registered when its bytes lie at its storage path."""
    topology: Literal["declare", "given"] = "declare"
    """Whether services declare exchanges and queues, which takes a user with the right to; or the
    broker has them from `deploy/broker/definitions.json`."""
    publishers: Annotated[dict[str, frozenset[str]], NoDecode, BeforeValidator(_from_json)] = {}
    """For which workspaces each broker user may send commands from outside, as JSON:
    `{"doclink-publisher": ["ws_123"]}`; `"*"` is all of them."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    prefetch: Annotated[int, Field(ge=1, le=65_535)] = 256
    """Unacknowledged messages per queue and process, a frame being one; and how many handlers run
    at once."""
    publish_timeout: Seconds = 5.0
    """How long the broker may take to confirm a message."""
    peer_timeout: Seconds = 2.0
    """How long another service may take to answer a query."""
    store_timeout: Seconds = 2.0
    """How long the database may take to answer before it counts as away."""
    reconnect_interval: Seconds = 0.5
    shutdown_grace: Seconds = 10.0
    """How long what is in flight may take after SIGTERM."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment variables, then the files that some of them name."""
        return init_settings, env_settings, SecretFiles(settings_cls)


def named(amqp_url: Url, connection: str) -> str:
    """The broker's address, with a name by which operators know the connection."""
    return str(URL(str(amqp_url)).update_query(name=connection))


SettingsT = TypeVar("SettingsT", bound=Settings)


def load(settings: type[SettingsT]) -> SettingsT:
    """The settings of this process; on a bad variable, says which and why, and exits with 2."""
    try:
        return settings()
    except UnusableFiles as unusable:
        problems = unusable.problems
    except ValidationError as error:
        problems = [f"{_variable(each['loc'])}: {each['msg']}" for each in error.errors()]
    print("\n".join(problems), file=sys.stderr)  # noqa: T201 - no log yet
    raise SystemExit(2)


def _variable(path: tuple[int | str, ...]) -> str:
    name, *within = path
    return f"DOCLINK_{str(name).upper()}" + "".join(f": {part}" for part in within)
