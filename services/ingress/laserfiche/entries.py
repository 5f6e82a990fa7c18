"""Laserfiche's entries: documents and folders by number, each at its path."""

from typing import Annotated

from fastapi import APIRouter

from contracts import entries
from contracts.entries import ROOT_ENTRY_ID
from contracts.errors import ErrorCode
from contracts.relations import RelationEnd
from services.ingress.demands import needs
from services.ingress.laserfiche import odata
from services.ingress.laserfiche.bodies import ENTRY, Entry
from services.ingress.laserfiche.errors import documented
from services.ingress.laserfiche.options import single_of
from services.ingress.laserfiche.repository import REPOSITORY, CurrentRepository, PathEntryId

router = APIRouter(tags=["Entries"])


@router.get(
    REPOSITORY + "/Entries/{entryId}",
    operation_id="GetEntry",
    dependencies=[needs("read:documents")],
    responses=documented(ErrorCode.NOT_FOUND),
)
async def get_entry(
    repository: CurrentRepository,
    entry_id: PathEntryId,
    select: Annotated[tuple[str, ...] | None, single_of(ENTRY)],
) -> Entry:
    """Read a document or a folder."""
    entry = await repository.entry(entry_id)
    shown: Entry = odata.selected(_body(entry), select, "entryType")
    return shown


def full_path(entry: entries.Entry | RelationEnd) -> str:
    r"""Where an entry is, as Laserfiche writes it: `\\clients\\acme\\Acme-NDA-2026.pdf`."""
    if entry.entry_id == ROOT_ENTRY_ID:
        return "\\"
    return (entry.folder or "").replace("/", "\\") + "\\" + entry.name


def _body(entry: entries.Entry) -> Entry:
    is_folder = entry.kind == "folder"
    return Entry(
        id=entry.entry_id,
        name=entry.name,
        parentId=entry.parent_id,
        fullPath=full_path(entry),
        folderPath=(entry.folder or "/").replace("/", "\\"),
        creator=entry.created_by,
        creationTime=entry.created_at,
        lastModifiedTime=entry.updated_at,
        entryType="Folder" if is_folder else "Document",
        isContainer=is_folder,
        isLeaf=not is_folder,
        templateName=None,
        templateId=0,
        templateFieldNames=None,
        volumeName=None,
        rowNumber=0,
        fields=None,
    )
