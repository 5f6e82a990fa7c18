"""Link types: what a relation between two documents means (Laserfiche, link definitions)."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.fields import Description, DisplayName, LinkTypeId, Timestamp, Version, WorkspaceId
from contracts.messages import Command, EventData, Query, Result


class LinkType(BaseModel):
    """A kind of relation, with a label for each end; types 1 and 2 exist from the beginning."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    workspace_id: WorkspaceId
    link_type_id: LinkTypeId
    source_label: str
    target_label: str
    description: str | None = None
    created_by: str | None = None
    created_at: Timestamp | None = None
    version: Version


class LinkTypeDefine(Command):
    """`link_type.define`: make one more kind of relation; it gets the next number."""

    type: ClassVar[str] = "link_type.define"

    source_label: DisplayName
    target_label: DisplayName
    description: Description | None = None


class LinkTypeResult(Result):
    """The reply to `link_type.define`."""

    link_type: LinkType


class LinkTypeList(Query):
    """`link_type.list`: all of a workspace's link types, by number; there are at most 1,000."""

    type: ClassVar[str] = "link_type.list"


class LinkTypeListResult(Result):
    """The reply to `link_type.list`."""

    link_types: list[LinkType]


class LinkTypeDefined(LinkType, EventData):
    """`link_type.defined`: there is one more kind of relation."""

    type: ClassVar[str] = "link_type.defined"
