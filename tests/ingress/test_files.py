"""Files: sent to a signed URL, registered, linked, listed and fetched again, byte for byte."""

import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.local.stack import Stack
from tests.ingress.answers import refused
from tests.ingress.files import fetched, read, requested, sent, uploaded
from tests.support.ingress import one_more_ingress
from tests.support.s3 import s3_server
from tests.support.waiting import until, until_true
from tests.support.workspace import PDF, Workspace

CONTENTS = {
    "empty": b"",
    "one byte": b"\x00",
    "several MB": random.Random(4).randbytes(7 * 2**20 + 1),
}


def minutes_left(time: str) -> float:
    return (datetime.fromisoformat(time) - datetime.now(UTC)).total_seconds() / 60


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("declared", [True, False])
async def test_a_file_comes_back_byte_for_byte(
    workspace: Workspace, content: bytes, *, declared: bool
) -> None:
    size = {"size_bytes": len(content)} if declared else {}
    upload = await requested(workspace, **size)
    assert 14 < minutes_left(upload["expires_at"]) <= 15
    assert (await sent(upload["upload_url"], content)).status_code == 200
    document = await workspace.document(storage_path=upload["storage_path"], **size)
    contact = await workspace.entity()
    assert (await workspace.link(document, contact)).status_code == 201
    (listed,) = (await workspace.listed(contact))["data"]["documents"]
    assert (listed["id"], listed["size_bytes"]) == (document, len(content))
    found = await read(workspace, document)
    assert found["linked_entities"] == [{"entity_type": "contact", "entity_id": contact}]
    assert found["size_bytes"] == len(content)
    assert 14 < minutes_left(found["download_url_expires_at"]) <= 15
    answer = await fetched(found["download_url"])
    assert answer.status_code == 200
    assert answer.content == content


async def test_a_new_place_for_each_upload(workspace: Workspace) -> None:
    first, second = [await requested(workspace, name="../Ä b/c.PDF") for _ in range(2)]
    assert first["storage_path"] != second["storage_path"]
    pattern = rf"workspaces/{workspace.id}/documents/[0-9A-Z]{{26}}/_b_c\.PDF"
    assert re.fullmatch(pattern, first["storage_path"])
    assert first["method"] == "PUT"


@pytest.mark.parametrize("name", ["..", ".", "保密", "👍" * 255, "x" * 255, "%2e%2e", "a#1", "~"])
async def test_a_file_of_any_name(workspace: Workspace, name: str) -> None:
    upload = await requested(workspace, name=name)
    assert (await sent(upload["upload_url"], b"x")).status_code == 200
    document = await workspace.document(storage_path=upload["storage_path"], name=name)
    answer = await fetched((await read(workspace, document))["download_url"])
    assert answer.content == b"x"


async def test_a_download_is_a_file_and_never_a_page(workspace: Workspace) -> None:
    path = await uploaded(workspace, b"<script>alert(1)</script>")
    name, kind = 'a"; x=\'.html"\u2028', 'text/html; x="保"'
    document = await workspace.document(storage_path=path, name=name, mime_type="text/html")
    answer = await fetched((await read(workspace, document))["download_url"])
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''a%22%3B%20x%3D%27.html%22%E2%80%A8"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    await workspace.http.delete(f"/v1/documents/{document}")
    path = await uploaded(workspace, b"")
    document = await workspace.document(storage_path=path, mime_type=kind)
    answer = await fetched((await read(workspace, document))["download_url"])
    assert answer.headers["content-type"] == "application/octet-stream"


async def test_a_part_of_a_file(workspace: Workspace) -> None:
    path = await uploaded(workspace, b"0123456789")
    document = await workspace.document(storage_path=path)
    url = (await read(workspace, document))["download_url"]
    part = await fetched(url, Range="bytes=2-4")
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    outside = await fetched(url, Range="bytes=10-")
    assert (outside.status_code, outside.headers["content-range"]) == (416, "bytes */10")
    whole = await fetched(url, **{"Range": "bytes=2-4", "If-Range": '"x"'})
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    async with httpx.AsyncClient(trust_env=False) as http:
        head = await http.head(url)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "10", b"")


async def test_without_bytes_there_is_no_download(workspace: Workspace) -> None:
    document = await workspace.document()
    found = await read(workspace, document)
    assert (found["download_url"], found["download_url_expires_at"]) == (None, None)
    found = await read(workspace, document, download="false")
    assert not {"download_url", "download_url_expires_at"} & found.keys()


async def test_a_registered_size_must_be_that_of_the_file(workspace: Workspace) -> None:
    path = await uploaded(workspace, b"0123456789")
    body = {**PDF, "storage_path": path, "size_bytes": 11}
    answer = await workspace.http.post("/v1/documents", json=body)
    refused(answer, 400, "validation_error", "size_bytes")
    assert (await workspace.http.post("/v1/documents", json=body | {"size_bytes": 10})).is_success


async def test_a_path_of_another_workspace_cannot_be_registered(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    theirs = await uploaded(other_workspace, b"secret")
    for path in (theirs, "a.pdf", f"workspaces/{workspace.id}", f"workspaces/{workspace.id}x/a"):
        answer = await workspace.http.post("/v1/documents", json={**PDF, "storage_path": path})
        refused(answer, 400, "validation_error", "storage_path")


@pytest.mark.parametrize("hard", [True, False])
async def test_the_bytes_of_a_deleted_document_go(workspace: Workspace, *, hard: bool) -> None:
    document = await workspace.document(storage_path=await uploaded(workspace, b"x"))
    url = (await read(workspace, document))["download_url"]
    assert (await fetched(url)).status_code == 200
    query = {"hard": str(hard).lower()}
    gone = await workspace.http.delete(f"/v1/documents/{document}", params=query)
    assert gone.status_code == 204
    if hard:
        refused(await fetched(url), 404, "not_found")
    else:
        await until(lambda: fetched(url), lambda answer: answer.status_code == 404)


async def test_the_stores_own_urls(workspace: Workspace, stack: Stack, tmp_path: Path) -> None:
    content = CONTENTS["several MB"]
    with s3_server() as s3:
        async with one_more_ingress(stack, tmp_path, **s3.env) as (_, url):
            body = {**PDF, "size_bytes": len(content)}
            answer = await workspace.http.post(f"{url}/v1/documents/upload-url", json=body)
            upload = answer.json()["data"]
            assert upload["upload_url"].startswith(s3.env["AWS_ENDPOINT_URL"])
            assert (await sent(upload["upload_url"], content)).status_code == 200
            document = await workspace.document(storage_path=upload["storage_path"])
            answer = await workspace.http.get(f"{url}/v1/documents/{document}")
            download = answer.json()["data"]["download_url"]
            assert download.startswith(s3.env["AWS_ENDPOINT_URL"])
            assert (await fetched(download)).content == content
            s3.server.stop()
            away = await workspace.http.get(f"{url}/v1/documents/{document}")
            refused(away, 503, "unavailable")
            path = f"{url}/v1/documents/{document}?download=false"
            assert (await workspace.http.get(path)).status_code == 200


async def test_an_upload_that_breaks_off_leaves_nothing(workspace: Workspace, stack: Stack) -> None:
    upload = await requested(workspace)

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 2**20
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await sent(upload["upload_url"], broken())
    log = stack.infrastructure.folder.log / "ingress.log"
    await until_true(lambda: "upload.broken_off" in log.read_text())
    document = await workspace.document(storage_path=upload["storage_path"])
    assert (await read(workspace, document))["download_url"] is None
    assert (await sent(upload["upload_url"], b"whole")).status_code == 200
    answer = await fetched((await read(workspace, document))["download_url"])
    assert answer.content == b"whole"
