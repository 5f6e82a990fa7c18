"""Signed URLs and parts of files, without a server."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from contracts.errors import ErrorCode
from services.ingress.ranges import wanted_range
from services.ingress.signing import Signer
from shared.errors import Refusal
from shared.ids import now

SECRET = "a secret of many ingresses"
PATH = "workspaces/ws_123/documents/01/a b.pdf"
Pairs = list[tuple[str, str]]


def pairs(minutes: float = 15, **terms: str) -> Pairs:
    """The query of a URL that lets its owner fetch PATH."""
    until = now() + timedelta(minutes=minutes)
    return parse_qsl(Signer(SECRET).query("GET", PATH, until, **terms), keep_blank_values=True)


def refusal(method: str, path: str, query: Pairs, secret: str = SECRET) -> str:
    with pytest.raises(Refusal) as refused:
        Signer(secret).terms(method, path, query)
    assert refused.value.code is ErrorCode.INVALID_SIGNATURE
    return str(refused.value)


@pytest.mark.parametrize("value", ["", "a&b=c", "ä 保密 👍", "=", "%41", "+"])
def test_the_terms_come_back_as_they_were_signed(value: str) -> None:
    assert Signer(SECRET).terms("GET", PATH, pairs(name=value, x="")) == {"name": value, "x": ""}


def test_the_order_of_a_query_says_nothing() -> None:
    assert Signer(SECRET).terms("GET", PATH, pairs(name="a")[::-1]) == {"name": "a"}


def test_only_this_method_this_path_and_this_secret() -> None:
    assert "signed" in refusal("PUT", PATH, pairs())
    assert "signed" in refusal("GET", PATH + "x", pairs())
    assert "signed" in refusal("GET", PATH.replace("ws_123", "ws_124"), pairs())
    assert "signed" in refusal("GET", PATH, pairs(), secret="another")


def test_a_drawn_secret_is_of_one_process() -> None:
    until = now() + timedelta(minutes=1)
    signer = Signer("")
    query = parse_qsl(signer.query("GET", PATH, until))
    assert signer.terms("GET", PATH, query) == {}
    refusal("GET", PATH, query, secret="")


ALTERED: dict[str, Callable[[dict[str, str]], Pairs]] = {
    "nothing": lambda _: [],
    "no signature": lambda q: [*(q | {"signature": ""}).items()],
    "without its signature": lambda q: [(n, v) for n, v in q.items() if n != "signature"],
    "another signature": lambda q: [*(q | {"signature": "0" * 64}).items()],
    "a signature in capitals": lambda q: [*(q | {"signature": q["signature"].upper()}).items()],
    "a signature of other letters": lambda q: [*(q | {"signature": "ä" * 64}).items()],
    "two signatures": lambda q: [*q.items(), ("signature", q["signature"])],
    "later": lambda q: [*(q | {"expires": str(int(q["expires"]) + 1)}).items()],
    "not a time": lambda q: [*(q | {"expires": "never"}).items()],
    "without its end": lambda q: [(n, v) for n, v in q.items() if n != "expires"],
    "a second end": lambda q: [*q.items(), ("expires", "9999999999")],
    "another term": lambda q: [*(q | {"bytes": "11"}).items()],
    "without a term": lambda q: [(n, v) for n, v in q.items() if n != "bytes"],
    "one term more": lambda q: [*q.items(), ("x", "")],
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_query_is_refused(alter: Callable[[dict[str, str]], Pairs]) -> None:
    query = pairs(bytes="10")
    assert Signer(SECRET).terms("GET", PATH, query) == {"bytes": "10"}
    assert "signed" in refusal("GET", PATH, alter(dict(query)))


@pytest.mark.parametrize("minutes", [0, -0.02, -15, -1_000_000])
def test_a_url_whose_time_is_over_is_refused(minutes: float) -> None:
    assert "expired" in refusal("GET", PATH, pairs(minutes))


@pytest.mark.parametrize(
    ("header", "part"),
    [
        *((None, None), ("", None), ("bytes=-", None), ("bytes=a-b", None), ("lines=0-1", None)),
        *(("bytes=0-1,3-4", None), ("bytes=5-4", None), ("bytes=0-", (0, 10))),
        *(("bytes=0-0", (0, 1)), ("bytes=9-9", (9, 10)), ("bytes=4-99", (4, 10))),
        *(("bytes=-3", (7, 10)), ("bytes=-99", (0, 10)), ("Bytes=2-3", (2, 4))),
    ],
)
def test_the_part_of_ten_bytes(header: str | None, part: tuple[int, int] | None) -> None:
    assert wanted_range(header, 10) == part


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_part_outside_the_file(header: str, size: int) -> None:
    with pytest.raises(ValueError, match="bytes="):
        wanted_range(header, size)
