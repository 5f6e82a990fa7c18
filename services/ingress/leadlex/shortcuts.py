"""LeadLex's shortcuts: to link a document, and to list an entity's documents."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from contracts.fields import Page, PerPage, RecordId
from services.ingress.leadlex.link_bodies import ENTITY_PATHS, LinkDocument
from services.ingress.leadlex.links import documents_of, link_document
from services.ingress.shortcut import Shortcut

_ID = TypeAdapter(RecordId)
_PAGING: dict[str, TypeAdapter[int]] = {
    "page": TypeAdapter(Page),
    "per_page": TypeAdapter(PerPage),
}
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_JSON = "application/json"


def _read_link(request: Request, body: bytes) -> Mapping[str, Any] | None:
    if request.headers.get("content-type") != _JSON:
        return None
    try:
        return {
            "document_id": _ID.validate_python(request.path_params["id"]),
            "body": LinkDocument.model_validate_json(body),
        }
    except ValidationError:
        return None


def _read_listing(request: Request, body: bytes) -> Mapping[str, Any] | None:
    given = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
    paging = {name: value for name, value in given if name in _PAGING and _NUMBER.fullmatch(value)}
    if body or len(paging) != len(given):  # unknown, twice, or no number
        return None
    try:
        return {
            "entity_id": _ID.validate_python(request.path_params["id"]),
            **{name: _PAGING[name].validate_python(int(value)) for name, value in paging.items()},
        }
    except ValidationError:
        return None


SHORTCUTS = (
    Shortcut(
        method="POST",
        path=re.compile(r"/v1/documents/(?P<id>[^/]+)/link", re.ASCII),
        permission="write:documents",
        read=_read_link,
        endpoint=link_document,
        status=201,
    ),
    *(
        Shortcut(
            method="GET",
            path=re.compile(rf"/v1/{path}/(?P<id>[^/]+)/documents", re.ASCII),
            permission="read:documents",
            read=_read_listing,
            endpoint=partial(documents_of, entity_type),
            status=200,
        )
        for path, entity_type in ENTITY_PATHS.items()
    ),
)
