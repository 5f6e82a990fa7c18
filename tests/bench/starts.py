"""How long `make run` takes to the first answer, on a machine that is prepared."""

import os
import shlex
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from deploy.local.child import Child
from deploy.local.demo import CONTACT
from deploy.local.errors import LocalError
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import ROOT
from tests.bench.rounds import Round

NEW, KEPT = "make run, new data", "make run, kept data"
_LIMIT = 120.0
_GRACE = 30.0
_PAUSE = 0.05


def measure(times: int, root: Path = ROOT) -> list[Round]:
    """One start on an empty data folder, and then some on what it has left behind.

    Args:
        times: How many on kept data.
        root: Where the project lies.

    Raises:
        LocalError: There was no answer.
    """
    with TemporaryDirectory(prefix="doclink-start-") as folder:
        data = Path(folder) / "data"
        rounds = [_start(NEW, 1, data, root)]
        rounds += [_start(KEPT, number, data, root) for number in range(1, times + 1)]
    return rounds


def _start(name: str, number: int, data: Path, root: Path) -> Round:
    """Start, wait for the answer to a call with the demo key, and stop."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    ours = {"DOCLINK_HTTP_PORT": str(port), "DOCLINK_DATA_DIR": str(data)}
    ports = {f"DOCLINK_{each}_PORT": str(free_port()) for each in ("AMQP", "MONGO")}
    others = {name: value for name, value in os.environ.items() if name != "DOCLINK_LOCAL_DIR"}
    child = Child(
        name,
        ["make", "--silent", "run"],
        log=data.parent / "run.log",
        env=others | ours | ports,
        cwd=root,
    )
    began = time.monotonic()
    child.start()
    try:
        with httpx.Client(base_url=url, timeout=5, trust_env=False) as client:
            while not _answers(client, data / "demo.env"):
                if not child.running or time.monotonic() - began > _LIMIT:
                    raise LocalError(f"{name}: no answer.\n{child.tail()}")
                time.sleep(_PAUSE)
        seconds = time.monotonic() - began
    finally:
        child.terminate(_GRACE)
    return Round(name, number, "ours", count=1, seconds=round(seconds, 3))


def _answers(client: httpx.Client, demo_env: Path) -> bool:
    """Whether the demo key is known, and a call with it gets the demo contact's documents."""
    if not demo_env.exists():
        return False
    pairs = (word.partition("=") for word in shlex.split(demo_env.read_text()))
    key = {name: value for name, _, value in pairs}["DOCLINK_API_KEY"]
    headers = {"Authorization": f"Bearer {key}"}
    try:
        return client.get(f"/v1/contacts/{CONTACT}/documents", headers=headers).is_success
    except httpx.TransportError:
        return False
