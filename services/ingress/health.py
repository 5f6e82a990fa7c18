"""Health: alive is answering at all; ready is every service at work with its database."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from contracts.health import (
    CrmSyncHealth,
    HealthResult,
    LinksHealth,
    RegistryHealth,
    WebhooksHealth,
)
from contracts.messages import Query
from shared.bus.requester import Requester
from shared.errors import Overloaded, Passing, Refusal
from shared.ids import new_id

DEADLINE_SECONDS = 1.0
router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """200 as long as this process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """200 when all consumers are attached and their databases answer, else 503 with what lacks."""
    requester: Requester = request.scope["doclink.requester"]
    questions: dict[str, Query] = {
        "registry": RegistryHealth(command_id=new_id("cmd")),
        "links": LinksHealth(command_id=new_id("cmd")),
        "crm_sync": CrmSyncHealth(command_id=new_id("cmd")),
        "webhooks": WebhooksHealth(command_id=new_id("cmd")),
    }
    answers = await asyncio.gather(*(_ask(requester, each) for each in questions.values()))
    services = dict(zip(questions, answers, strict=True))
    ready = all(answer["ready"] for answer in answers)
    return JSONResponse(
        {"status": "ready" if ready else "not ready", "services": services},
        status_code=200 if ready else 503,
        headers={} if ready else {"Retry-After": "1"},
    )


async def _ask(requester: Requester, question: Query) -> dict[str, Any]:
    try:
        answer = await requester.ask(question, HealthResult, deadline=DEADLINE_SECONDS)
    except (Passing, Refusal, Overloaded) as error:
        return {"ready": False, "error": str(error)}
    return {"ready": answer.ready, **answer.model_dump()}
