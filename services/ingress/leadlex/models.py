"""What LeadLex's bodies have in common.

Source: List Contact Documents.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, PlainSerializer

Time = Annotated[
    datetime, PlainSerializer(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ"), return_type=str)
]
"""UTC in whole seconds, as in all of LeadLex's examples."""


class Meta(BaseModel):
    """Where a page stands; `total` counts over all pages."""

    page: int
    per_page: int
    total: int
