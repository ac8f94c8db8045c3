"""When people share what they have seen: the clock of the day and the memory kernel of the self-exciting process.

In a self-exciting point process (Hawkes 1971; for reshares SEISMIC, Zhao et al. 2015) the post and every share of it
excite further shares, each after a delay drawn from a memory kernel. Two things differ from SEISMIC. The platform tells
who shared from whom, so that the post's own shares and those of its shares are told apart, with a kernel each, and each
one's further children are estimated from those that it has. And time is the platform's: it runs fast when many are
awake and slow at night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from listener.triage.spread.cascade import ROOT, Cascade, Floats

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
ZONE: Final = 8 * HOUR
"""The platform that the memory was fitted on lives in UTC+8."""

_SAME_AS_ALL: Final = 0.35
"""Strength of the belief that a share has as many children as the average one (shape of its gamma prior)."""
_MOST: Final = 0.9
"""Children per share at which the process would not end are taken as this."""


@dataclass(frozen=True, slots=True)
class Memory:
    """`hours` (24,): activity in each hour of the local day, mean 1. `grid` (k,): delays in active seconds; `root`,
    `reply` (k,): the shares of children that have come by then, for the post itself and for shares of it."""

    hours: Floats
    grid: Floats
    root: Floats
    reply: Floats

    def active(self, posted_at: datetime | None, ages: Floats) -> Floats:
        """Ages in seconds as active seconds since the post; the same where nobody knows when it was posted."""
        if posted_at is None:
            return ages
        start = posted_at.timestamp() + ZONE
        return self._elapsed(start + ages) - self._elapsed(np.array(start))

    def _elapsed(self, local: Floats) -> Floats:
        days = np.floor(local / DAY)
        edges = np.concatenate(([0.0], np.cumsum(self.hours))) * HOUR
        return days * DAY + np.interp(local - days * DAY, np.arange(25) * HOUR, edges)

    def root_by(self, active: Floats) -> Floats:
        """Share of the post's own children that have come after `active` seconds."""
        return np.interp(np.log1p(active), np.log1p(self.grid), self.root)

    def reply_by(self, active: Floats) -> Floats:
        """Share of a share's children that have come after `active` seconds."""
        return np.interp(np.log1p(active), np.log1p(self.grid), self.reply)


@dataclass(frozen=True, slots=True)
class Excitation:
    """The process as estimated from what was seen. `branching`: children per share. `root_left`, `reply_left`: direct
    children still expected of the post and of its shares. `pressure`: shares seen over those that one child each
    would have brought by now (SEISMIC's infectiousness with equal audiences). `surprise`, `root_surprise`: shares in
    the last half of the time over those that the first half foretold; the trend of the infectiousness."""

    branching: float
    root_left: float
    reply_left: float
    pressure: float
    surprise: float
    root_surprise: float

    @property
    def left(self) -> float:
        """All shares still expected, with those of their descendants."""
        return (self.root_left + self.reply_left) / (1 - min(self.branching, _MOST))


def excite(cascade: Cascade, memory: Memory) -> Excitation:
    """Estimates the process in closed form; O(seen)."""
    at_root = cascade.parents == ROOT
    ages = memory.active(cascade.posted_at, np.append(cascade.seconds, (cascade.at, cascade.at / 2)))
    born, now, half = ages[:-2], ages[-2], ages[-1]
    shown = memory.reply_by(now - born)
    shown_root = float(memory.root_by(now))
    direct, replies = int(at_root.sum()), int((~at_root).sum())
    children = np.bincount(cascade.parents[~at_root], minlength=cascade.seen)
    branching = (replies + 2.0) / (float(shown.sum()) + 4.0)
    each = (_SAME_AS_ALL * branching + children) / (_SAME_AS_ALL + shown)
    early = cascade.seconds <= cascade.at / 2
    half_root = float(memory.root_by(half))
    half_shown = memory.reply_by(np.maximum(half - born[early], 0.0))
    foretold_root = int((at_root & early).sum()) * (shown_root - half_root) / max(half_root, 1e-3)
    foretold = foretold_root + branching * float((shown[early] - half_shown).sum())
    return Excitation(
        branching=branching,
        root_left=direct * (1 - shown_root) / max(shown_root, 1e-3),
        reply_left=float((each * (1 - shown)).sum()),
        pressure=(cascade.seen + 1) / (shown_root + float(shown.sum()) + 0.5),
        surprise=(int((~early).sum()) + 1) / (foretold + 1),
        root_surprise=(int((at_root & ~early).sum()) + 1) / (foretold_root + 1),
    )
