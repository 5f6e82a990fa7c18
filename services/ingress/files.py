"""`/files`: the bytes of documents, by URLs that we have signed ourselves (see `file_urls`).

There is no guard before it: the signature stands for the key, and a file may be of any size.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from contracts.errors import ErrorCode
from services.ingress.file_urls import EXACT_BYTES, MAX_BYTES, NAME, TYPE
from services.ingress.ranges import wanted_range
from services.ingress.signing import Signer
from shared.errors import Refusal
from shared.logs import logger
from shared.objects import Objects

log = logger(__name__)


class Files:
    """Takes and gives the bytes of objects.

    Args:
        objects: Where they lie.
        signer: Knows the URLs that allow it.
    """

    def __init__(self, objects: Objects, signer: Signer) -> None:
        self._objects = objects
        self._signer = signer
        self.router = APIRouter()
        self.router.add_route("/files/{path:path}", self._take, methods=["PUT"])
        self.router.add_route("/files/{path:path}", self._give, methods=["GET"])

    async def _take(self, request: Request) -> Response:
        """Store what is sent, whole or not at all."""
        path = request.path_params["path"]
        terms = self._signer.terms("PUT", path, request.query_params.multi_items())
        upload = _Upload(self._objects, path, terms)
        await upload.refuse_if_taken()
        try:
            await self._objects.put(path, upload.checked(request))
        except ClientDisconnect:
            log.info("upload.broken_off", path=path)
            return Response(status_code=400)  # which nobody will read
        return Response()

    async def _give(self, request: Request) -> Response:
        """Send the object or a part of it, to be kept as a file and never to be shown as a page."""
        path = request.path_params["path"]
        terms = self._signer.terms("GET", path, request.query_params.multi_items())
        size = await self._objects.size(path)
        if size is None:
            raise _missing()
        headers = _headers(terms[NAME], terms[TYPE])
        # We give no validator, so that no condition of If-Range can be met.
        asked = None if "if-range" in request.headers else request.headers.get("range")
        try:
            part = wanted_range(asked, size)
        except ValueError:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        first, end = part or (0, size)
        headers["Content-Length"] = str(end - first)
        if part is not None:
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
        status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        content = await self._objects.get(path, first=first, end=None if part is None else end)
        if content is None:
            raise _missing()
        return StreamingResponse(content.chunks, status_code=status, headers=headers)


class _Upload:
    """The rules of one upload."""

    def __init__(self, objects: Objects, path: str, terms: dict[str, str]) -> None:
        self._objects = objects
        self._path = path
        self._exact = EXACT_BYTES in terms
        self._limit = int(terms[EXACT_BYTES if self._exact else MAX_BYTES])

    async def refuse_if_taken(self) -> None:
        """Bytes that lie there may be a registered document's: they stay as they are."""
        if await self._objects.size(self._path) is not None:
            text = "A file has been sent to this URL already; ask for a new one"
            raise Refusal(ErrorCode.STORAGE_CONFLICT, text)

    async def checked(self, request: Request) -> AsyncIterator[bytes]:
        """What is sent, as long as it keeps to the rules."""
        self._refuse_above_limit(int(request.headers.get("content-length", "0")))
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            self._refuse_above_limit(received)
            if chunk:
                yield chunk
        if self._exact and received < self._limit:
            text = f"{received} bytes have come of the {self._limit} that were declared"
            raise Refusal(ErrorCode.VALIDATION_ERROR, "The file is not whole", {"body": text})
        await self.refuse_if_taken()  # others with the same URL may have been faster

    def _refuse_above_limit(self, length: int) -> None:
        if length > self._limit:
            text = f"The file must be at most {self._limit} bytes"
            raise Refusal(ErrorCode.PAYLOAD_TOO_LARGE, text)


def _missing() -> Refusal:
    return Refusal(ErrorCode.NOT_FOUND, "The file does not exist")


def _headers(name: str, kind: str) -> dict[str, str]:
    return {
        # A quoted parameter of a media type may have any letter, a header may not.
        "Content-Type": kind if kind.isascii() else "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
    }
