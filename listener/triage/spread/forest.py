"""A forest that answers with a distribution: how much larger will it get?

Every leaf holds how the cascades that fell into it went on: a histogram of the growth still to come, and mean and
deviation of the growth within a few hours. The answer is the mean of the leaves that a cascade reaches (quantile
regression forest, Meinshausen 2006, on extremely randomised trees, Geurts et al. 2006). Growth is
log((later + 1) / (seen + 1)). Plain arrays and numpy; nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from listener.triage.spread.cascade import Floats

LEAF: Final = 255
"""In `feature`: this node is a leaf, `right` is its row in the leaves' tables."""

FULL: Final = 255
_TOP: Final = 6.0
_ROWS: Final = 256
"""Cascades looked up at once: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Forest:
    """All trees one after the other; a node's left child is the next node.

    `roots` (trees,), `feature`, `threshold`, `right` (nodes,): go left where the feature is at most the threshold.
    `edges` (bins + 1,): bounds of the histogram's bins. `mass` (leaves, bins): parts of 255. `mean`, `deviation`
    (leaves, horizons): growths as `coded`.
    """

    roots: npt.NDArray[np.int32]
    feature: npt.NDArray[np.uint8]
    threshold: npt.NDArray[np.float32]
    right: npt.NDArray[np.int32]
    edges: Floats
    mass: npt.NDArray[np.uint8]
    mean: npt.NDArray[np.uint8]
    deviation: npt.NDArray[np.uint8]

    def leaves(self, rows: Floats) -> npt.NDArray[np.int64]:
        """(n, trees): the leaf that each row of features (n, features) reaches in each tree."""
        values = rows.astype(np.float32)
        node = np.broadcast_to(self.roots.astype(np.int64), (len(rows), len(self.roots))).copy()
        index = np.arange(len(rows))[:, None]
        while (inner := self.feature[node] != LEAF).any():
            feature = np.where(inner, self.feature[node], 0)
            left = values[index, feature] <= self.threshold[node]
            node = np.where(inner, np.where(left, node + 1, self.right[node]), node)
        return self.right[node].astype(np.int64)

    def ask(self, rows: Floats) -> Answers:
        """What the forest expects of each row."""
        parts = [self._ask(rows[start : start + _ROWS]) for start in range(0, max(len(rows), 1), _ROWS)]
        return Answers(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Answers)))

    def _ask(self, rows: Floats) -> Answers:
        leaves = self.leaves(rows)
        mass = self.mass[leaves].astype(np.float64).sum(axis=1)
        means = _decoded(self.mean[leaves])
        spread = (_decoded(self.deviation[leaves]) ** 2 + means**2).mean(axis=1)
        mean = means.mean(axis=1)
        return Answers(
            mass=mass / np.maximum(mass.sum(axis=1, keepdims=True), 1.0),
            mean=mean,
            deviation=np.sqrt(np.maximum(spread - mean**2, 0.0)),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything by name, for `numpy.savez`."""
        return {f.name: getattr(self, f.name) for f in fields(Forest)}

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Forest:
        """From `arrays`. Raises KeyError where one is missing."""
        return cls(**{f.name: arrays[f.name] for f in fields(Forest)})


@dataclass(frozen=True, slots=True)
class Answers:
    """`mass` (n, bins) sums to 1 in each row; `mean`, `deviation` (n, horizons) of the growth within the horizons."""

    mass: Floats
    mean: Floats
    deviation: Floats


def coded(growth: Floats) -> npt.NDArray[np.uint8]:
    """Growths in one byte each, finest near none."""
    return np.asarray(np.round(FULL * np.sqrt(np.clip(growth / _TOP, 0.0, 1.0))), dtype=np.uint8)


def _decoded(code: npt.NDArray[np.uint8]) -> Floats:
    return np.asarray((code / FULL) ** 2 * _TOP, dtype=np.float64)


def quantile(edges: Floats, mass: Floats, level: float) -> float:
    """The growth below which `level` of one row's mass lies; even within a bin."""
    below = np.concatenate(([0.0], np.cumsum(mass)))
    bin_ = min(int(np.searchsorted(below, level * below[-1], side="right")) - 1, len(mass) - 1)
    inside = (level * below[-1] - below[bin_]) / mass[bin_] if mass[bin_] > 0 else 0.0
    return float(edges[bin_] + min(max(inside, 0.0), 1.0) * (edges[bin_ + 1] - edges[bin_]))


def level(edges: Floats, mass: Floats, growth: float) -> float:
    """The part of one row's mass below a growth; the inverse of `quantile`."""
    below = np.concatenate(([0.0], np.cumsum(mass)))
    return float(np.interp(growth, edges, below / below[-1]))


def most_hits(edges: Floats, mass: Floats, tolerance: float) -> float:
    """The growth that most probably misses the true size by less than `tolerance`, as a part of the true size.

    This is the best answer under the median absolute percentage error: a mode seen through a window as wide as the
    errors that cannot be avoided, lying below the median where the distribution has a long tail. The window's edge is
    soft, since a histogram of few leaves is rough.
    """
    inside = (np.arange(_POINTS) + 0.5) / _POINTS
    points = (edges[:-1, None] + np.diff(edges)[:, None] * inside).ravel()
    weight = np.repeat(mass / _POINTS, _POINTS)
    held = weight > 0
    lowest, highest = quantile(edges, mass, 0.02), quantile(edges, mass, 0.98)
    candidates = np.linspace(lowest, highest, _CANDIDATES)
    error = np.abs(np.expm1(candidates[:, None] - points[None, held]))
    miss = np.clip((error - tolerance) / (_SOFTNESS * tolerance), -30.0, 30.0)
    return float(candidates[((1 / (1 + np.exp(miss))) @ weight[held]).argmax()])


_POINTS: Final = 4
_CANDIDATES: Final = 120
_SOFTNESS: Final = 0.36
