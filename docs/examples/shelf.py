"""A fourth dialect, whole: the API of an imaginary archive, Shelf (docs/dialects.md)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from contracts.errors import ErrorCode
from contracts.fields import RecordId, Role
from contracts.links import EntityDocuments, EntityDocumentsResult, LinkCreate, LinkResult
from services.ingress.application import Description, application
from services.ingress.call import CurrentCall
from services.ingress.demands import needs, path_id
from services.ingress.dialect import Dialect, Problem
from services.ingress.headers import IdempotencyKey, response_headers

router = APIRouter(tags=["stickers"])
FileId = Annotated[str, path_id("file", "doc_01HY1")]
PersonId = Annotated[str, path_id("person", "contact_01HY1")]


class Sticker(BaseModel):
    """What Shelf's clients send: who a file is about, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    person: RecordId
    why: Role | None = None


class Stuck(BaseModel):
    """What they get."""

    sticker: str
    is_new: bool


@router.put("/shelf/files/{file}/sticker", dependencies=[needs("write:documents")])
async def stick(
    call: CurrentCall, file_id: FileId, body: Sticker, _key: IdempotencyKey = None
) -> Stuck:
    """Say who a file is about."""
    answer = await call.command(
        LinkCreate,
        LinkResult,
        document_id=file_id,
        entity_type="contact",
        entity_id=body.person,
        role=body.why,
    )
    return Stuck(sticker=answer.link.id, is_new=answer.created)


@router.get("/shelf/people/{person}/files", dependencies=[needs("read:documents")])
async def files_about(call: CurrentCall, person_id: PersonId) -> list[str]:
    """The newest hundred files about a person."""
    page = await call.query(
        EntityDocuments,
        EntityDocumentsResult,
        entity_type="contact",
        entity_id=person_id,
        per_page=100,
    )
    return [document.id for document in page.documents]


STATUSES = {
    ErrorCode.INVALID_KEY: 401,
    ErrorCode.INSUFFICIENT_PERMISSIONS: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.OVERLOADED: 503,
    ErrorCode.INTERNAL_ERROR: 500,
}


def render(problem: Problem) -> Response:
    """A problem as Shelf tells it: one sentence."""
    fields = "".join(f"; {name}: {rule}" for name, rule in (problem.fields or {}).items())
    status = STATUSES.get(problem.code, 400)
    return JSONResponse({"oops": problem.message + fields}, status_code=status)


def dialect() -> Dialect:
    """Shelf, ready to be served."""
    description = Description(
        title="doclink: Shelf",
        text="Send your API key as `Authorization: Token wbk_...`.",
        path="/shelf",
        security={"key": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        headers=response_headers,
        bodies=(Sticker,),
    )
    return Dialect(
        name="shelf",
        prefix="/shelf",
        app=application((router,), render, description),
        key_scheme=("token",),
        render=render,
        open_paths=r"/shelf/(docs|openapi\.json)",
    )
