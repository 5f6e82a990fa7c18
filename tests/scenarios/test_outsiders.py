"""The examples in `docs/examples`, run as a stranger would: with nothing of ours in reach."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contracts.schemas import Schema
from deploy.local.processes import ROOT
from deploy.local.stack import Stack
from tests import node_modules
from tests.contracts.validation import problems
from tests.support.workspace import Workspace

EXAMPLES = ROOT / "docs" / "examples"
OURS = {"contracts", "shared", "services", "deploy", "tests"}
DEAL = "deal_01HY1"
LINES = 30
SCHEMA: Schema = json.loads((ROOT / "contracts/generated/schemas/link.created.json").read_text())


def _python(folder: Path) -> Sequence[str]:
    shutil.copy(EXAMPLES / "link.py", folder)
    return [sys.executable, "-I", "link.py"]  # isolated: no PYTHONPATH, no folder of ours


def _node(folder: Path) -> Sequence[str]:
    # ES modules look for packages beside the script.
    (folder / "node_modules").symlink_to(node_modules.installed() / "node_modules")
    shutil.copy(EXAMPLES / "link.mjs", folder)
    return ["node", "link.mjs"]


def _printed(command: Sequence[str], folder: Path, env: dict[str, str]) -> dict[str, Any]:
    ran = subprocess.run(  # noqa: S603 - our own example
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    event: dict[str, Any] = json.loads(ran.stdout)
    return event


@pytest.mark.parametrize("prepared", [_python, _node], ids=["python", "node"])
async def test_the_example_links_a_document_and_prints_a_valid_cloudevent(
    prepared: Any, stack: Stack, workspace: Workspace, tmp_path: Path
) -> None:
    await workspace.entity("deal", DEAL)
    env = {"DOCLINK_AMQP_URL": stack.infrastructure.urls.amqp, "DOCLINK_WORKSPACE": workspace.id}
    event = _printed(prepared(tmp_path), tmp_path, env)
    assert problems(SCHEMA, event) == []
    assert event["workspaceid"] == workspace.id
    page = await workspace.listed(DEAL, "deals")
    assert [each["id"] for each in page["data"]["documents"]] == [event["data"]["document_id"]]
    assert page["data"]["documents"][0]["role"] == event["data"]["role"] == "signed"


def test_the_python_example_is_short_and_imports_nothing_of_ours() -> None:
    text = (EXAMPLES / "link.py").read_text()
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
    modules = {alias.name.partition(".")[0] for node in imports for alias in node.names}
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert not modules & OURS
    assert modules - set(sys.stdlib_module_names) == {"aio_pika", "ulid"}
    assert len(text.splitlines()) <= LINES


def test_the_node_example_imports_its_amqp_client_alone() -> None:
    lines = (EXAMPLES / "link.mjs").read_text().splitlines()
    imported = {line.rpartition(" from ")[2] for line in lines if line.startswith("import ")}
    assert imported == {'"node:crypto";', '"amqplib";'}
