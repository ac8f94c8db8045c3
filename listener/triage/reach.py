"""How many people a post has reached, and will: from the platform's counts where there are any, else a prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from listener.settings.early import Figure, Value
from listener.triage.spread import Total, forecast_totals
from listener.types import Engagement

HOURS: Final = (1, 6, 24)
"""Horizons that people are told, besides the end."""
_MOST: Final = 30
"""Counts of a post's history that are looked at: the newest."""
_FEWEST: Final = {"shares": 10, "views": 1000}
"""Below so many, or in the first minutes, growth is chance: no forecast is better than a wild one. What the curve is
fitted on went far, so it says too much of posts that do not."""
_SOONEST: Final = 600.0
"""Age in seconds from which a count says something of growth."""


@dataclass(frozen=True, slots=True)
class People:
    """A number of people with its range."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Shares (or views) so far; what `counted` says; predicted within HOURS and in the end."""

    counted: str
    seen: int
    within: tuple[Total, ...]
    final: Total


@dataclass(frozen=True, slots=True)
class Reach:
    """People who have read it (`so_far`) and who will (`more`), from what (`basis`), and the forecast, if any."""

    so_far: People
    more: People
    basis: str
    spread: Spread | None = None


def reach(history: Sequence[Engagement], channel: str | None, posted_at: datetime, value: Value) -> Reach:
    """`history`: the post's counts, oldest first; perhaps none."""
    if not history or not _told(history[-1]):
        prior = value.of_channel(channel)
        return Reach(
            People(prior.value, prior.low, prior.high), People(0, 0, 0), f"assumed for {channel or 'any place'}"
        )
    latest = history[-1]
    coming = spread(history, channel, posted_at)
    if latest.views is not None:
        so_far = People(latest.views, latest.views, latest.views)
        return Reach(so_far, _more(coming, latest, value), "views counted", coming)
    by_followers, by_share = value.followers_seen, value.share_readers
    touched = (latest.likes or 0) + (latest.replies or 0)

    def read(part: float, each: float) -> float:
        return max((latest.followers or 0) * part + (latest.shares or 0) * each, touched)

    so_far = People(
        read(by_followers.value, by_share.value),
        read(by_followers.low, by_share.low),
        read(by_followers.high, by_share.high),
    )
    return Reach(so_far, _more(coming, latest, value), "followers, shares and reactions counted", coming)


def spread(history: Sequence[Engagement], channel: str | None, posted_at: datetime) -> Spread | None:
    """How the shares, or where these are not told the views, go on; None where there are too few to tell."""
    for counted in ("shares", "views"):
        series = {
            max(1.0, (one.at - posted_at).total_seconds()): float(number)
            for one in history[-_MOST:]
            if (number := getattr(one, counted)) is not None
        }
        if series and max(series) >= _SOONEST and (seen := max(series.values())) >= _FEWEST[counted]:
            times = sorted(series)
            numbers = [series[at] for at in times]
            ahead = (*(hours * 3600.0 for hours in HOURS), float("inf"))
            *within, final = forecast_totals(times, numbers, channel or "", ahead=ahead)
            return Spread(counted, int(seen), tuple(within), final)
    return None


def _told(counts: Engagement) -> bool:
    return any(
        number is not None for number in (counts.views, counts.followers, counts.shares, counts.likes, counts.replies)
    )


def _more(coming: Spread | None, latest: Engagement, value: Value) -> People:
    if coming is None:
        return People(0, 0, 0)
    if coming.counted == "views":
        per = Figure(1, 1, 1, "")
    elif latest.views and latest.shares:
        each = latest.views / latest.shares
        per = Figure(min(value.share_readers.value, each), min(value.share_readers.low, each), each, "")
    else:
        per = value.share_readers
    final, seen = coming.final, coming.seen
    return People(
        max(0.0, final.predicted - seen) * per.value,
        max(0.0, final.low - seen) * per.low,
        max(0.0, final.high - seen) * max(per.high, per.value),
    )
