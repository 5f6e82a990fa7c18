"""Options that several commands have."""

from typing import Annotated

import typer

Workspace = Annotated[str, typer.Option(help="The workspace's id, e.g. ws_123.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
