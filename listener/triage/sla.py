"""When a first response is due.

The customer has been waiting since they posted, so that is where the clock starts, not when we happened to collect it.
Without a policy in the settings the defaults below hold; 6 hours is the outer limit that service-recovery practice
gives for a public complaint, so nothing is ever due later than that by default. Business hours come with shifts, later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from listener.settings import Sla

DEFAULT_FIRST_RESPONSE: Final = {
    0: timedelta(hours=6),
    1: timedelta(hours=6),
    2: timedelta(hours=3),
    3: timedelta(hours=1),
    4: timedelta(hours=1),
}


def first_response_due(
    policies: Sequence[Sla], *, brands: Sequence[str], source: str, severity: int, posted_at: datetime
) -> datetime:
    """The first policy that fits counts; aware UTC."""
    for policy in policies:
        if (
            (policy.brand is None or policy.brand in brands)
            and (policy.source is None or policy.source == source)
            and severity >= policy.min_severity
        ):
            return posted_at + policy.first_response
    return posted_at + DEFAULT_FIRST_RESPONSE[severity]
