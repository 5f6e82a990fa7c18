"""What LeadLex's bodies have in common.

Source: List Contact Documents.
"""

from pydantic import BaseModel


class Meta(BaseModel):
    """Where a page stands; `total` counts over all pages."""

    page: int
    per_page: int
    total: int
