"""Priority: what an hour of silence puts at stake, in points, as a product of named factors.

A point is the worth of one average customer kept, divided by 100. The factors are first assumptions, meant for ordering
a queue, not for accounting; each is shown on the alert so that a person can disagree with it.

- `loss`: the chance that this customer leaves, by severity and by the classifier's churn probability. The order over
  severities is Trosborg's; the sizes are ours (no published study gives them for these levels).
- `cause`: harm to people or data comes before everything else; money held back before the rest.
- `reach`: people who may read it: the audience counted by the platform, on a logarithmic scale, since each further
  thousand readers adds less than the first.
- `certainty`: the classifier's probability that this is a complaint at all.
"""

from __future__ import annotations

import math
from typing import Final

from listener.types import Engagement, Factor, Priority

LOSS_BY_SEVERITY: Final = {0: 5.0, 1: 12.0, 2: 20.0, 3: 32.0, 4: 50.0}
"""Percent of customers lost if nobody answers."""

CAUSE_WEIGHT: Final = {"safety": 2.0, "refund": 1.25, "outage": 1.25, "mistake": 1.1, "attitude": 1.1}

SHARE_READERS: Final = 30
"""Readers that one share brings on average; an assumption, replaced by the spread forecast when there is one."""


def audience(engagement: Engagement | None) -> float:
    """People who have probably seen it: counted views, or followers and shares where views are not told."""
    if engagement is None:
        return 0.0
    shared = (engagement.shares or 0) * SHARE_READERS
    touched = (engagement.likes or 0) + (engagement.replies or 0)
    unseen = (engagement.followers or 0) * 0.1 + shared + touched
    return float(max(engagement.views or 0, unseen))


def prioritise(*, severity: int, cause: str, churn: float, complaint: float, engagement: Engagement | None) -> Priority:
    """The priority of one complaint; the product of the factors' values is `value`."""
    stays = (1 - LOSS_BY_SEVERITY[severity] / 100) * (1 - 0.8 * churn)
    readers = audience(engagement)
    factors = (
        Factor(name="loss", value=round(100 * (1 - stays), 2), note=f"severity {severity}, churn {churn:.0%}"),
        Factor(name="cause", value=CAUSE_WEIGHT.get(cause, 1.0), note=cause),
        Factor(name="reach", value=round(1 + math.log10(1 + readers), 3), note=f"about {readers:.0f} readers"),
        Factor(name="certainty", value=round(complaint, 3), note=f"complaint {complaint:.0%}"),
    )
    return Priority(value=round(math.prod(factor.value for factor in factors), 3), factors=factors)
