"""Further ingress processes beside the one of the stack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.support.readiness import until_up


@asynccontextmanager
async def one_more_ingress(
    stack: Stack, folder: Path, **env: str
) -> AsyncIterator[tuple[ServiceProcess, str]]:
    """One more ingress, when it is ready; and where it listens."""
    urls = stack.infrastructure.urls
    process = ServiceProcess(
        "ingress", urls, log=folder / "ingress.log", http_port=free_port(), env=env
    )
    process.start()
    try:
        url = f"http://{LOOPBACK}:{process.http_port}"
        await until_up(url)
        yield process, url
    finally:
        process.terminate()
