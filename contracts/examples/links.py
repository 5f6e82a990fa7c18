"""The contract is linked to a deal, to a CRM's deal and to an older contract, and listed."""

from typing import Final

from contracts.examples.documents import DOCUMENT, SAID
from contracts.examples.story import (
    ACTOR,
    CONTACT_ID,
    DEAL_REF,
    DOCUMENT_ID,
    LATER,
    LINK_ID,
    LINKED,
    RELATED,
    TYPE_DEFINED,
    UNLINKED,
    WORKSPACE,
    Json,
    command,
    event,
    one_of_several,
    query,
)

_LINK: Final[Json] = {
    "id": LINK_ID,
    "workspace_id": WORKSPACE,
    "kind": "entity",
    "document_id": DOCUMENT_ID,
    "provider": "workspace",
    **DEAL_REF,
    "role": "signed",
    "link_number": None,
    "link_type_id": None,
    "properties": None,
    "created_by": ACTOR,
    "created_at": LINKED[1],
    "version": 1,
}
_UNLINKED: Final[Json] = {**_LINK, "version": 2}
_LISTED: Final[Json] = {
    "id": DOCUMENT_ID,
    **{name: value for name, value in SAID.items() if name != "storage_path"},
    "role": "signed",
    "link_id": LINK_ID,
    "linked_at": LINKED[1],
    "created_by": ACTOR,
    "created_at": DOCUMENT["created_at"],
}
_LINK_TYPE: Final[Json] = {
    "workspace_id": WORKSPACE,
    "link_type_id": 3,
    "source_label": "Amends",
    "target_label": "Amended by",
    "description": "An amendment and its contract",
    "created_by": ACTOR,
    "created_at": TYPE_DEFINED[1],
    "version": 1,
}
_OLDER_ID: Final = "doc_01KPDGPGZ0A6JE9PZ90S63NGST"
_RELATION: Final[Json] = {
    "link": {
        **_LINK,
        "id": "dlnk_01KPDJDES0GK1Q4PBM4T3K0J3A",
        "kind": "relation",
        "provider": "doclink",
        "entity_type": "document",
        "entity_id": _OLDER_ID,
        "role": None,
        "link_number": 1,
        "link_type_id": 3,
        "properties": {"clause": "7"},
        "created_at": RELATED[1],
    },
    "source": {
        "id": DOCUMENT_ID,
        "entry_id": DOCUMENT["entry_id"],
        "name": SAID["name"],
        "folder": SAID["folder"],
    },
    "target": {
        "id": _OLDER_ID,
        "entry_id": 6,
        "name": "Acme-NDA-2025.pdf",
        "folder": SAID["folder"],
    },
    "link_type": _LINK_TYPE,
}

REQUESTS: Final[dict[str, Json]] = {
    "link.create": command(
        LINKED,
        kind="entity",
        document_id=DOCUMENT_ID,
        provider="workspace",
        **DEAL_REF,
        role="signed",
    ),
    "link.delete": command(UNLINKED, document_id=DOCUMENT_ID, link_id=LINK_ID),
    "relations.replace": command(
        RELATED,
        document_id=DOCUMENT_ID,
        relations=[{"target_id": _OLDER_ID, "link_type_id": 3, "properties": {"clause": "7"}}],
    ),
    "link_type.define": command(
        TYPE_DEFINED,
        source_label=_LINK_TYPE["source_label"],
        target_label=_LINK_TYPE["target_label"],
        description=_LINK_TYPE["description"],
    ),
    "link_type.list": query(LATER),
    "entity.documents": query(
        LATER,
        provider="workspace",
        entity_type="contact",
        entity_id=CONTACT_ID,
        page=1,
        per_page=25,
        role="signed",
    ),
    "document.links": query(LATER, document_id=DOCUMENT_ID, kind="entity", page=1, per_page=25),
    "document.relations": query(LATER, document_id=DOCUMENT_ID, after=0, limit=100),
}
REPLIES: Final[dict[str, Json]] = {
    "link.create": {"result": {"link": _LINK, "created": True}},
    "link.delete": {"result": {"link": _UNLINKED}},
    "relations.replace": {"result": {"relations": [_RELATION]}},
    "link_type.define": {"result": {"link_type": _LINK_TYPE}},
    "link_type.list": {"result": {"link_types": [_LINK_TYPE]}},
    "entity.documents": {"result": {"documents": [_LISTED], "page": 1, "per_page": 25, "total": 1}},
    "document.links": {"result": {"links": [_LINK], "page": 1, "per_page": 25, "total": 1}},
    "document.relations": {"result": {"relations": [_RELATION], "total": 1}},
}
EVENTS: Final[dict[str, Json]] = {
    "link.created": event(LINKED, "links", LINK_ID, _LINK),
    "link.deleted": event(
        one_of_several(UNLINKED, "01KPDJPKR07QCDHGF6HPHR40Z1"),
        "links",
        LINK_ID,
        {**_UNLINKED, "reason": "unlinked", "deleted_at": UNLINKED[1]},
    ),
    "link_type.defined": event(TYPE_DEFINED, "links", "3", _LINK_TYPE),
}
