"""Entries: documents and folders by number, as a tree (Laserfiche, Entries)."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import EntryId, RecordId, Timestamp, Version, WorkspaceId
from contracts.messages import EventData, Query, Result

ROOT_ENTRY_ID = 1
"""The root folder's number in every workspace (Laserfiche)."""

ROOT_FOLDER_ID = "fld_root"
"""The root folder's id in every workspace."""


class Folder(BaseModel):
    """A folder, made on demand by the first document in it or below it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    entry_id: EntryId
    workspace_id: WorkspaceId
    path: str
    parent_id: EntryId
    created_by: str | None = None
    created_at: Timestamp
    version: Version


class Entry(BaseModel):
    """A document or a folder as a node of the tree.

    `folder` is the path of the folder it lies in, null for the root; `parent_id` is that folder's
    number, null for the root folder itself.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    entry_id: EntryId
    id: RecordId
    workspace_id: WorkspaceId
    kind: Literal["document", "folder"]
    name: str
    folder: str | None = None
    parent_id: EntryId | None = None
    created_by: str | None = None
    created_at: Timestamp
    updated_at: Timestamp


class EntryFind(Query):
    """`entry.find`: documents and folders by number or by id; those that do not exist are left out.

    The root folder has number 1 and the id `fld_root`, and always exists.
    """

    type: ClassVar[str] = "entry.find"

    # A source, and the most targets that it may have.
    entry_ids: Annotated[list[EntryId], Field(max_length=5001)] = Field(default_factory=list)
    ids: Annotated[list[RecordId], Field(max_length=5000)] = Field(default_factory=list)


class EntryFindResult(Result):
    """The reply to `entry.find`, in no particular order."""

    entries: list[Entry]


class FolderCreated(Folder, EventData):
    """`folder.created`: a folder is there that was not before."""

    type: ClassVar[str] = "folder.created"
