"""One suite for a folder and for a server that speaks S3."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import LOOPBACK, free_port
from shared.errors import ObjectsUnavailable
from shared.objects import Objects
from shared.settings import Settings
from tests.support.s3 import S3, s3_server
from tests.support.waiting import until_true

MEGABYTE = 1_000_000
ODD = "workspaces/ws_1/d/\u00e9 \u4e2d/%41 b/x?y&z=+#f'\"\\~.pdf"
SIX_MEGABYTES = secrets.token_bytes(6 * MEGABYTE + 1)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def in_folder(folder: Path) -> Objects:
    return Objects(Settings(object_store_url=folder.as_uri()))


@pytest.fixture
def in_s3(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Objects:
    for name, value in s3.env.items():
        monkeypatch.setenv(name, value)
    return Objects(Settings())


@pytest.fixture(params=["in_folder", "in_s3"])
def objects(request: pytest.FixtureRequest) -> Objects:
    store: Objects = request.getfixturevalue(request.param)
    return store


async def _sent(content: bytes, piece: int = MEGABYTE) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


async def _read(objects: Objects, path: str, **part: int) -> bytes:
    content = await objects.get(path, **part)
    assert content is not None
    return b"".join([chunk async for chunk in content.chunks])


@pytest.mark.parametrize("content", [b"", b"x", SIX_MEGABYTES], ids=["none", "one", "many"])
@pytest.mark.parametrize("path", ["a.pdf", ODD], ids=["plain", "odd"])
async def test_an_object_is_read_as_it_was_written(
    objects: Objects, path: str, content: bytes
) -> None:
    await objects.put(path, _sent(b"something else"))
    await objects.put(path, _sent(content))
    assert await objects.size(path) == len(content)
    assert await _read(objects, path) == content
    found = await objects.get(path)
    assert found is not None
    assert found.size == len(content)


async def test_a_part_of_an_object_can_be_read(objects: Objects) -> None:
    await objects.put("part", _sent(b"0123456789"))
    assert await _read(objects, "part", first=3) == b"3456789"
    assert await _read(objects, "part", first=3, end=5) == b"34"
    assert await _read(objects, "part", end=1) == b"0"


async def test_what_is_deleted_is_gone_and_can_be_deleted_again(objects: Objects) -> None:
    await objects.put("gone/a", _sent(b"x"))
    await objects.put("gone/b", _sent(b"y"))
    for _ in range(2):
        await objects.delete("gone/a")
        assert await objects.size("gone/a") is None
        assert await objects.get("gone/a") is None
    assert await objects.size("gone/b") == 1


@pytest.mark.parametrize(
    "path", ["", "/", "/etc/passwd", "..", "../a", "a/../../b", "a//b", "a/./b", "a/\x00", "\ud800"]
)
async def test_a_path_that_is_none_holds_nothing_and_takes_nothing(
    objects: Objects, path: str
) -> None:
    assert await objects.size(path) is None
    assert await objects.get(path) is None
    await objects.delete(path)
    with pytest.raises(ValueError, match="storage path"):
        await objects.put(path, _sent(b"x"))
    with pytest.raises(ValueError, match="storage path"):
        await objects.signed("PUT", path, 60)


@pytest.mark.parametrize("path", ["file/below", "n" * 300, "folder/x#1", "folder"])
async def test_where_a_folder_has_no_place_for_a_file_there_is_none(
    in_folder: Objects, folder: Path, path: str
) -> None:
    await in_folder.put("file", _sent(b"x"))
    await in_folder.put("folder/file", _sent(b"x"))
    assert await in_folder.size(path) is None
    assert await in_folder.get(path) is None
    await in_folder.delete(path)
    assert _files(folder) == {"file", "folder/file"}


@pytest.mark.parametrize("path", ["file/below", "n" * 300, "x#1"])
async def test_where_a_folder_has_no_place_for_a_file_none_is_put(
    in_folder: Objects, folder: Path, path: str
) -> None:
    await in_folder.put("file", _sent(b"x"))
    with pytest.raises(ValueError, match="No object can lie"):
        await in_folder.put(path, _sent(b"x"))
    assert _files(folder) == {"file"}


async def test_a_sender_who_breaks_off_leaves_what_was_there(
    in_folder: Objects, folder: Path
) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield SIX_MEGABYTES
        raise ConnectionResetError

    await in_folder.put("a", _sent(b"before"))
    with pytest.raises(ConnectionResetError):
        await in_folder.put("a", breaks_off())
    assert await _read(in_folder, "a") == b"before"
    await until_true(lambda: _files(folder) == {"a"})


async def test_a_writing_that_is_cancelled_leaves_nothing(in_folder: Objects, folder: Path) -> None:
    async def never_ends() -> AsyncIterator[bytes]:
        yield SIX_MEGABYTES
        await asyncio.Event().wait()

    putting = asyncio.create_task(in_folder.put("a", never_ends()))
    await until_true(lambda: _files(folder) != set())
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    await until_true(lambda: _files(folder) == set())


async def test_a_folder_signs_no_urls(in_folder: Objects) -> None:
    assert await in_folder.signed("GET", "a", 60) is None


async def test_a_url_that_s3_signed_takes_and_gives_the_bytes_without_credentials(
    in_s3: Objects,
) -> None:
    up, down = await in_s3.signed("PUT", ODD, 60), await in_s3.signed("GET", ODD, 60)
    assert up is not None
    assert down is not None
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.put(up, content=SIX_MEGABYTES)).is_success
        assert await _read(in_s3, ODD) == SIX_MEGABYTES
        assert (await http.get(down)).content == SIX_MEGABYTES


async def test_a_store_that_is_away_is_a_fault_that_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{LOOPBACK}:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    away = Objects(Settings(object_store_url="s3://doclink", object_store_timeout=0.5))
    answers = await asyncio.gather(
        away.size("a"),
        away.get("a"),
        away.delete("a"),
        away.put("a", _sent(b"x")),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [ObjectsUnavailable] * 4


async def test_a_bucket_that_is_missing_takes_nothing(
    in_s3: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    del in_s3
    monkeypatch.setenv("DOCLINK_OBJECT_STORE_URL", "s3://elsewhere")
    with pytest.raises(ObjectsUnavailable):
        await Objects(Settings()).put("a", _sent(b"x"))


def _files(folder: Path) -> set[str]:
    return {
        os.path.relpath(Path(path) / name, folder)
        for path, _, names in os.walk(folder)
        for name in names
    }
