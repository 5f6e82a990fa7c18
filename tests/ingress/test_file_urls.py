"""Signed URLs: good for one thing in one place for a while, and for no more than was declared."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

import httpx
import pytest

from deploy.local.stack import Stack
from services.ingress.signing import Signer
from shared.ids import now
from tests.ingress.answers import refused
from tests.ingress.files import fetched, read, requested, sent, uploaded
from tests.support.ingress import one_more_ingress
from tests.support.workspace import Workspace


@pytest.fixture
async def download(workspace: Workspace) -> httpx.URL:
    """Where the bytes of a document can be had."""
    document = await workspace.document(storage_path=await uploaded(workspace, b"bytes"))
    url = httpx.URL((await read(workspace, document))["download_url"])
    assert (await fetched(str(url))).content == b"bytes"
    return url


def with_query(url: httpx.URL, **changed: str | None) -> str:
    """The URL with parameters changed, added or, where null, left out."""
    pairs = dict(parse_qsl(url.query.decode(), keep_blank_values=True)) | changed
    query = urlencode({name: value for name, value in pairs.items() if value is not None})
    return str(url.copy_with(query=query.encode()))


async def test_a_url_that_has_been_altered_anywhere(download: httpx.URL) -> None:
    expires, signature = (download.params[name] for name in ("expires", "signature"))
    other = "0" if signature[0] != "0" else "1"
    altered = [
        with_query(download, expires=str(int(expires) + 3600)),
        with_query(download, expires=""),
        with_query(download, expires=None),
        with_query(download, signature=other + signature[1:]),
        with_query(download, signature=None),
        with_query(download, name="other.pdf"),
        with_query(download, type="text/html"),
        with_query(download, type=None),
        with_query(download, more="1"),
        f"{download}&expires={expires}",
        f"{download}&signature={signature}",
        str(download.copy_with(query=None)),
        str(download.copy_with(path=download.path + "x")),
        str(download.copy_with(path=download.path.replace("ws_", "ws-"))),
    ]
    for url in altered:
        refused(await fetched(url), 403, "invalid_signature")
    assert (await fetched(with_query(download))).content == b"bytes"


async def test_a_url_is_for_one_method(workspace: Workspace, download: httpx.URL) -> None:
    refused(await sent(str(download), b"x"), 403, "invalid_signature")
    upload = (await requested(workspace))["upload_url"]
    refused(await fetched(upload), 403, "invalid_signature")
    async with httpx.AsyncClient(trust_env=False) as http:
        for method in ("POST", "DELETE", "PATCH"):
            refused(await http.request(method, upload), 405, "method_not_allowed")
    assert (await fetched(str(download))).content == b"bytes"


async def test_a_url_is_for_one_file(workspace: Workspace, download: httpx.URL) -> None:
    other = httpx.URL((await requested(workspace))["upload_url"])
    swapped = download.copy_with(path=other.path)
    refused(await fetched(str(swapped)), 403, "invalid_signature")


async def test_an_expired_url(workspace: Workspace, download: httpx.URL, stack: Stack) -> None:
    path = download.path.removeprefix("/files/")
    signer = Signer(stack.infrastructure.folder.secret())
    for seconds, good in ((60, True), (-1, False)):
        until = now() + timedelta(seconds=seconds)
        query = signer.query("GET", path, until, name="a", type="text/plain")
        answer = await fetched(str(download.copy_with(query=query.encode())))
        assert good == (answer.status_code == 200)
        if not good:
            assert "expired" in refused(answer, 403, "invalid_signature")["message"]
    path = workspace.path("documents/late.pdf")
    query = signer.query("PUT", path, now() - timedelta(seconds=1), max_bytes="9")
    late = download.copy_with(path=f"/files/{quote(path)}", query=query.encode())
    refused(await sent(str(late), b"x"), 403, "invalid_signature")


async def test_all_ingresses_of_one_secret_take_the_url(
    download: httpx.URL, stack: Stack, tmp_path: Path
) -> None:
    secret = stack.infrastructure.folder.secret()
    async with one_more_ingress(stack, tmp_path, DOCLINK_SIGNING_SECRET=secret) as (_, url):
        same = httpx.URL(url).copy_with(raw_path=download.raw_path)
        assert (await fetched(str(same))).content == b"bytes"
    async with one_more_ingress(stack, tmp_path) as (_, url):
        other = httpx.URL(url).copy_with(raw_path=download.raw_path)
        refused(await fetched(str(other)), 403, "invalid_signature")


async def test_what_has_been_sent_is_not_replaced(workspace: Workspace) -> None:
    upload = await requested(workspace)
    assert (await sent(upload["upload_url"], b"first")).status_code == 200
    refused(await sent(upload["upload_url"], b"second"), 409, "storage_conflict")
    document = await workspace.document(storage_path=upload["storage_path"])
    refused(await sent(upload["upload_url"], b"third"), 409, "storage_conflict")
    answer = await fetched((await read(workspace, document))["download_url"])
    assert answer.content == b"first"


async def test_of_two_uploads_at_once_the_first_to_end_stays(workspace: Workspace) -> None:
    upload = await requested(workspace)
    begun, over = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"slow" * 2**16
        begun.set()
        await over.wait()

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(sent(upload["upload_url"], slow()))
        await begun.wait()
        assert (await sent(upload["upload_url"], b"quick")).status_code == 200
        over.set()
    refused(first.result(), 409, "storage_conflict")
    document = await workspace.document(storage_path=upload["storage_path"])
    answer = await fetched((await read(workspace, document))["download_url"])
    assert answer.content == b"quick"


async def chunked(content: bytes) -> AsyncIterator[bytes]:
    """Content that does not say how long it is."""
    yield content


@pytest.mark.parametrize("content", [b"", b"1234"])
async def test_less_than_was_declared(workspace: Workspace, content: bytes) -> None:
    upload = await requested(workspace, size_bytes=5)
    refused(await sent(upload["upload_url"], content), 400, "validation_error", "body")
    assert (await sent(upload["upload_url"], b"12345")).status_code == 200


@pytest.mark.parametrize("length_known", [True, False])
@pytest.mark.parametrize("declared", [0, 5])
async def test_more_than_was_declared(
    workspace: Workspace, declared: int, *, length_known: bool
) -> None:
    upload = await requested(workspace, size_bytes=declared)
    content = b"x" * (declared + 1)
    answer = await sent(upload["upload_url"], content if length_known else chunked(content))
    refused(answer, 413, "payload_too_large")
    assert (await sent(upload["upload_url"], content[1:])).status_code == 200


async def test_an_upload_has_a_limit(workspace: Workspace, stack: Stack, tmp_path: Path) -> None:
    async with one_more_ingress(stack, tmp_path, DOCLINK_MAX_UPLOAD_BYTES="10") as (_, url):
        path = f"{url}/v1/documents/upload-url"
        body = {"name": "a", "mime_type": "text/plain"}
        answer = await workspace.http.post(path, json={**body, "size_bytes": 11})
        refused(answer, 400, "validation_error", "size_bytes")
        upload = (await workspace.http.post(path, json=body)).json()["data"]["upload_url"]
        refused(await sent(upload, b"x" * 11), 413, "payload_too_large")
        refused(await sent(upload, chunked(b"x" * 11)), 413, "payload_too_large")
        assert (await sent(upload, b"x" * 10)).status_code == 200


@pytest.mark.parametrize("size", [-1, 5 * 2**30 + 1, 1.5, "1"])
async def test_a_declared_size_that_is_none(caller: httpx.AsyncClient, size: object) -> None:
    body = {"name": "a", "mime_type": "text/plain", "size_bytes": size}
    answer = await caller.post("/v1/documents/upload-url", json=body)
    refused(answer, 400, "validation_error", "size_bytes")
