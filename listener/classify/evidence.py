"""From a share in the log-odds for each code point to the few spans that a person should read.

Shares are smoothed over words by construction (a window's weight is spread over what it covers). A span is a stretch
of highest total share; after the strongest is taken the next is sought in what is left, as with repeated maximum
subarrays (Ruzzo & Tompa 1999 find all of them at once; posts are short enough for the plain way).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.types import Evidence

MOST: Final = 5
LONGEST: Final = 40
"""Code points of one span: longer is no longer evidence but the post."""
_LEAST: Final = 0.05
"""A span that adds less log-odds than this says nothing."""


def spans(text: str, shares: NDArray[np.float64], most: int = MOST) -> tuple[Evidence, ...]:
    """The strongest spans of `text`, in reading order; `shares` (len(text),) in log-odds."""
    units = _units(text)
    gains = np.array([shares[a:b].sum() for a, b in units])
    free = np.ones(len(units), dtype=bool)
    found: list[Evidence] = []
    while len(found) < most:
        best = _strongest(gains, free, units)
        if best is None:
            break
        first, last, weight = best
        free[max(first - 1, 0) : last + 2] = False
        start, end = units[first][0], units[last][1]
        found.append(Evidence(text=text[start:end], start=start, end=end, weight=round(weight, 4)))
    return tuple(sorted(found, key=lambda span: span.start))


def _units(text: str) -> list[tuple[int, int]]:
    """What a span may begin or end at: runs of ASCII letters and digits stay whole, other characters stand alone."""
    units: list[tuple[int, int]] = []
    for at, char in enumerate(text):
        if char.isspace():
            continue
        joins = char.isascii() and (char.isalnum() or char in "'’")
        if joins and units and units[-1][1] == at and text[at - 1].isascii() and text[at - 1].isalnum():
            units[-1] = (units[-1][0], at + 1)
        else:
            units.append((at, at + 1))
    return units


def _strongest(
    gains: NDArray[np.float64], free: NDArray[np.bool_], units: list[tuple[int, int]]
) -> tuple[int, int, float] | None:
    """First and last unit and total of the best stretch of free units, at most LONGEST code points long."""
    best: tuple[int, int, float] | None = None
    total, first = 0.0, 0
    for at in range(len(units)):
        if not free[at]:
            total, first = 0.0, at + 1
            continue
        if total <= 0:
            total, first = 0.0, at
        total += float(gains[at])
        while units[at][1] - units[first][0] > LONGEST and first < at:
            total -= float(gains[first])
            first += 1
        if total > (best[2] if best else _LEAST):
            best = (first, at, total)
    return best
