"""`doclink connections`: the CRMs that a workspace works with."""

import json
from typing import Annotated

import typer

from contracts.connections import (
    ConnectionCreate,
    ConnectionCreateResult,
    ConnectionDelete,
    ConnectionList,
    ConnectionListResult,
    ConnectionResult,
)
from services.operator.ask import ask, issued, valid
from services.operator.options import AsJson, Workspace

app = typer.Typer(help="Connections of a workspace to CRMs.", no_args_is_help=True)

Provider = Annotated[str, typer.Option(help="The CRM's name in lower case, e.g. pipedrive.")]


@app.command()
def create(*, workspace: Workspace, provider: Provider) -> None:
    """Let documents be linked to records of a CRM."""
    command = valid(ConnectionCreate, provider=provider, **issued(workspace))
    answer = ask(command, ConnectionCreateResult)
    since = "" if answer.created else f", since {answer.connection.created_at}"
    typer.echo(f"{workspace} is connected to {answer.connection.provider}{since}")


@app.command(name="list")
def list_all(*, workspace: Workspace, as_json: AsJson = False) -> None:
    """List a workspace's connections, by CRM."""
    query = valid(ConnectionList, **issued(workspace))
    connections = ask(query, ConnectionListResult).connections
    if as_json:
        typer.echo(json.dumps([each.model_dump(mode="json") for each in connections]))
        return
    for each in connections:
        typer.echo(f"{each.provider:20}  {each.created_at}  {each.created_by or ''}".rstrip())


@app.command()
def delete(*, workspace: Workspace, provider: Provider) -> None:
    """Let no more links to a CRM be made; those that exist stay."""
    command = valid(ConnectionDelete, provider=provider, **issued(workspace))
    gone = ask(command, ConnectionResult).connection
    typer.echo(f"{workspace} is no longer connected to {gone.provider}")
