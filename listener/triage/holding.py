"""When a case that somebody holds goes back to the queue by itself: nothing was sent, and nobody is at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from listener.triage.hours import closes_at, worked
from listener.triage.people import Member

WhyBack: TypeAlias = Literal["silent", "shift_end"]


def goes_back(
    holder: Member | None,
    *,
    touched_at: datetime,
    kept_until: datetime | None,
    answered: bool,
    after: timedelta,
    now: datetime,
) -> WhyBack | None:
    """Why it goes back now, or None while it stays.

    After a first answer the owner stays, whatever happens: the customer knows them. Before, it goes back once the
    holder did nothing on it for `after` of their working time (a lunch break is no silence), or when the shift ends in
    which they last did something, unless they said until when they keep it. Whoever works outside of any shift is
    counted on the wall.
    """
    if answered or (kept_until is not None and now < kept_until):
        return None
    hours = holder.hours if holder else None
    shift_end = closes_at(hours, touched_at)
    if shift_end is not None and now >= shift_end:
        return "shift_end"
    silence = worked(hours, touched_at, now) if shift_end is not None else now - touched_at
    return "silent" if silence >= after else None
