"""Laserfiche's repositories: the caller's own, and the login to it."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request

from contracts.errors import ErrorCode
from services.ingress.call import CurrentCall
from services.ingress.caller import Caller
from services.ingress.demands import needs
from services.ingress.laserfiche.bodies import AccessToken, Login, RepositoryInfo
from services.ingress.laserfiche.errors import documented
from services.ingress.laserfiche.repository import BASE, REPOSITORY
from services.ingress.logins import Logins
from shared.errors import Refusal

router = APIRouter(tags=["Repositories"])
TOKEN_SECONDS = 900


@router.get(
    BASE + "/Repositories",
    operation_id="GetRepositoryList",
    dependencies=[needs("read:documents")],
    responses=documented(),
)
async def get_repository_list(call: CurrentCall) -> list[RepositoryInfo]:
    """The one repository of the caller."""
    workspace_id = call.caller.workspace_id
    return [RepositoryInfo(repoId=workspace_id, repoName=workspace_id)]


@router.post(
    REPOSITORY + "/Token",
    operation_id="CreateAccessToken",
    responses=documented(),
    openapi_extra={"security": []},
)
async def create_access_token(
    request: Request,
    repo_id: Annotated[str, Path(alias="repoId", examples=["r-abc123"])],
    login: Annotated[Login, Form()],
) -> AccessToken:
    """Log in, as clients of self-hosted servers do; the token is the key itself.

    So it ends with the key and not with `expires_in`, after which clients log in again.
    """

    def fits(caller: Caller) -> bool:
        return (caller.workspace_id, caller.name) == (repo_id, login.username)

    logins: Logins = request.scope["doclink.logins"]
    if await logins.identify(login.password, request.scope, fits=fits) is None:
        raise Refusal(ErrorCode.INVALID_KEY, "Invalid repository, user name or password")
    return AccessToken(access_token=login.password, expires_in=TOKEN_SECONDS)
