"""The object store: the bytes of documents, by their storage path.

A local folder (`file:///...`), or S3 and what is compatible with it (`s3://bucket`), Google's
(`gs://`) or Azure's (`az://`), through obstore. Keys, endpoint and region come from the variables
that those clouds' own tools read (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, ...).
"""

import asyncio
import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeVar

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url
from pydantic import TypeAdapter, ValidationError

from contracts.fields import StoragePath
from shared.errors import ObjectsUnavailable
from shared.settings import Settings

if TYPE_CHECKING:  # obstore has these for type checkers alone
    from obstore import GetOptions, GetResult

CHUNK_BYTES = 256 * 1024
MAX_KEY_BYTES = 1024
"""S3's limit (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html)."""

_PATH = TypeAdapter[str](StoragePath)
_PROBE = "workspaces/probe"
_NO = (PermissionDeniedError, UnauthenticatedError)
_NO_PLACE = re.compile(r"os error (?:20|21|36)\)|InvalidPath")
"""What a folder says of a path at which no file can be: its name is too long, a file is where a
folder ought to be or the other way round, or it looks like a half-written file (`...#1`)."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Content:
    """An object's bytes on their way, and how many of them there are in the whole object."""

    size: int
    chunks: AsyncIterator[bytes]


class Objects:
    """Objects by storage path; no path leads out of the store.

    Every method raises `ObjectsUnavailable` when the store does not answer or refuses us.
    """

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.object_store_timeout
        self._store = _connect(settings.object_store_url, settings.object_store_timeout)

    async def ping(self) -> None:
        """Return when the store answers, be it with a no: that would not change by waiting."""
        try:
            await self.size(_PROBE)
        except ObjectsUnavailable as error:
            if not isinstance(error.__cause__, _NO):
                raise

    async def size(self, path: str) -> int | None:
        """How many bytes lie there; None if there is no object."""
        found = await self._look(path, obstore.head_async)
        return None if found is None else found["size"]

    async def delete(self, path: str) -> None:
        """Return when no object lies there, be it that there never was one."""
        await self._look(path, obstore.delete_async)

    async def put(self, path: str, chunks: AsyncIterable[bytes]) -> None:
        """Store the bytes as the object, replacing one that is there, or do nothing.

        The object is there as a whole when this returns. When `chunks` raises, or this is
        cancelled, nothing has changed, and what was raised comes out here.

        Raises:
            ValueError: the store can hold no object under this path.
        """
        if not _is_path(path):
            raise ValueError(f"Not a storage path: {path[:100]!r}")
        with _faults():
            try:
                await obstore.put_async(self._store, path, aiter(chunks))
            except BaseError as error:
                if _NO_PLACE.search(str(error)):
                    raise ValueError(f"No object can lie at {path[:100]!r}") from error
                raise
            except FileNotFoundError as error:
                raise ObjectsUnavailable(str(error)[:200]) from error  # not even a bucket

    async def get(self, path: str, *, first: int = 0, end: int | None = None) -> Content | None:
        """The object's bytes from `first` up to, not including, `end`; None if there is no object.

        `first` and `end` must lie within the object.
        """
        options: GetOptions = {}
        if first or end is not None:
            options["range"] = {"offset": first} if end is None else (first, end)

        async def ask(store: ObjectStore, path: str) -> "GetResult":
            return await obstore.get_async(store, path, options=options)

        found = await self._look(path, ask)
        return None if found is None else Content(found.meta["size"], _chunks(found))

    async def signed(self, method: Literal["GET", "PUT"], path: str, seconds: int) -> str | None:
        """The store's own URL that anybody may call `method` on for some seconds.

        None if the store has no such URLs, as a folder has none.

        Raises:
            ValueError: not a storage path.
        """
        if not _is_path(path):
            raise ValueError(f"Not a storage path: {path[:100]!r}")
        if not isinstance(self._store, S3Store | GCSStore | AzureStore):
            return None
        with _faults():
            async with asyncio.timeout(self._timeout):
                expiry = timedelta(seconds=seconds)
                return await obstore.sign_async(self._store, method, path, expiry)

    async def _look(
        self, path: str, ask: Callable[[ObjectStore, str], Awaitable[Found]]
    ) -> Found | None:
        """What `ask` finds; None if there is no object, or can be none."""
        if not _is_path(path):
            return None
        with _faults():
            try:
                async with asyncio.timeout(self._timeout):
                    return await ask(self._store, path)
            except FileNotFoundError:
                return None
            except BaseError as error:
                if _NO_PLACE.search(str(error)):
                    return None
                raise


def _connect(url: str, timeout: float) -> ObjectStore:
    if url.startswith("file:"):
        try:
            return LocalStore.from_url(url, mkdir=True, automatic_cleanup=True)
        except OSError as error:
            raise ValueError(f"DOCLINK_OBJECT_STORE_URL: {url} cannot be used: {error}") from error
    patience = timedelta(seconds=timeout)
    return from_url(
        url,
        client_options={
            # Who gives an address that starts with http means it.
            "allow_http": True,
            "connect_timeout": patience,
            "read_timeout": patience,
            # Counts until the last byte has been read, and files are large.
            "timeout": timedelta(hours=1),
        },
        retry_config={"max_retries": 2, "retry_timeout": patience},
    )


def _is_path(path: str) -> bool:
    try:
        return len(_PATH.validate_python(path).encode()) <= MAX_KEY_BYTES
    except (ValidationError, UnicodeEncodeError):
        return False


async def _chunks(found: "GetResult") -> AsyncIterator[bytes]:
    with _faults():
        async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (BaseError, TimeoutError) as error:
        raise ObjectsUnavailable(f"{type(error).__name__}: {str(error)[:200]}") from error
