"""Bodies that break a valid message, made from its example: bytes that no model may choke on."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.scenarios.bad_messages.message import COMMAND_ID

Json = dict[str, Any]
Path = tuple[str | int, ...]

DEEP = 100_000
HUGE = 2_000_000
ENORMOUS = 1 / 100
"""How many of the bodies are: they cost as much as all the others."""


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


ENDLESS = (_nested(DEEP), "[" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP)

_scalars = st.sampled_from(
    [
        *("null", "true", "false", "0", "-0", "-1", "1.0", "1.5", "1e400", "-1e400", "1E3", "0x10"),
        *("NaN", "Infinity", "-Infinity", "9" * 5000, str(2**31), str(2**63 - 1), str(2**63)),
        *(str(2**64), str(-(2**63) - 1), "00", "1_000", "'a'", "undefined", "", "/**/1"),
    ]
)
_texts = st.sampled_from(
    [
        *("", " ", "\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800", "\udcff\udcfe", "\\x41"),
        *("..", "../../etc/passwd", "/", "a//b", "$where", "{{7*7}}", "\\n", "\t", "\u202e", "😀"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z"),
        *("9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2026-04-17T10:45:00", "1776422700"),
        *("http://127.0.0.1:1/", "https://user@[::1]/", "doclink", "workspace", "hubspot"),
        *("relation", "crm", "entity", "folder", "fld_root", "#", "link.*", "*", "evt_", "cmd_"),
    ]
)
_long = st.sampled_from([65, 129, 256, 1025, 4001, 10_001, 70_000]).flatmap(
    lambda length: st.sampled_from(["x", "é", "😀", " "]).map(lambda letter: letter * length)
)
_quoted = st.one_of(_texts, _long, st.text(max_size=20).map(lambda text: json.dumps(text)[1:-1]))
_any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=8,
).map(json.dumps)

values = st.one_of(
    _scalars,
    _quoted.map(lambda text: f'"{text}"'),
    _any_json,
    st.sampled_from([_nested(2), _nested(200), f'["{"x" * 300}"]', "[" + "1," * 6000 + "1]"]),
    st.sampled_from(['{"$ne": null}', '{"a": {"b": "c"}}', '{"": ""}', "[null]", '[""]']),
)
"""Texts in the place of a value: most of them JSON."""


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """All places in a JSON value but itself."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inner:
        yield (*at, name)
        if isinstance(each, dict | list):
            yield from paths(each, (*at, name))


def written(value: Any, changes: Mapping[Path, str | None], at: Path = ()) -> str | None:
    """The value as JSON, with other texts at some places, or nothing at all (None)."""
    if at in changes:
        return changes[at]
    if isinstance(value, dict):
        members = [(name, written(each, changes, (*at, name))) for name, each in value.items()]
        texts = [f"{json.dumps(name)}: {text}" for name, text in members if text is not None]
        return "{" + ", ".join(texts) + "}"
    if isinstance(value, list):
        items = [written(each, changes, (*at, place)) for place, each in enumerate(value)]
        return "[" + ", ".join(text for text in items if text is not None) + "]"
    return json.dumps(value)


def _encoded(text: str | None) -> bytes:
    # U+DCFF stands for the byte FF, which no UTF-8 has.
    return (text or "").encode("utf-8", "surrogateescape")


Way = Callable[[Json], str | bytes]


class Bodies:
    """Breaks examples, each time in another way.

    Args:
        random: Decides which.
        texts: What `values` has drawn.
    """

    def __init__(self, random: Random, texts: Sequence[str]) -> None:
        self._random = random
        self._texts = texts
        # One of ten is valid: what is bad about it then is where it goes, and with what headers.
        self._ways: list[Way] = [
            *[self._changed] * 5,
            self._more,
            self._more,
            self._no_message,
            self._valid,
        ]

    def broken(self, example: Json) -> tuple[str, bytes]:
        """A word for what is wrong, and the body; now and then an enormous one."""
        way = (
            self._enormous if self._random.random() < ENORMOUS else self._random.choice(self._ways)
        )
        # U+DCFF stands for the byte FF, which no UTF-8 has.
        body: str | bytes = way(example)
        name = way.__name__.removeprefix("_")
        return name, body if isinstance(body, bytes) else body.encode("utf-8", "surrogateescape")

    def _valid(self, example: Json) -> str:
        return json.dumps(example)

    def _changed(self, example: Json) -> str:
        """One or two members missing, or with other values."""
        places = list(paths(example))
        found = self._random.sample(places, k=self._random.choice([1, 1, 2]))
        drop = self._random.random() < 1 / 4
        return written(example, {at: None if drop else self._text() for at in found}) or ""

    def _more(self, example: Json) -> str:
        """A member that the example does not know, or one a second time."""
        name = self._random.choice([*example, "__class__", "$set", "", "a.b", "x" * 300, "_id"])
        member, whole = f"{json.dumps(name)}: {self._text()}", json.dumps(example)
        return self._random.choice([f"{{{member}, {whole[1:]}", f"{whole[:-1]}, {member}}}"])

    def _no_message(self, example: Json) -> bytes:
        """No JSON object at all, though it may look like one."""
        good = json.dumps(example).encode()
        cut = self._random.randrange(len(good))
        return self._random.choice(
            [
                *(b"", b" ", b"{", b"null", b"0", b'"a"', b"[]", b"[" + good + b"]", good + good),
                *(good[:cut], good[cut:], good + b"\x00", b"\x00" + good, b"\xef\xbb\xbf" + good),
                *(good.decode().encode("utf-16"), gzip.compress(good), bytes(range(256))),
                *(good.replace(b'"', b"'"), b"<link/>", b"a=b&c=d", good.replace(b":", b"=", 1)),
                self._random.randbytes(200),
            ]
        )

    def _enormous(self, example: Json) -> str:
        """Too large, or nested without end."""
        at = (self._random.choice(list(example)),)
        whole = self._random.choice([*ENDLESS, json.dumps(example) + " " * HUGE])
        part = self._random.choice([*ENDLESS, f'"{"x" * HUGE}"', "[" + "0," * 400_000 + "0]"])
        return self._random.choice([whole, written(example, {at: part}) or ""])

    def _text(self) -> str:
        return self._random.choice(self._texts)


def numbered(example: Json, **fields: Any) -> Json:
    """A request's example with the mark for its own ids in it."""
    own: Json = {"command_id": COMMAND_ID, "idempotency_key": f"key-{COMMAND_ID}"}
    return example | {name: own[name] for name in own if name in example} | fields
