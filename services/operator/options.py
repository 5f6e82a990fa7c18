"""Options that several commands have."""

from typing import Annotated

import typer

Workspace = Annotated[str, typer.Option(help="The workspace's id, e.g. ws_123.")]
TIME_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
"""Times are in UTC."""
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
