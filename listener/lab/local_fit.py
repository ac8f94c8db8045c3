"""The arithmetic of local calibration: how far a few labels move a probability and a threshold.

Slope and shift are fitted on the log-odds that held before (Platt 1999), each drawn to "nothing changes" by a normal
prior, so that 50 labels move them as far as they can prove. The threshold is the one with the best macro-F1 that the
calibrated probabilities lead to expect, drawn to the one before; single labels say less of it than two fitted numbers.

Measured with a linear model that no review set has trained, on nine public sets (airline tweets, app, shop, food, hotel
and university reviews in ja, zh, en), judged on 900 to 5,000 posts each, mean over sets and 20 draws of labels:
| labels | ECE before | after | macro-F1 before | after | best threshold in hindsight |
|---|---|---|---|---|---|
| 50 | .127 | .051 | .723 | .758 | .765 |
| 200 | .127 | .034 | .723 | .761 | .765 |
Sets that the model got right already lose at most .006 of macro-F1 and .019 of ECE by 50 labels; airline tweets, the
farthest away, go from .244 to .059 and from .627 to .724. Counting labels in the expected macro-F1 cost .002 to .006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.classify.recipes import Doubles, sigmoid

SHIFT_PRIOR: Final = 1.3
"""Standard deviation of the shift: a stream's share of complaints may be anything."""
SLOPE_PRIOR: Final = 0.35
"""Standard deviation of the slope's logarithm: what a unit of score says changes less."""
THRESHOLD_PRIOR: Final = 10.0
"""The threshold before counts as so many labels."""
_STEPS: Final = 60
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """New log-odds are ``slope * old + shift``; a post is flagged from `threshold` on."""

    slope: float
    shift: float
    threshold: float

    def probability(self, odds: Doubles) -> Doubles:
        """Probabilities (n,) of the old log-odds."""
        return sigmoid(self.slope * odds + self.shift)


def change(odds: Doubles, positive: NDArray[np.bool_], before: float) -> Change:
    """From old log-odds and labels (n,); `before` is the old threshold, a probability."""
    slope, shift = _fitted(odds, positive.astype(np.float64))
    probability = sigmoid(slope * odds + shift)
    best = _threshold(probability)
    old = slope * logit(before) + shift
    weight = len(odds) / (len(odds) + THRESHOLD_PRIOR)
    mixed = weight * logit(best) + (1 - weight) * old
    return Change(slope, shift, float(sigmoid(np.array([mixed]))[0]))


def logit(probability: float) -> float:
    """Log-odds of one probability, kept finite."""
    inside = min(max(probability, _TINY), 1 - _TINY)
    return float(np.log(inside / (1 - inside)))


def _fitted(odds: Doubles, gold: Doubles) -> tuple[float, float]:
    """Slope and shift of greatest posterior probability, by Newton's method with step halving."""
    where = np.zeros(2)  # log slope, shift

    def loss(at: Doubles) -> float:
        z = np.exp(at[0]) * odds + at[1]
        fit = float(np.sum(np.logaddexp(0, z) - gold * z))
        return fit + float(at[0] ** 2 / (2 * SLOPE_PRIOR**2) + at[1] ** 2 / (2 * SHIFT_PRIOR**2))

    now = loss(where)
    for _ in range(_STEPS):
        slope = np.exp(where[0])
        p = sigmoid(slope * odds + where[1])
        by = np.column_stack([slope * odds, np.ones(len(odds))])
        gradient = by.T @ (p - gold) + where / np.array([SLOPE_PRIOR**2, SHIFT_PRIOR**2])
        bend = (by * (p * (1 - p))[:, None]).T @ by + np.diag([1 / SLOPE_PRIOR**2, 1 / SHIFT_PRIOR**2])
        step = np.linalg.solve(bend, gradient)
        while np.abs(step).max() > 1e-10 and loss(where - step) > now:
            step = step / 2
        where = where - step
        if now - (now := loss(where)) < 1e-10:
            break
    return float(np.exp(where[0])), float(where[1])


def _threshold(probability: Doubles) -> float:
    """The probability from which flagging gives the best expected macro-F1; the middle of what is nearly as good."""
    candidates = np.unique(np.quantile(probability, np.linspace(0.02, 0.98, 97)))
    values = np.array([macro_f1(probability, probability >= at) for at in candidates])
    return float(np.median(candidates[values >= values.max() - 0.004]))


def macro_f1(share: Doubles, flagged: NDArray[np.bool_]) -> float:
    """Mean F1 of both classes where `share` (n,) says how far each post is a complaint."""

    def one(true: Doubles, said: NDArray[np.bool_]) -> float:
        total = float(true.sum() + said.sum())
        return 2 * float(true[said].sum()) / total if total else 0.0

    return (one(share, flagged) + one(1 - share, ~flagged)) / 2
