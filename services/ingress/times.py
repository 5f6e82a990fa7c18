"""Times as the dialects write them."""

from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer

WholeSeconds = Annotated[
    datetime, PlainSerializer(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ"), return_type=str)
]
"""UTC in whole seconds, as in the examples of LeadLex and Laserfiche."""
