"""Erlang's own programs, as the nodes of ours need them."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.child import Child
from deploy.local.ports import LOOPBACK


def epmd(port: int, log: Path, env: Mapping[str, str], keep: Sequence[int]) -> Child:
    """The epmd of nodes of ours: RabbitMQ would start a daemon that outlives everything."""
    command = [_program("epmd"), "-port", str(port), "-address", LOOPBACK]
    return Child("epmd", command, log=log.with_name("epmd.log"), env=env, keep=keep)


def evaluate(expression: str, node: str, env: Mapping[str, str], timeout: float) -> str:
    """What an expression gives on a node, or what is wrong with it.

    Not by `rabbitmqctl`, which takes a hundred times longer: half a minute on a busy machine.

    Args:
        expression: With its full stop.
        node: The node's name.
        env: With the node's cookie and epmd.
        timeout: In seconds.

    Raises:
        subprocess.TimeoutExpired: The node says nothing in time.
    """
    called = subprocess.run(  # noqa: S603 - our own node
        [_program("erl_call"), "-sname", node, "-e"],
        input=f"{expression}\n".encode(),
        env=env,
        check=False,
        capture_output=True,
        timeout=timeout,
    )
    return (called.stdout + called.stderr).decode()


HELD = (
    'lists:flatten([io_lib:format("~s=~b ", [element(4, Name), Count]) || [{_, Name}, {_, Count}] '
    '<- rabbit_amqqueue:info_all(<<"/">>, [name, messages]), is_integer(Count), Count > 0]).'
)


def counted(answer: str) -> dict[str, int]:
    """The messages of each queue that has any, from what `HELD` gave: those in hand count too."""
    return {name: int(count) for name, count in re.findall(r"([^ \"=]+)=(\d+) ", answer)}


def _program(name: str) -> str:
    """Where a program is that some installations have in Erlang's own folder only."""
    on_path = shutil.which(name)
    erl = shutil.which("erl")
    if on_path or erl is None:
        return on_path or name
    found = sorted(Path(erl).resolve().parents[1].glob(f"**/bin/{name}"))
    return str(found[0]) if found else name
