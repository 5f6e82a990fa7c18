"""`make run` as a newcomer meets it."""

import asyncio
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import aio_pika
import pytest
from ulid import ULID

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import ROOT
from tests.deploy.leftovers import processes_of, wait_until_none

READY_SECONDS = 60
COMMAND = [sys.executable, "-m", "deploy.local.run"]


class Run:
    """A running `make run`, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self._output = output

    @property
    def said(self) -> str:
        return self._output.read_text()

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while text not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    def paste(self) -> str:
        """What comes of the commands in the banner."""
        commands = re.search(r"^  source .*?\n\n", self.said, re.DOTALL | re.MULTILINE)
        assert commands
        shell = subprocess.run(
            ["bash", "-eu"],  # noqa: S607
            input=commands[0],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return shell.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@contextmanager
def running(folder: Path, output: Path, sourced: Mapping[str, str] | None = None) -> Iterator[Run]:
    env = {
        **os.environ,
        **(sourced or {}),
        "DOCLINK_DATA_DIR": str(folder),
        "DOCLINK_HTTP_PORT": str(free_port()),
    }
    with (
        output.open("w") as file,
        subprocess.Popen(  # noqa: S603 - ourselves
            COMMAND, cwd=ROOT, env=env, stdout=file, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        try:
            yield Run(process, output)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


async def heard_of_what_was_published(env: dict[str, str]) -> str:
    """The event that the demo's subscriber gets when its publisher sends a command."""
    entity_id = f"deal_{ULID()}"
    command = {"command_id": f"cmd_{ULID()}", "workspace_id": env["DOCLINK_WORKSPACE"]}
    body = {**command, "entity_type": "deal", "entity_id": entity_id}
    async with (
        await aio_pika.connect(env["DOCLINK_SUBSCRIBER_AMQP_URL"]) as hearing,
        await aio_pika.connect(env["DOCLINK_PUBLISHER_AMQP_URL"]) as sending,
        asyncio.timeout(READY_SECONDS),
    ):
        inbox = await (await hearing.channel()).declare_queue(exclusive=True)
        await inbox.bind("doclink.events", "#")
        channel = await sending.channel(on_return_raises=True)
        commands = await channel.get_exchange("doclink.commands.outside")
        message = aio_pika.Message(json.dumps(body).encode(), user_id="doclink-publisher")
        await commands.publish(message, "entity.upsert")
        async for event in inbox.iterator(no_ack=True):
            if entity_id.encode() in event.body:
                return event.routing_key or ""
    raise AssertionError("the queue was closed")


def api_key_in(demo_env: Path) -> str:
    return next(line for line in demo_env.read_text().splitlines() if "API_KEY" in line)


def test_a_newcomer_can_paste_the_curl_and_stop_and_come_back(folder: Path, tmp_path: Path) -> None:
    with running(folder, tmp_path / "first.txt") as first:
        first.wait_for("doclink is ready")
        link = first.paste()
        assert '"entity_id":"deal_01HY1"' in link
        demo_env = folder / "demo.env"
        assert stat.S_IMODE(demo_env.stat().st_mode) == 0o600
        env = dict(line.split("=", 1) for line in demo_env.read_text().split())
        assert asyncio.run(heard_of_what_was_published(env)) == "entity.upserted"
        api_key = api_key_in(demo_env)
    assert first.process.returncode == 0
    assert "Traceback" not in first.said
    assert wait_until_none(folder) == []

    # Its shell still has all that it has sourced.
    with running(folder, tmp_path / "second.txt", env) as second:
        second.wait_for("doclink is ready")
        assert second.paste() == link
        assert api_key_in(demo_env) == api_key
        victim = next(each for each in processes_of(folder) if "services.links" in each)
        os.kill(int(victim.split()[0]), signal.SIGKILL)
        second.wait_for("links was ended by signal 9")
        second.wait_for("started again")
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(15) == 0


def test_an_interrupted_start_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    with running(folder, tmp_path / "said.txt") as run:
        run.wait_for("Starting")
        while not processes_of(folder):
            time.sleep(0.05)
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(15) == 0
    assert "Traceback" not in run.said
    assert wait_until_none(folder) == []


def test_a_port_in_use_is_an_error_that_names_the_variable() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        env = dict(os.environ) | {"DOCLINK_HTTP_PORT": str(taken.getsockname()[1])}
        run = subprocess.run(  # noqa: S603 - ourselves
            COMMAND, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
    assert run.returncode == 1
    assert run.stderr.startswith("Port ")
    assert "set DOCLINK_HTTP_PORT" in run.stderr
    assert "Traceback" not in run.stderr
