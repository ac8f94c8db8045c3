"""Which posts people label so that we know what is missed, and what their labels say of it. Pure.

Posts of a week are drawn at random within strata: those that the classifier flagged, those that it nearly flagged, and
the many others; so each has a known probability, and few labels say much. Recall is the share of complaints that were
flagged: each stratum's number of complaints is its size times the share of complaints among its labelled posts. The
interval takes these shares as Beta distributed (Jeffreys' prior, as recommended for proportions by Brown, Cai &
DasGupta 2001) and draws from all strata at once.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

FLAGGED: Final = "flagged"
NEAR: Final = "near"
FAR: Final = "far"
QUOTA: Final[Mapping[str, int]] = {FLAGGED: 20, NEAR: 50, FAR: 50}
"""Posts a week."""
_NEAR: Final = 0.15
"""Probability of a complaint from which an unflagged post is nearly one."""
_DRAWS: Final = 4000
_COVER: Final = 0.95


def stratum(complaint: float, flagged: bool) -> str:
    """Where a scored post belongs."""
    if flagged:
        return FLAGGED
    return NEAR if complaint >= _NEAR else FAR


def week_before(now: datetime) -> tuple[str, datetime, datetime]:
    """The last whole week: its ISO name (`2026-W47`), its beginning and its end (UTC)."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = today - timedelta(days=today.weekday())
    begin = end - timedelta(days=7)
    year, number, _ = begin.isocalendar()
    return f"{year}-W{number:02d}", begin, end


@dataclass(frozen=True, slots=True)
class Drawn:
    """`chosen`: ids by stratum; `sizes`: how many posts each stratum had."""

    chosen: Mapping[str, tuple[int, ...]]
    sizes: Mapping[str, int]

    def probability(self, name: str) -> float:
        """With which each post of a stratum was drawn."""
        return len(self.chosen[name]) / self.sizes[name]


def draw(posts: Iterable[tuple[int, str]], seed: str, quota: Mapping[str, int] = QUOTA) -> Drawn:
    """From (id, stratum) pairs, whatever their number, at most `quota` of each stratum, each equally likely.

    The same posts and seed give the same sample (reservoir sampling, Vitter 1985).
    """
    rnd = random.Random(seed)  # noqa: S311 - who is labelled is no secret
    sizes = dict.fromkeys(quota, 0)
    chosen: dict[str, list[int]] = {name: [] for name in quota}
    for one, name in posts:
        sizes[name] += 1
        kept = chosen[name]
        if len(kept) < quota[name]:
            kept.append(one)
        elif (place := rnd.randrange(sizes[name])) < quota[name]:
            kept[place] = one
    return Drawn(
        {name: tuple(sorted(ids)) for name, ids in chosen.items() if ids}, {n: s for n, s in sizes.items() if s}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One stratum: `posts` in all, `labelled` of those drawn, `complaints` among these."""

    stratum: str
    posts: int
    labelled: int
    complaints: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Share of complaints that were flagged, with its 95% interval; `missed`: complaints that were not, about."""

    recall: float
    low: float
    high: float
    missed: float
    labelled: int


def recall(strata: Sequence[Counted]) -> Recall | None:
    """None until somebody labelled posts of every stratum that has any, and found a complaint."""
    strata = [one for one in strata if one.posts]
    if not strata or any(one.labelled == 0 for one in strata) or not any(one.complaints for one in strata):
        return None
    inside = {True: 0.0, False: 0.0}
    found = np.zeros((2, _DRAWS))
    rnd = np.random.default_rng(0)
    for one in strata:
        flagged = one.stratum == FLAGGED
        inside[flagged] += one.posts * one.complaints / one.labelled
        shares = rnd.beta(one.complaints + 0.5, one.labelled - one.complaints + 0.5, _DRAWS)
        found[int(flagged)] += one.posts * shares
    drawn = found[1] / (found[0] + found[1])
    tail = (1 - _COVER) / 2
    low, high = (float(value) for value in np.quantile(drawn, (tail, 1 - tail)))
    estimate = inside[True] / (inside[True] + inside[False])
    return Recall(
        recall=estimate,
        low=min(low, estimate),
        high=max(high, estimate),
        missed=inside[False],
        labelled=sum(one.labelled for one in strata),
    )
