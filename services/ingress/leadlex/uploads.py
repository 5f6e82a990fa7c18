"""LeadLex's signed uploads: where to send a file's bytes before it is registered.

Source: Create Document Record names the endpoint; its shape is ours.
"""

import re

from fastapi import APIRouter
from ulid import ULID

from contracts.errors import ErrorCode
from services.ingress.call import CurrentCall
from services.ingress.demands import needs
from services.ingress.file_urls import CurrentFileUrls
from services.ingress.leadlex.document_bodies import RequestUpload, UploadBody, UploadEnvelope
from services.ingress.leadlex.errors import documented
from shared.errors import Refusal

router = APIRouter(tags=["documents"])
_MAX_NAME = 100


@router.post(
    "/v1/documents/upload-url",
    status_code=201,
    dependencies=[needs("write:documents")],
    responses=documented(),
)
async def request_upload(
    call: CurrentCall, urls: CurrentFileUrls, body: RequestUpload
) -> UploadEnvelope:
    """A URL to `PUT` a file's bytes to within 15 minutes, without a key; then register it.

    Bytes that have arrived are not replaced: a second try needs a new URL.
    """
    if body.size_bytes is not None and body.size_bytes > urls.max_bytes:
        fields = {"size_bytes": f"must be at most {urls.max_bytes}"}
        raise Refusal(ErrorCode.VALIDATION_ERROR, "The file is too large", fields)
    path = f"workspaces/{call.caller.workspace_id}/documents/{ULID()}/{safe_name(body.name)}"
    signed = await urls.upload(call.public_url, path, body.size_bytes)
    return UploadEnvelope(
        data=UploadBody(upload_url=signed.url, storage_path=path, expires_at=signed.expires_at)
    )


def safe_name(name: str) -> str:
    """A name that every store takes as the last part of a path; its ending is kept."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-_MAX_NAME:].lstrip(".")
    return safe or "file"
