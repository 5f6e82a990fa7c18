"""Where callers send and fetch a file's bytes: signed URLs, the store's own or ours.

An S3-compatible store signs URLs of its own, and the bytes do not pass through here. A local
folder cannot be reached from outside, so its URLs lead to `/files` (see `files`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Depends, Request

from contracts.documents import Document
from services.ingress.signing import Signer
from shared.ids import now
from shared.objects import Objects

LIFETIME = timedelta(minutes=15)
"""How long a signed URL is valid (LeadLex, Get Document)."""

MAX_UPLOAD_BYTES = 5 * 2**30
"""What S3 takes in one upload (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html);
our own URLs take no more."""

MAX_BYTES, EXACT_BYTES, NAME, TYPE = "max_bytes", "bytes", "name", "type"
"""The terms of our URLs: how much may or must come, and what a download is called and is."""


@dataclass(frozen=True)
class SignedUrl:
    """A URL that needs no key, until it expires."""

    url: str
    expires_at: datetime


class FileUrls:
    """Makes signed URLs.

    Args:
        objects: Where the bytes lie.
        signer: Signs what the store cannot.
        max_bytes: How much an upload of a size not known before may bring.
    """

    def __init__(self, objects: Objects, signer: Signer, *, max_bytes: int) -> None:
        self._objects = objects
        self._signer = signer
        self.max_bytes = max_bytes

    async def upload(self, base: str, path: str, size: int | None) -> SignedUrl:
        """Where to `PUT` the bytes of the object at `path`; `base` is our public address."""
        terms = {MAX_BYTES: str(self.max_bytes)} if size is None else {EXACT_BYTES: str(size)}
        return await self._signed("PUT", base, path, **terms)

    async def download(self, base: str, document: Document) -> SignedUrl | None:
        """Where to `GET` a document's bytes; None while there are none.

        Raises:
            ObjectsUnavailable: the store does not answer.
        """
        if await self._objects.size(document.storage_path) is None:
            return None
        terms = {NAME: document.name, TYPE: document.mime_type}
        return await self._signed("GET", base, document.storage_path, **terms)

    async def _signed(
        self, method: Literal["GET", "PUT"], base: str, path: str, **terms: str
    ) -> SignedUrl:
        until = (now() + LIFETIME).replace(microsecond=0)
        url = await self._objects.signed(method, path, int(LIFETIME.total_seconds()))
        if url is None:
            url = f"{base}/files/{quote(path)}?{self._signer.query(method, path, until, **terms)}"
        return SignedUrl(url, until)


async def _file_urls(request: Request) -> FileUrls:
    urls: FileUrls = request.scope["doclink.file_urls"]
    return urls


CurrentFileUrls = Annotated[FileUrls, Depends(_file_urls)]
