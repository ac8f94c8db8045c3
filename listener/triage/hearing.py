"""How much a source should be heard, from its own past, and whether its silence can be chance. Pure.

The expected number of an hour is the mean of the same hour of the week over the past weeks, drawn towards the hour of
the day and the mean of all hours as long as little is known (a gamma prior, as in Clayton & Kaldor 1987). Counts are
taken as negative binomial: real sources come in bursts, so that a Poisson law would cry silence far too often.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ENOUGH: Final = timedelta(days=3)
"""Less than this past says nothing of what is usual."""
PAST: Final = timedelta(weeks=4)
IMPROBABLE: Final = 1e-3
"""A silence that a source's own past explains less often than this is told."""
_WEIGHT: Final = 2.0
"""How many observed hours the wider mean counts for."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hearing:
    """`expected`: posts this hour; `silent_for`: since the last one; `chance`: of such a silence, 1 where unknown.

    `known` is False while the past is too short to tell.
    """

    expected: float
    silent_for: timedelta | None
    chance: float
    known: bool

    @property
    def is_silent(self) -> bool:
        """Whether the silence is beyond what the source's own past explains."""
        return self.known and self.chance < IMPROBABLE


def hearing(
    hours: Mapping[datetime, int], now: datetime, *, last_item_at: datetime | None, listening_since: datetime | None
) -> Hearing:
    """`hours`: posts by hour of arrival (UTC), none where nothing came; `listening_since`: its first hour."""
    silent = None if last_item_at is None else max(now - last_item_at, timedelta(0))
    began = max(filter(None, (listening_since, now - PAST)), default=None)
    if listening_since is None or began is None or now - began < ENOUGH:
        return Hearing(_recent_mean(hours, now, began), silent, 1.0, known=False)
    rate = _Rates(hours, began, now)
    expected = rate.at(now)
    if silent is None:
        silent = now - began
    mean = _between(rate, max(now - silent, now - timedelta(days=7)), now)
    return Hearing(expected, silent, _chance_of_none(mean, rate.burstiness), known=True)


class _Rates:
    """Expected posts of any hour."""

    def __init__(self, hours: Mapping[datetime, int], began: datetime, now: datetime) -> None:
        first = began.replace(minute=0, second=0, microsecond=0)
        last = now.replace(minute=0, second=0, microsecond=0)
        span = int((last - first) / _HOUR)
        counts = [(first + number * _HOUR, hours.get(first + number * _HOUR, 0)) for number in range(span)]
        self._mean = sum(count for _, count in counts) / max(len(counts), 1)
        self._of_day = _means(counts, lambda at: at.hour)
        self._of_week = _means(counts, lambda at: at.weekday() * 24 + at.hour)
        self.burstiness = self._dispersion(counts)

    def at(self, moment: datetime) -> float:
        """Posts expected in the hour of `moment`."""
        total, number = self._of_day.get(moment.hour, (0, 0))
        of_day = (total + _WEIGHT * self._mean) / (number + _WEIGHT)
        total, number = self._of_week.get(moment.weekday() * 24 + moment.hour, (0, 0))
        return (total + _WEIGHT * of_day) / (number + _WEIGHT)

    def _dispersion(self, counts: list[tuple[datetime, int]]) -> float:
        """The k of a negative binomial by moments; small is bursty."""
        squared = sum((count - self.at(at)) ** 2 for at, count in counts)
        means = [self.at(at) for at, _ in counts]
        excess = squared - sum(means)
        return min(max(sum(mean**2 for mean in means) / excess, 0.05), 1e3) if excess > 0 else 1e3


def _means(counts: list[tuple[datetime, int]], key: Callable[[datetime], int]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for at, count in counts:
        name = key(at)
        total, number = found.get(name, (0, 0))
        found[name] = (total + count, number + 1)
    return found


def _between(rate: _Rates, start: datetime, end: datetime) -> float:
    """Posts expected from `start` to `end`."""
    total, at = 0.0, start
    while at < end:
        following = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, end)
        total += rate.at(at) * ((following - at) / _HOUR)
        at = following
    return total


def _chance_of_none(mean: float, k: float) -> float:
    """P(0) of a negative binomial with this mean and dispersion."""
    return math.exp(-k * math.log1p(mean / k))


def _recent_mean(hours: Mapping[datetime, int], now: datetime, began: datetime | None) -> float:
    if began is None:
        return 0.0
    return sum(hours.values()) / max((now - began) / _HOUR, 1.0)
