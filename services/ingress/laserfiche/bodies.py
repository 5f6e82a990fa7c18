"""Laserfiche's bodies, member for member as its OpenAPI document (v1) has them.

What it sends are plain dictionaries, of which `$select` leaves members out.
"""

from typing import Any, Generic, Literal, Required, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from contracts.fields import Description, DisplayName, EntryId, LinkProperties, LinkTypeId
from services.ingress.laserfiche.odata import EntityType
from services.ingress.times import WholeSeconds


class PutLinksRequest(BaseModel):
    """A link that the source entry is to have."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"targetId": 15, "linkTypeId": 1}]},
    )

    target_id: EntryId = Field(alias="targetId")
    link_type_id: LinkTypeId = Field(alias="linkTypeId")
    custom_properties: LinkProperties | None = Field(None, alias="customProperties")


class PostLinkDefinitionRequest(BaseModel):
    """One more kind of link; this body is ours, Laserfiche v1 has none."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"sourceLabel": "Agenda", "targetLabel": "Packet"}],
        },
    )

    source_label: DisplayName = Field(alias="sourceLabel")
    target_label: DisplayName = Field(alias="targetLabel")
    link_type_description: Description | None = Field(None, alias="linkTypeDescription")


class WEntryLinkInfo(TypedDict, total=False):
    """A link between two entries; labels are those of its definition."""

    linkId: int
    sourceId: int
    sourceFullPath: str
    sourceLabel: str
    targetId: int
    targetFullPath: str
    targetLabel: str
    description: str
    linkTypeDescription: str
    linkTypeId: int
    linkProperties: dict[str, str] | None
    sourceLink: str
    targetLink: str


class EntryLinkTypeInfo(TypedDict, total=False):
    """A link definition."""

    linkTypeId: int
    sourceLabel: str
    targetLabel: str
    linkTypeDescription: str


class Entry(TypedDict, total=False):
    """A document or a folder; clients cannot read one without its `entryType`."""

    id: int
    name: str
    parentId: int | None
    fullPath: str
    folderPath: str
    creator: str | None
    creationTime: WholeSeconds
    lastModifiedTime: WholeSeconds
    entryType: Required[Literal["Document", "Folder"]]
    isContainer: bool
    isLeaf: bool
    templateName: str | None
    templateId: int
    templateFieldNames: list[str] | None
    volumeName: str | None
    rowNumber: int
    fields: list[dict[str, Any]] | None


LINK = EntityType.of("Laserfiche.Repository.WEntryLinkInfo", WEntryLinkInfo, key="linkId")
DEFINITION = EntityType.of(
    "Laserfiche.Repository.EntryLinkTypeInfo", EntryLinkTypeInfo, key="linkTypeId"
)
ENTRY = EntityType.of("Laserfiche.Repository.Entry", Entry, key="id")

Row = TypeVar("Row")


class Values(BaseModel, Generic[Row]):
    """All of a collection."""

    value: list[Row]


class Page(Values[Row], Generic[Row]):
    """A page of a collection; without `@odata.nextLink` it is the last one."""

    context: str = Field(alias="@odata.context")
    next_link: str | None = Field(None, alias="@odata.nextLink")
    count: int | None = Field(None, alias="@odata.count", description="With `$count` only.")


class AssignedLinks(Values[WEntryLinkInfo]):
    """All links of a source entry."""


class LinkPage(Page[WEntryLinkInfo]):
    """Links from and to an entry."""


class DefinitionPage(Page[EntryLinkTypeInfo]):
    """Link definitions."""


class RepositoryInfo(BaseModel):
    """A repository, which is a workspace."""

    repoId: str  # noqa: N815 - Laserfiche's
    repoName: str  # noqa: N815
    webclientUrl: str | None = None  # noqa: N815


class Login(BaseModel):
    """The form of a login (OAuth 2.0, RFC 6749 section 4.3.2)."""

    grant_type: Literal["password"]
    username: str = Field(min_length=1, max_length=1024, description="The name of an API key.")
    password: str = Field(min_length=1, max_length=1024, description="The API key itself.")


class AccessToken(BaseModel):
    """What a login gets."""

    access_token: str
    expires_in: int = Field(description="In how many seconds to log in again.", examples=[900])
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - what kind of token it is
