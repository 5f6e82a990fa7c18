"""What the admin API is asked and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.ingress.demands import InDigits, InIso8601, InWords
from shared.bus.parked import Wanted
from shared.bus.parked_facts import ParkedFacts

Text = Annotated[str, Field(max_length=256)]
Texts = Annotated[list[Text], Field(max_length=100)]


class Filters(BaseModel):
    """Which messages are meant; what is left out is no condition."""

    model_config = ConfigDict(extra="forbid")

    id: Texts = Field([], description="With one of these ids")
    type: Texts = Field([], description="Of one of these types, e.g. `link.create`")
    reason: Texts = Field(
        [],
        description="`invalid_message`, `forbidden`, `retries_exhausted`, `internal_error`, "
        "`crashed_consumer`, `delivery_limit` (by the broker) or `unknown`",
    )
    error: Text = Field("", description="With this text in the error, in any case")
    since: Annotated[datetime | None, InIso8601] = Field(
        None, description="Parked at this time or later; UTC if not said"
    )
    until: Annotated[datetime | None, InIso8601] = Field(
        None, description="Parked before this time; UTC if not said"
    )
    limit: Annotated[Annotated[int, Field(ge=1, le=1000)], InDigits] = Field(
        100, description="At most so many at once"
    )

    def wanted(self) -> Wanted:
        """The same for the dead queue."""
        return Wanted(self.id, self.type, self.reason, self.error, self.since, self.until)


class Action(Filters):
    """Which messages something is to be done with."""

    dry_run: Annotated[bool, InWords] = Field(
        default=True, description="`false` to do it; else what would be done is told"
    )


class ParkedPage(BaseModel):
    """Messages in the order of their queue, and how many lie behind them, looked at by nobody."""

    data: list[ParkedFacts]
    not_looked_at: int


class Settled(ParkedPage):
    """What was done, or would be; `left` are those of whom nobody knows where they came from."""

    dry_run: bool
    left: list[ParkedFacts]
