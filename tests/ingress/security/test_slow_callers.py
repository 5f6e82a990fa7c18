"""Callers who hold a connection: by sending slowly, too much, or nothing at all."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.stack import Stack
from services.ingress.protocol import MAX_HEAD_BYTES
from tests.ingress.files import requested
from tests.support.bus import PATIENCE, Outsider
from tests.support.ingress import one_more_ingress
from tests.support.workspace import Workspace, new_workspace

HOST = b"Host: localhost\r\n"
ENV = {"DOCLINK_HEAD_TIMEOUT": "0.5", "DOCLINK_BODY_TIMEOUT": "0.5", "DOCLINK_BODY_RATE": "100000"}
PACE = 0.02


@pytest.fixture(scope="module")
async def hasty(
    stack: Stack, outsider: Outsider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Workspace]:
    """A workspace at an ingress with little patience."""
    async with (
        one_more_ingress(stack, tmp_path_factory.mktemp("hasty"), **ENV) as (_, url),
        new_workspace(outsider, url) as made,
    ):
        yield made


class Connection:
    """One raw connection to the ingress."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, workspace: Workspace) -> "Connection":
        url = workspace.http.base_url
        return cls(*await asyncio.open_connection(url.host, url.port))

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def drip(self, piece: bytes) -> None:
        """Send a piece again and again until the other side has had enough."""
        try:
            while not self._reader.at_eof():
                await self.send(piece)
                await asyncio.sleep(PACE)
        except ConnectionError:
            pass

    async def answer(self) -> bytes:
        """The headers and the body of one answer; nothing if there is none."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return head + await self._reader.readexactly(length)

    async def all(self) -> bytes:
        """All that comes until the connection is closed, which it must be."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._reader.read()
        finally:
            self._writer.close()


def post(workspace: Workspace, length: int | None, path: str = "/v1/documents") -> bytes:
    """The head of a request with a body."""
    size = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    key = f"Authorization: Bearer {workspace.key}\r\nContent-Type: application/json"
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{key}\r\n{size}\r\n\r\n".encode()


async def test_who_says_nothing_is_not_waited_for(hasty: Workspace) -> None:
    connection = await Connection.to(hasty)
    assert await connection.all() == b""


@pytest.mark.parametrize("start", [b"G", b"GET /healthz HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX: "])
async def test_headers_that_never_end(hasty: Workspace, start: bytes) -> None:
    connection = await Connection.to(hasty)
    await connection.send(start)
    assert (await connection.all()).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_headers_a_byte_at_a_time(hasty: Workspace) -> None:
    connection = await Connection.to(hasty)
    await connection.send(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
    async with asyncio.timeout(PATIENCE):
        await connection.drip(b"x")


async def test_line_ends_between_requests_are_no_sign_of_life(hasty: Workspace) -> None:
    connection = await Connection.to(hasty)
    await connection.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert b" 200 OK\r\n" in await connection.answer()
    async with asyncio.timeout(PATIENCE):
        await connection.drip(b"\r\n")


@pytest.mark.parametrize("length", [1000, None], ids=["length", "chunked"])
async def test_a_body_that_never_ends(hasty: Workspace, length: int | None) -> None:
    connection = await Connection.to(hasty)
    await connection.send(post(hasty, length) + (b"{" if length else b"1\r\n{\r\n"))
    assert (await connection.all()).startswith(b"HTTP/1.1 408 ")


async def test_a_body_a_byte_at_a_time(hasty: Workspace) -> None:
    connection = await Connection.to(hasty)
    await connection.send(post(hasty, 100_000))
    async with asyncio.timeout(PATIENCE):
        await connection.drip(b" ")


async def test_a_body_that_goes_on_after_the_answer(hasty: Workspace) -> None:
    connection = await Connection.to(hasty)
    await connection.send(
        b"POST /v1/documents HTTP/1.1\r\nContent-Length: 1000\r\n" + HOST + b"\r\n"
    )
    answer = await connection.all()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"HTTP/1.1 408" not in answer


async def test_an_upload_takes_as_long_as_it_makes_progress(hasty: Workspace) -> None:
    upload = await requested(hasty)
    piece, pieces = b"x" * 8_000, 40  # at twice the rate, and longer than the timeout in all

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield piece
            await asyncio.sleep(len(piece) / 200_000)

    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.put(upload["upload_url"], content=slowly())
    assert answer.status_code == 200


async def test_an_upload_that_does_not_is_broken_off_and_may_be_tried_again(
    hasty: Workspace,
) -> None:
    url = httpx.URL((await requested(hasty))["upload_url"])
    connection = await Connection.to(hasty)
    line = b"PUT " + url.raw_path + b" HTTP/1.1\r\nContent-Length: 1000000\r\n"
    await connection.send(line + HOST + b"\r\n" + b"x" * 1000)
    assert (await connection.all()).startswith(b"HTTP/1.1 408 ")
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.put(url, content=b"x")).status_code == 200


async def test_requests_one_after_the_other_on_one_connection(hasty: Workspace) -> None:
    connection = await Connection.to(hasty)
    body = json.dumps({}).encode()
    for _ in range(3):
        await connection.send(post(hasty, len(body)) + body)
        assert (await connection.answer()).startswith(b"HTTP/1.1 400 ")
    await connection.send((post(hasty, len(body)) + body) * 2)
    for _ in range(2):
        assert (await connection.answer()).startswith(b"HTTP/1.1 400 ")
    await connection.send(b"GET / HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    assert (await connection.all()).startswith(b"HTTP/1.1 404 ")


BIG = b"x" * MAX_HEAD_BYTES
TOO_LARGE = {
    "path": b"GET /" + BIG + b" HTTP/1.1\r\n" + HOST,
    "query": b"GET /v1/documents?search=" + BIG + b" HTTP/1.1\r\n" + HOST,
    "one header": b"GET /healthz HTTP/1.1\r\nX: " + BIG + b"\r\n",
    "many headers": b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * (MAX_HEAD_BYTES // 6),
    "no end of a header": b"GET /healthz HTTP/1.1\r\nX: " + BIG * 20,
    "no end of a path": b"GET /" + BIG * 20,
}


@pytest.mark.parametrize("head", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_headers_of_over_64_kib(workspace: Workspace, head: bytes) -> None:
    connection = await Connection.to(workspace)
    try:
        await connection.send(head + b"\r\n")
        answer = await connection.all()
    except ConnectionError:  # closed while we were still sending
        return
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


async def test_headers_of_just_under_64_kib(workspace: Workspace) -> None:
    answer = await workspace.http.get("/healthz", headers={"X": "x" * (MAX_HEAD_BYTES - 1000)})
    assert answer.status_code == 200
