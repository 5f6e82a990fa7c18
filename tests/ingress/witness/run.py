"""Schemathesis over a dialect of the running system."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PATIENCE = 300.0


async def check(
    url: str, document: Mapping[str, Any], keys: Mapping[str, str], folder: Path
) -> None:
    """Schemathesis finds nothing: all checks; examples, coverage, fuzzing and stateful.

    Args:
        url: Where the dialect serves its OpenAPI document.
        document: What it serves there.
        keys: The API keys of two workspaces, by the names `one` and `other`.
        folder: To put files into.
    """
    peers = folder / "peers.json"
    peers.write_text(json.dumps({"auth": [_peer(name, key) for name, key in keys.items()]}))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file"),
        *(str(HERE / "schemathesis.toml"), "run", url, "--checks", "all", "--no-color"),
        *("--phases", "examples,coverage,fuzzing,stateful"),
        cwd=folder,
        env={
            **os.environ,
            "DOCLINK_TEST_PEERS": str(peers),
            "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
            "NO_PROXY": "*",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
    report = output.decode()
    assert process.returncode == 0, report
    operations = sum(len(path) for path in document["paths"].values())
    assert f"Operations:       {operations} selected / {operations} total" in report, report


def _peer(name: str, key: str) -> dict[str, Any]:
    """A caller as Schemathesis knows one (Web Fuzzing Commons)."""
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key}"}]}
