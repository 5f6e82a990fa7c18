"""The field types that messages share, with their bounds: each once, for HTTP and the queue."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
"""A ULID in Crockford's base 32 (https://github.com/ulid/spec)."""

_CONTROL = r"\x00-\x1f\x7f"
_SEGMENT = (
    rf"(?:[^/.{{0}}{_CONTROL}][^/{{0}}{_CONTROL}]*"
    rf"|\.[^/.{{0}}{_CONTROL}][^/{{0}}{_CONTROL}]*"
    rf"|\.\.[^/{{0}}{_CONTROL}]+)"
)
"""One path segment that is neither empty nor `.` nor `..`; {0}: further characters to refuse."""

_OBJECT_SEGMENT = _SEGMENT.format("")
_FOLDER_SEGMENT = _SEGMENT.format(r"\\")
_TOKEN = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"  # noqa: S105 - RFC 6838 calls it so

WorkspaceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""A tenant's id: 1 to 64 of letters, digits, `_`, `-`."""

CommandId = Annotated[str, StringConstraints(pattern=rf"^cmd_{ULID}$")]
"""`cmd_` and a ULID, drawn by whoever issues the command."""

RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@+~-]{0,127}$")]
"""An id of ours or of a CRM: 1 to 128 URL-safe characters, so that it fits one path segment."""

Actor = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=rf"^[^{_CONTROL}]*$")
]
"""Who issued a command, e.g. `usr_01HW0`; 1 to 128 characters."""

DisplayName = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=rf"^[^{_CONTROL}]*$")
]
"""A name shown to people: 1 to 255 characters, no control characters."""

Description = Annotated[
    str, StringConstraints(max_length=10_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
"""Free text of at most 10,000 characters; tabs and line ends are allowed."""

MimeType = Annotated[
    str,
    StringConstraints(
        max_length=255,
        # No \" for the quotes: ECMA 262, whose patterns JSON Schema uses, knows no such escape.
        pattern=rf'^{_TOKEN}/{_TOKEN}(?: ?; ?{_TOKEN}=(?:{_TOKEN}|"[^"\\{_CONTROL}]*"))*$',
    ),
]
"""A well-formed media type (RFC 6838 section 4.2), e.g. `application/pdf`; 255 characters."""

StoragePath = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=1024, pattern=rf"^{_OBJECT_SEGMENT}(?:/{_OBJECT_SEGMENT})*$"
    ),
]
"""An object's key: 1 to 1024 characters, no leading slash, no empty, `.` or `..` segment."""


def normal_folder(folder: str) -> str | None:
    """The one normal form of a folder path: `/clients/acme/ndas`; None for the root."""
    parts = [part for part in unicodedata.normalize("NFC", folder).split("/") if part]
    return "/" + "/".join(parts) if parts else None


Folder = Annotated[
    str,
    StringConstraints(
        max_length=1024, pattern=rf"^/*(?:{_FOLDER_SEGMENT}(?:/+{_FOLDER_SEGMENT})*/*)?$"
    ),
    AfterValidator(normal_folder),
]
"""A folder path of at most 1024 characters; no `.` or `..` segment and no backslash."""

FolderTarget = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=1024,
        pattern=rf"^/*(?:{_FOLDER_SEGMENT}(?:/+{_FOLDER_SEGMENT})*/*)?$",
    ),
    AfterValidator(lambda folder: normal_folder(folder) or "/"),
]
"""Where to move a document: a folder path, `/` for the root."""

Tag = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=rf"^[^{_CONTROL}]*$")]
Tags = Annotated[list[Tag], Field(max_length=100)]
"""At most 100 tags of 1 to 100 characters."""

SizeBytes = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
"""A file's size in bytes, 0 to 2^63 - 1."""

Role = Annotated[
    str,
    StringConstraints(max_length=64, pattern=rf"^[^{_CONTROL}]*$"),
    AfterValidator(lambda role: role or None),
]
"""A free-form relationship label of at most 64 characters; an empty one counts as none."""

Provider = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""`workspace` for the workspace's own directory, or a CRM's name in lower case."""

OWN_PROVIDERS = ("workspace", "doclink")
"""Ours: the workspace's own directory, and documents themselves as targets of links."""


def _is_crm(provider: str) -> str:
    if provider in OWN_PROVIDERS:
        raise ValueError(f"must be a CRM, which {provider} is not")
    return provider


CrmProvider = Annotated[
    Provider,
    AfterValidator(_is_crm),
    Field(json_schema_extra={"not": {"enum": list(OWN_PROVIDERS)}}),
]
"""A CRM's name in lower case, e.g. `pipedrive`; `workspace` and `doclink` are no CRMs."""

EntityTypeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""A CRM's own name for a kind of record, e.g. `deal`."""

WorkspaceEntityType = Literal["contact", "company", "deal", "event", "matter", "task"]
"""The six kinds of entity in a workspace's own directory (LeadLex, Link Document to Entity)."""


def normal_scope(scope: object) -> object:
    """`read:documents` for either spelling; LeadLex's pages also write `documents:read`."""
    first, _, second = scope.partition(":") if isinstance(scope, str) else ("", "", "")
    return f"{second}:{first}" if second in {"read", "write", "admin"} else scope


Scope = Annotated[
    Literal[
        "read:documents",
        "write:documents",
        "admin:documents",
        "read:entities",
        "write:entities",
        "read:webhooks",
        "write:webhooks",
        "admin:operations",
    ],
    BeforeValidator(normal_scope),
]
"""What an API key may do; either spelling is taken, this one is kept. `admin:operations` is for
operators alone: it opens the dead queues, which hold messages of all workspaces."""

RateLimit = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}/(?:second|minute|hour|day)$")
]
"""Calls per window, e.g. `600/minute`."""

KeyHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of an API key, in hexadecimal; the key itself is never in a message."""

IdempotencyKey = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
]
"""1 to 255 visible ASCII characters, unique in its workspace for 24 hours."""

EntryId = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A document's or folder's number in its workspace (Laserfiche: int32)."""

LinkNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A relation's number in its workspace (Laserfiche: `linkId`, int32)."""

LinkTypeId = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A link type's number in its workspace (Laserfiche: `linkTypeId`, int32)."""

PropertyName = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=rf"^[^{_CONTROL}]*$")
]
PropertyValue = Annotated[str, StringConstraints(max_length=4000)]
LinkProperties = Annotated[dict[PropertyName, PropertyValue], Field(max_length=50)]
"""A caller's own properties of a relation: at most 50, values of at most 4,000 characters."""

SearchText = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=rf"^[^{_CONTROL}]*$")
]
"""What to look for in names and descriptions: 1 to 200 characters."""

WebhookUrl = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2048, pattern=r"^https?://[!-.0->@-~][!-~]*$"),
]
"""Where events are sent: an absolute URL of at most 2,048 visible ASCII characters."""

EventTypeName = Annotated[
    str, StringConstraints(max_length=64, pattern=r"^[a-z][a-z_]*\.[a-z][a-z_]*$")
]
"""An event's type, e.g. `link.created`."""

PageSize = Annotated[int, Field(ge=1, le=1000)]
Page = Annotated[int, Field(ge=1, le=1_000_000)]
PerPage = Annotated[int, Field(ge=1, le=100)]
Version = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""A record's version, which grows with each change; no database keeps a larger number."""


def _of_utc(time: datetime) -> datetime:
    try:
        time.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie in the years 1 to 9999 of UTC") from None
    return time


Timestamp = Annotated[AwareDatetime, AfterValidator(_of_utc)]
"""A time with its offset; in UTC, in which all are kept, it has a year of four digits too."""

TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
"""The `traceparent` of https://www.w3.org/TR/trace-context/, version 00."""

_CONTROL_RULE = "must not have control characters"
_RULES = {
    WorkspaceId: "must be 1 to 64 letters, digits, `_` or `-`",
    CommandId: "must be `cmd_` and a ULID",
    RecordId: "must be 1 to 128 letters, digits or `._:@+~-`, the first a letter or digit",
    DisplayName: _CONTROL_RULE,
    Description: _CONTROL_RULE + " but tabs and line ends",
    MimeType: "must be a media type such as `application/pdf`",
    StoragePath: "must be a path without a leading slash and without empty, `.` or `..` segments",
    Folder: "must be a path without `.` or `..` segments and without backslashes",
    Provider: "must be 1 to 64 lower-case letters, digits, `_` or `-`",
    EntityTypeName: "must be 1 to 64 letters, digits, `_` or `-`",
    RateLimit: "must be calls and a window, such as `600/minute`",
    KeyHash: "must be a SHA-256 in lower-case hexadecimal",
    IdempotencyKey: "must be visible ASCII characters",
    PropertyName: _CONTROL_RULE,
    SearchText: _CONTROL_RULE,
    WebhookUrl: "must be an absolute http or https URL",
    EventTypeName: "must be an event type such as `link.created`",
}
RULES: dict[str, str] = {
    part.pattern: rule
    for kind, rule in _RULES.items()
    for part in get_args(kind)
    if isinstance(part, StringConstraints) and isinstance(part.pattern, str)
}
"""Each pattern's rule in words, for error messages."""
