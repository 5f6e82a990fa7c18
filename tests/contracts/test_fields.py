"""The bounds of each field type, as a table: what is taken, what becomes of it, what is refused."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts import fields
from contracts.documents import DocumentRegister
from contracts.examples import EXAMPLES

CONTROL = [f"a{chr(code)}b" for code in (0x00, 0x01, 0x09, 0x0A, 0x0D, 0x1F, 0x7F)]

TAKEN: dict[str, list[Any]] = {
    "WorkspaceId": ["ws_123", "W", "0", "a-b_c", "a" * 64],
    "CommandId": ["cmd_01KPDGPGZ0FR6EE8C476CABEY1", "cmd_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
    "RecordId": ["deal_01HY1", "123e4567-e89b-12d3-a456-426614174000", "a.b:c@d+e~f", "a" * 128],
    "Actor": ["usr_01HW0", "Zoë 😀", "a/b", "a" * 128],
    "DisplayName": ["Acme-NDA-2026.pdf", "契約書 😀.pdf", "a/b", "..", "😀" * 255],
    "Description": ["", "two\r\n\tlines", "😀" * 10_000],
    "MimeType": [
        "application/pdf",
        "image/svg+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "text/plain; charset=utf-8",
        "text/plain;charset=utf-8",
        'text/plain; charset="utf 8"; format=flowed',
    ],
    "StoragePath": [
        "workspaces/ws_123/documents/new-upload.pdf",
        "a",
        ".hidden/..two/...",
        "a b/😀\\c",
        "a" * 1024,
    ],
    "Tag": ["nda", "😀", "a/b", "a" * 100],
    "Tags": [[], ["nda", "nda"], ["a"] * 100],
    "SizeBytes": [0, 183204, 2**63 - 1],
    "Provider": ["workspace", "hubspot", "salesforce-oauth2", "a" * 64],
    "EntityTypeName": ["deal", "Custom_Object__c", "p123456_cats", "a" * 64],
    "RateLimit": ["600/minute", "1/second", "999999999/day"],
    "KeyHash": ["0123456789abcdef" * 4],
    "EntryId": [1, 2**31 - 1],
    "LinkNumber": [1, 2**31 - 1],
    "LinkTypeId": [1, 2**31 - 1],
    "PropertyName": ["clause", "😀", "a" * 255],
    "PropertyValue": ["", "two\nlines", "😀" * 4000],
    "LinkProperties": [{}, {"clause": "7"}, {str(number): "" for number in range(50)}],
    "SearchText": ["a", "Acme (", "a" * 200],
    "FolderTarget": ["/", "/clients/acme"],
    "WebhookUrl": [
        "https://hooks.example.com/doclink?a=b",
        "http://[::1]:8000",
        "https://a/" + "b" * 2038,
    ],
    "EventTypeName": ["link.created", "api_key.created"],
    "CrmProvider": ["pipedrive", "salesforce-oauth2", "a" * 64],
    "PageSize": [1, 1000],
    "IdempotencyKey": ["!", "123e4567-e89b-12d3-a456-426614174000", "~" * 255],
}

REFUSED: dict[str, list[Any]] = {
    "WorkspaceId": ["", "_a", "-a", "a/b", "a.b", "a b", "é", "a\n", "a" * 65, 1],
    "CommandId": [
        "",
        "01KPDGPGZ0FR6EE8C476CABEY1",
        "doc_01KPDGPGZ0FR6EE8C476CABEY1",
        "cmd_01KPDGPGZ0FR6EE8C476CABEY",
        "cmd_01KPDGPGZ0FR6EE8C476CABEY12",
        "cmd_81KPDGPGZ0FR6EE8C476CABEY1",  # beyond 128 bits
        "cmd_01KPDGPGZ0FR6EE8C476CABEYU",  # no U in Crockford's base 32
        "cmd_01kpdgpgz0fr6ee8c476cabey1",
        "cmd_01KPDGPGZ0FR6EE8C476CABEY1\n",
    ],
    "RecordId": ["", "a/b", "/", "..", ".a", "a b", "a%2Fb", "a?b", "a#b", "é", "a" * 129, 7],
    "Actor": ["", "a" * 129, *CONTROL],
    "DisplayName": ["", "a" * 256, *CONTROL],
    "Description": ["a" * 10_001, "a\x00b", "a\x0bb", "a\x7fb"],
    "MimeType": [
        "",
        "pdf",
        "application/",
        "/pdf",
        "application/pdf ",
        "application /pdf",
        "application/pdf;",
        "application/pdf; charset",
        "application/p\u00e4f",
        'text/plain; a="b',
        'text/plain; a="b\nc"',
        "a/" + "b" * 128,
    ],
    "StoragePath": [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "a/./b",
        "a/..",
        "a" * 1025,
        *CONTROL,
    ],
    "Folder": [".", "..", "/..", "/a/../b", "/a/./b", "a\\b", "/" + "a" * 1024, *CONTROL],
    "Tag": ["", "a" * 101, *CONTROL],
    "Tags": [["a"] * 101, [""], [1], "nda", [["a"]]],
    # 1.0 is an integer in JSON Schema; in our reading a size is not written like that.
    "SizeBytes": [-1, 2**63, 1.5, 1.0, "183204", True],
    "Role": ["a" * 65, *CONTROL],
    "Provider": ["", "HubSpot", "-a", "_a", "a.b", "a" * 65],
    "EntityTypeName": ["", "a b", "a.b", "_a", "a/b", "a" * 65],
    "WorkspaceEntityType": ["", "Deal", "document", "deals"],
    "Scope": ["", "write", "write:links"],
    "RateLimit": ["0/minute", "600/week", "600", "600 / minute", "-1/minute", "1000000000/day"],
    "KeyHash": ["", "0123456789ABCDEF" * 4, "f" * 63, "f" * 65],
    "IdempotencyKey": ["", " ", "a b", "a\n", "é", "a" * 256],
    "Page": [0, -1, 1_000_001, 1.5, "1"],
    "PerPage": [0, 101],
    "EntryId": [0, -1, 2**31, 1.5, "1"],
    "LinkNumber": [0, -1, 2**31, 1.5, "1"],
    "LinkTypeId": [0, -1, 2**31, 1.5, "1"],
    "PropertyName": ["", "a" * 256, *CONTROL],
    "PropertyValue": ["a" * 4001, 7],
    "LinkProperties": [[], {"": "a"}, {"a": 1}, {str(number): "" for number in range(51)}],
    "SearchText": ["", "a" * 201, *CONTROL],
    "FolderTarget": ["", "..", "/a/../b", "a\\b", "/" + "a" * 1024, *CONTROL],
    "WebhookUrl": [
        *(
            "",
            "hooks.example.com",
            "ftp://a/b",
            "https://",
            "https:///a",
            "https://a b",
            "https://é",
        ),
        "https://a/" + "b" * 2039,
    ],
    "EventTypeName": ["", "link", "Link.created", "link.created.x", "link.*", "#", ".a", "a."],
    "CrmProvider": ["", "workspace", "doclink", "HubSpot", "-a", "a" * 65],
    "PageSize": [0, 1001],
    "Version": [0, -1, 2**63],
    "Timestamp": [
        *("2026-04-17", "2026-04-17T10:45:00", "now", "2026-13-17T10:45:00Z", 1776422700),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    ],
}

FOLDERS: list[tuple[str, str | None]] = [
    ("/clients/acme/ndas", "/clients/acme/ndas"),
    ("clients/acme/ndas", "/clients/acme/ndas"),
    ("//clients///acme/ndas//", "/clients/acme/ndas"),
    ("/clients/acme corp/.drafts/..old", "/clients/acme corp/.drafts/..old"),
    ("/Ka\u0308se", "/K\u00e4se"),
    ("/😀", "/😀"),
    ("/", None),
    ("", None),
    ("///", None),
]


def read(field: str, text: str) -> Any:
    return TypeAdapter(getattr(fields, field)).validate_json(text, strict=True)


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in TAKEN.items() for value in values]
)
def test_value_is_taken_as_it_is(field: str, value: Any) -> None:
    assert read(field, json.dumps(value)) == value


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in REFUSED.items() for value in values]
)
def test_value_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        read(field, json.dumps(value))


@pytest.mark.parametrize(("given", "normal"), FOLDERS)
def test_folder_has_one_normal_form(given: str, normal: str | None) -> None:
    assert read("Folder", json.dumps(given)) == normal
    assert normal is None or fields.normal_folder(normal) == normal


@pytest.mark.parametrize("role", ["signed", "Zoë's 😀", "a" * 64])
def test_role_is_free_form(role: str) -> None:
    assert read("Role", json.dumps(role)) == role


def test_empty_role_counts_as_none() -> None:
    assert read("Role", '""') is None


@pytest.mark.parametrize("written", ["read:documents", "documents:read"])
def test_scope_is_taken_in_either_spelling(written: str) -> None:
    assert read("Scope", json.dumps(written)) == "read:documents"


def test_every_field_type_has_its_table() -> None:
    tested = {*TAKEN, *REFUSED}
    named = {
        name
        for name, value in vars(fields).items()
        if name[0].isupper() and not name.isupper() and hasattr(value, "__metadata__")
    }
    assert named - {"Annotated"} <= tested


@pytest.mark.parametrize("escape", [r"\ud83d", r"\ude00", r"\ude00\ud83d", r"\ud83dx"])
@pytest.mark.parametrize("field", ["name", "storage_path", "folder", "description"])
def test_lone_surrogate_is_refused(field: str, escape: str) -> None:
    # It is no character, cannot be written as UTF-8, and would stop us at the database.
    message = json.dumps({**EXAMPLES["document.register"], field: "HERE"}).replace("HERE", escape)
    with pytest.raises(ValidationError):
        DocumentRegister.model_validate_json(message)


def test_surrogate_pair_is_one_character() -> None:
    assert read("DisplayName", r'"\ud83d\ude00"') == "😀"


def test_bytes_that_are_no_utf8_are_refused() -> None:
    message = json.dumps(EXAMPLES["document.register"]).encode().replace(b"Acme", b"\xc3\x28")
    with pytest.raises(ValidationError):
        DocumentRegister.model_validate_json(message)


class _Sized(BaseModel):
    size: fields.SizeBytes


def test_size_is_strict_in_a_model_that_is_not() -> None:
    with pytest.raises(ValidationError):
        _Sized.model_validate({"size": "1"})
