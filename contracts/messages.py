"""The shapes that all messages share: requests, replies, and events as CloudEvents."""

from typing import Annotated, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.errors import RefusalBody
from contracts.fields import Actor, CommandId, IdempotencyKey, Timestamp, WorkspaceId

JSON_CONTENT_TYPE = "application/json"
EVENT_CONTENT_TYPE = "application/cloudevents+json"


class Record(BaseModel):
    """The base of what callers send: unknown members and wrong JSON types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Request(Record):
    """A command or a query: one flat JSON object, its payload beside these fields.

    `command_id` is drawn by the issuer; the ids of all that follows are derived from it.
    `actor` is who asks; `issued_at` is the issuer's clock.
    """

    type: ClassVar[str]
    """The routing key, and the AMQP property `type`."""

    command_id: CommandId
    workspace_id: WorkspaceId
    actor: Actor | None = None
    issued_at: Timestamp | None = None


class Command(Request):
    """Asks for a change; exactly one consumer owns it."""

    idempotency_key: IdempotencyKey | None = None


class Query(Request):
    """Asks for a reading and changes nothing."""


Data = TypeVar("Data", bound=BaseModel)


class Event(BaseModel, Generic[Data]):
    """What has happened: CloudEvents 1.0 in structured JSON mode.

    `type` is the routing key; `subject` the id of the record it is about; `id` is the same
    whenever the event is sent again. https://github.com/cloudevents/spec
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Field(min_length=1)]
    type: str
    source: str
    subject: str
    time: Timestamp
    datacontenttype: Literal["application/json"] = "application/json"
    workspaceid: WorkspaceId
    traceparent: str | None = None
    data: Data


class EventData(BaseModel):
    """The base of event data; later versions may add members, which readers ignore."""

    type: ClassVar[str]
    model_config = ConfigDict(extra="ignore", frozen=True)


class Result(BaseModel):
    """The base of what a reply's `result` holds; readers ignore members they do not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


ResultT = TypeVar("ResultT", bound=Result)


class Reply(BaseModel, Generic[ResultT]):
    """The answer to a request: either `result` or `refusal`, never both."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    result: ResultT | None = None
    refusal: RefusalBody | None = None


class CommandRefused(EventData):
    """`command.refused`: a command that nobody waited for was refused."""

    type: ClassVar[str] = "command.refused"

    command_id: CommandId
    command_type: str
    workspace_id: WorkspaceId
    actor: str | None = None
    refusal: RefusalBody
