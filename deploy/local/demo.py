"""The demo workspace: a newcomer's first call works, and says something."""

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from contracts.broker_users import OPERATOR, PUBLISHER
from deploy.local.errors import LocalError
from deploy.local.infrastructure import Urls
from deploy.local.processes import ROOT, environment

WORKSPACE = "ws_123"
OWNER = "usr_01HW0"
SCOPES = (
    *("read:documents", "write:documents", "admin:documents"),
    *("read:entities", "write:entities"),
    *("read:webhooks", "write:webhooks"),
)
CONTACT = "123e4567-e89b-12d3-a456-426614174000"
DEAL = "deal_01HY1"
ENTITIES = {
    ("contact", CONTACT): "Ada Lovelace",
    ("company", "company_01HY1"): "Acme",
    ("deal", DEAL): "Acme NDA",
    ("event", "event_01HY1"): "Signing at Acme",
    ("matter", "matter_01HY1"): "Acme confidentiality",
    ("task", "task_01HY1"): "Countersign the Acme NDA",
}
CRM_ENTITIES = {
    # PandaDoc's own example, and what belongs to it: a linked object's children.
    ("pipedrive", "deal", "134"): {"name": "Acme renewal"},
    ("pipedrive", "person", "9372"): {
        "name": "Ada Lovelace",
        "parent": {"entity_type": "deal", "entity_id": "134"},
    },
}
# Not `new-upload.pdf`, which the reference's own example registers: that one must stay free.
_STORAGE_PATH = f"workspaces/{WORKSPACE}/documents/demo-nda{{suffix}}.pdf"
_DOCUMENT = {
    "name": "Acme-NDA-2026.pdf",
    "mime_type": "application/pdf",
    "size_bytes": 183204,
    "folder": "/clients/acme/ndas",
    "tags": ["nda", "confidentiality"],
}
_TIMEOUT = 15.0


@dataclass(frozen=True)
class Demo:
    """What is there to try."""

    api_key: str
    document_id: str


def prepare(url: str, urls: Urls, state: Path, known_key: str | None) -> Demo:
    """Make sure that the demo workspace is there; safe to repeat.

    Args:
        url: Where the ingress listens.
        urls: Broker and database, for the operator's command line, which makes the key.
        state: A file that remembers the document's id.
        known_key: The key of an earlier run, which is kept if it still works.
    """
    with httpx.Client(base_url=url, timeout=_TIMEOUT, trust_env=False) as client:
        api_key = known_key if known_key and _works(client, known_key) else _make_key(urls)
        client.headers["Authorization"] = f"Bearer {api_key}"
        for (kind, entity_id), name in ENTITIES.items():
            _data(client.put(f"/v1/entities/{kind}/{entity_id}", json={"name": name}))
        for (provider, kind, entity_id), about in CRM_ENTITIES.items():
            _data(client.put(f"/v1/connections/{provider}"))
            path = f"/v1/connections/{provider}/entities/{kind}/{entity_id}"
            _data(client.put(path, json=about))
        document_id = _document(client, state)
        link = {"entity_type": "contact", "entity_id": CONTACT, "role": "signed"}
        _data(client.post(f"/v1/documents/{document_id}/link", json=link))
    return Demo(api_key, document_id)


def publishers() -> dict[str, str]:
    """For the services' environment: the demo publisher may act for the demo workspace.

    Nothing, if our own environment says who may act for whom.
    """
    variable = "DOCLINK_PUBLISHERS"
    if os.environ.keys() & {variable, f"{variable}_FILE"}:
        return {}
    return {variable: json.dumps({PUBLISHER.name: [WORKSPACE]})}


def _works(client: httpx.Client, api_key: str) -> bool:
    answer = client.get("/v1/documents/doc_none", headers={"Authorization": f"Bearer {api_key}"})
    return answer.status_code == HTTPStatus.NOT_FOUND


def _make_key(urls: Urls) -> str:
    command = [sys.executable, "-m", "services.operator", "keys", "create", "--json"]
    command += ["--workspace", WORKSPACE, "--owner", OWNER, "--name", "demo"]
    command += ["--rate-limit", "1000000/minute"]
    for scope in SCOPES:
        command += ["--scope", scope]
    made = subprocess.run(  # noqa: S603 - our own command line
        command,
        cwd=ROOT,
        env=environment(urls, OPERATOR.name),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise LocalError(f"The demo API key could not be made:\n{made.stdout}{made.stderr}")
    return str(json.loads(made.stdout)["key"])


def _document(client: httpx.Client, state: Path) -> str:
    if state.exists():
        known = str(json.loads(state.read_text())["document_id"])
        if client.get(f"/v1/documents/{known}").is_success:
            return known
    answer = _register(client, "")
    if answer.status_code == HTTPStatus.CONFLICT:
        # Registered by a copy with another data folder on the same database.
        answer = _register(client, f"-{uuid.uuid4().hex[:8]}")
    document_id = str(_data(answer)["id"])
    state.write_text(json.dumps({"document_id": document_id}))
    return document_id


def _register(client: httpx.Client, suffix: str) -> httpx.Response:
    path = _STORAGE_PATH.format(suffix=suffix)
    # Derived, so that a start which was cut off before the id was noted gets the same answer.
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, path))
    body = {**_DOCUMENT, "storage_path": path}
    return client.post("/v1/documents", json=body, headers={"Idempotency-Key": key})


def _data(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        request = answer.request
        raise LocalError(
            f"The demo workspace could not be made: {request.method} {request.url} "
            f"answered {answer.status_code}: {answer.text}"
        )
    data: dict[str, Any] = answer.json()["data"]
    return data
