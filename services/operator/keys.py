"""`doclink keys`: create, list and revoke API keys.

The key is made here and shown once; only its SHA-256 leaves this process.
"""

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from contracts.api_keys import (
    KEY_PREFIX,
    ApiKey,
    ApiKeyCreate,
    ApiKeyList,
    ApiKeyListResult,
    ApiKeyResult,
    ApiKeyRevoke,
)
from services.operator.ask import ask, issued, valid
from services.operator.options import TIME_FORMATS, AsJson, Workspace
from shared.ids import now

app = typer.Typer(help="API keys of a workspace.", no_args_is_help=True)

RANDOM_BYTES = 32


@app.command()
def create(
    *,
    workspace: Workspace,
    owner: Annotated[str, typer.Option(help="Who acts with this key, e.g. usr_01HW0.")],
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scope: Annotated[
        list[str],
        typer.Option(help="Repeat for several: read:documents, write:documents, ..."),
    ],
    expires: Annotated[
        datetime | None,
        typer.Option(help="UTC; never, if left out.", formats=TIME_FORMATS),
    ] = None,
    rate_limit: Annotated[
        str | None, typer.Option(help="E.g. 600/minute; the ingress's default, if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create an API key and show it, this once."""
    random = base64.urlsafe_b64encode(secrets.token_bytes(RANDOM_BYTES)).decode().rstrip("=")
    key = KEY_PREFIX + random
    command = valid(
        ApiKeyCreate,
        name=name,
        owner=owner,
        scopes=scope,
        key_hash=hashlib.sha256(key.encode()).hexdigest(),
        expires_at=None if expires is None else expires.replace(tzinfo=UTC),
        rate_limit=rate_limit,
        **issued(workspace),
    )
    made = ask(command, ApiKeyResult).api_key
    if as_json:
        typer.echo(json.dumps({"key": key, **_shown(made)}))
    else:
        typer.echo(f"{key}\n\nKeep it: it cannot be shown again. Its id is {made.id}.")


@app.command(name="list")
def list_all(*, workspace: Workspace, as_json: AsJson = False) -> None:
    """List a workspace's API keys, newest first; the keys themselves are not known."""
    keys = ask(ApiKeyList(**issued(workspace)), ApiKeyListResult).api_keys
    if as_json:
        typer.echo(json.dumps([_shown(key) for key in keys]))
        return
    for key in keys:
        state = "revoked" if key.revoked_at else "expired" if _is_over(key) else "valid"
        typer.echo(f"{key.id}  {state:8}  {key.owner}  {' '.join(key.scopes)}  {key.name}")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")],
    workspace: Workspace,
) -> None:
    """Refuse a key from now on; every ingress hears of it within a second."""
    command = valid(ApiKeyRevoke, key_id=key_id, **issued(workspace))
    revoked = ask(command, ApiKeyResult).api_key
    typer.echo(f"{revoked.id} was revoked at {revoked.revoked_at}")


def _is_over(key: ApiKey) -> bool:
    return key.expires_at is not None and key.expires_at <= now()


def _shown(key: ApiKey) -> dict[str, Any]:
    shown = key.model_dump(mode="json")
    return {"key_id": shown.pop("id"), **shown}
