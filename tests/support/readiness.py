"""What `/readyz` says."""

from typing import Any

import httpx

from tests.support.waiting import until

WHOLE_AGAIN = 20.0
"""Seconds; what passes when all is well is told by the test's duration."""


async def readiness(url: str) -> tuple[int, dict[str, Any]]:
    """Status and body."""
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as http:
        answer = await http.get("/readyz")
        body: dict[str, Any] = answer.json()
        return answer.status_code, body


async def until_up(url: str) -> None:
    """Return when an ingress that was started just now listens and is ready."""

    async def status() -> int:
        try:
            return (await readiness(url))[0]
        except httpx.TransportError:
            return 0

    await until(status, lambda code: code == 200, WHOLE_AGAIN)


async def until_ready(url: str) -> None:
    """Return when everything is."""
    await until(lambda: readiness(url), lambda answer: answer[0] == 200, WHOLE_AGAIN)


async def until_not_ready(url: str) -> dict[str, Any]:
    """The services as the first answer has them that is not 200."""
    answer = await until(lambda: readiness(url), lambda answer: answer[0] != 200)
    assert answer[0] == 503
    services: dict[str, Any] = answer[1]["services"]
    return services
