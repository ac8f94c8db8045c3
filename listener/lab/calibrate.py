"""Scores into probabilities, and probabilities into a decision: fitted on scores of posts the model did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify.recipes import UNKNOWN, Doubles, Scores, Targets, sigmoid
from listener.lab.data import Example
from listener.lab.metrics import best_threshold

_ENOUGH: Final = 50
"""With so many real posts of a language, complaints and others each, they alone set its probabilities."""
_LEAST_SLOPE: Final = 0.05
"""Calibration stretches scores; it never turns them round, whatever a handful of odd posts may say."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """(slope, intercept) by head and language, thresholds and shares of complaints by language."""

    maps: dict[str, dict[str, tuple[float, float]]]
    thresholds: dict[str, float]
    base_rates: dict[str, float]


def calibrate(examples: Sequence[Example], gold: Targets, scores: Scores) -> Calibration:
    """From out-of-fold scores of `examples`.

    Probabilities follow the real posts of a language where there are enough; the threshold is the best compromise
    between families, each of which counts the same.
    """
    maps: dict[str, dict[str, tuple[float, float]]] = {"complaint": {}, "churn": {}}
    thresholds: dict[str, float] = {}
    rates: dict[str, float] = {}
    langs = np.array([example.lang for example in examples])
    families = np.array([example.family for example in examples])
    for lang in sorted(set(langs.tolist())):
        here = np.flatnonzero((langs == lang) & (gold.complaint != UNKNOWN))
        positive = gold.complaint[here] == 1
        judges = _judges(families[here], positive)
        slope, shift = platt(scores.complaint[here][judges], positive[judges])
        maps["complaint"][lang] = slope, shift
        probability = sigmoid(slope * scores.complaint[here] + shift)
        thresholds[lang] = round(best_threshold(positive, probability, _equal(families[here])), 4)
        rates[lang] = round(float(positive[judges].mean()), 4)
        leaving = here[gold.churn[here] != UNKNOWN]
        if len(leaving):
            maps["churn"][lang] = _churn(scores.churn[leaving], gold.churn[leaving] == 1)
    return Calibration(maps, thresholds, rates)


def platt(scores: Doubles, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept that make log-odds of scores (Platt 1999, with his smoothed targets)."""
    from sklearn.linear_model import LogisticRegression

    if positive.all() or not positive.any():
        return 1.0, 0.0
    hits, misses = int(positive.sum()), int((~positive).sum())
    # His targets (n+ + 1)/(n+ + 2) and 1/(n- + 2) as weights on both labels of every score.
    high, low = (hits + 1) / (hits + 2), 1 / (misses + 2)
    target = np.where(positive, high, low)
    model = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000)
    model.fit(
        np.concatenate([scores, scores])[:, None],
        np.repeat([1, 0], len(scores)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    slope = float(model.coef_[0, 0])
    if slope >= _LEAST_SLOPE:
        return round(slope, 6), round(float(model.intercept_[0]), 6)
    return _LEAST_SLOPE, round(float(np.log(hits / misses) - _LEAST_SLOPE * scores.mean()), 6)


def _churn(scores: Doubles, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """As `platt`, then moved so that one half is the probability with the best F1 on those who leave."""
    slope, shift = platt(scores, positive)
    if positive.all() or not positive.any():
        return slope, shift
    probability = sigmoid(slope * scores + shift)
    candidates = np.unique(np.quantile(probability, np.linspace(0.5, 0.995, 100)))
    values = []
    for at in candidates:
        said = probability >= at
        values.append(2 * int((said & positive).sum()) / (int(said.sum()) + int(positive.sum())))
    best = float(np.median(candidates[np.array(values) >= max(values) - 0.004]))
    return slope, round(shift - float(np.log(best / (1 - best))), 6)


def _judges(families: NDArray[Any], positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    real = (families == "real") | (families == "labels")
    enough = min((real & positive).sum(), (real & ~positive).sum()) >= _ENOUGH
    return real if enough else np.ones(len(families), dtype=bool)


def _equal(families: NDArray[Any]) -> Doubles:
    names, where, counts = np.unique(families, return_inverse=True, return_counts=True)
    return np.asarray((1 / (len(names) * counts))[where], dtype=np.float64)
