"""What people decided about which mentions belong together: must-link and cannot-link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.triage.incidents.marks import Marks

MOST: Final = 2000
"""Pairs of each kind that are remembered; the oldest are forgotten first."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of mention keys, each pair in order, oldest first."""

    must: tuple[Pair, ...] = ()
    cannot: tuple[Pair, ...] = ()

    def demand(self, key: str, marks: Marks, rows: NDArray[np.bool_]) -> bool:
        """Whether this mention must be with one of these."""
        return _meets(self.must, key, marks, rows)

    def forbid(self, key: str, marks: Marks, rows: NDArray[np.bool_]) -> bool:
        """Whether it must not be with one of these."""
        return _meets(self.cannot, key, marks, rows)

    def with_must(self, one: str, other: str) -> Links:
        """These two belong together; what was said before is taken back."""
        pair = _pair(one, other)
        return Links(_added(self.must, pair), tuple(old for old in self.cannot if old != pair))

    def with_cannot(self, one: str, other: str) -> Links:
        """These two do not."""
        pair = _pair(one, other)
        return Links(tuple(old for old in self.must if old != pair), _added(self.cannot, pair))


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one <= other else (other, one)


def _added(pairs: tuple[Pair, ...], pair: Pair) -> tuple[Pair, ...]:
    return (*(old for old in pairs if old != pair), pair)[-MOST:]


def _meets(pairs: tuple[Pair, ...], key: str, marks: Marks, rows: NDArray[np.bool_]) -> bool:
    partners = {one if other == key else other for one, other in pairs if key in (one, other)}
    return bool(partners) and any(marks.keys[row] in partners for row in np.flatnonzero(rows))
