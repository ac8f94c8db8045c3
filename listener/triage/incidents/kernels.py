"""How much more alike two mentions are than two of the brand's ordinary complaints.

Likeness is a product of three factors: place (language and source), cause (the chance that both have the same one) and
words (features in common, rare ones counting more). Divided by its mean over the brand's ordinary complaints it is a
density ratio: one on average for an ordinary mention, so that `log(1 + rho * ratio)` is a valid log-likelihood ratio
whatever the likeness is made of. Each of KERNELS leaves some factors out: a surge may be of one cause, of one language,
of one text, or of everything.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.triage.incidents.marks import Mark, Marks

Doubles = NDArray[np.float64]

KERNELS: Final = ((), ("words",), ("cause", "words"), ("place", "cause", "words"))
"""Factors of each; the first takes all mentions as alike."""

_PRIOR: Final = {"place": 0.9, "cause": 0.4, "words": 0.45}
"""Mean likeness of ordinary complaints before any are known, worth _PRIOR_COUNT of them."""
_PRIOR_COUNT: Final = 10.0
_PRIORS: Final = np.array([math.prod(_PRIOR[name] for name in names) for names in KERNELS])
_OTHER_LANGUAGE, _OTHER_SOURCE = 0.1, 0.5
_CAUSE_FLOOR, _WORDS_FLOOR = 0.05, 0.15
_WORDS_FULL, _WORDS_SCALE = 1.5, 4.0


def likeness(one: Mark, others: Marks, ordinary: Marks) -> Doubles:
    """Density ratios (len(KERNELS), n) of `others` as mentions of what `one` is about; a row a kernel."""
    return Likeness(one, ordinary).of(others)


class Likeness:
    """How much like one mention others are; what the brand's ordinary complaints say of it is worked out once."""

    def __init__(self, one: Mark, ordinary: Marks) -> None:
        self._one = one
        self._features = np.sort(np.array(one.features, dtype=np.uint32))
        has = _common(self._features, ordinary)
        self._rarity = _rarity(has.sum(axis=0), len(ordinary))
        usual = _products(_factors(one, ordinary, has @ self._rarity))
        count = len(ordinary) + _PRIOR_COUNT
        self._usual = (usual.sum(axis=1) + _PRIOR_COUNT * _PRIORS)[:, None] / count

    def of(self, others: Marks) -> Doubles:
        """Density ratios (len(KERNELS), n)."""
        words = _common(self._features, others) @ self._rarity
        return np.asarray(_products(_factors(self._one, others, words)) / self._usual, dtype=np.float64)


def _products(found: dict[str, Doubles]) -> Doubles:
    """(len(KERNELS), n): each kernel's factors, multiplied."""
    products = np.ones((len(KERNELS), len(found["words"])))
    for row, names in enumerate(KERNELS):
        for name in names:
            products[row] *= found[name]
    return products


def _common(features: NDArray[np.uint32], marks: Marks) -> Doubles:
    """Which of some features (sorted) each mark has, (n, features) of 0 and 1."""
    has = np.zeros((len(marks), len(features)))
    if len(features) and len(marks):
        place = np.searchsorted(features, marks.features)
        place[place == len(features)] = 0
        rows, columns = np.nonzero(features[place] == marks.features)
        has[rows, place[rows, columns]] = 1.0
    return has


def _rarity(known: Doubles, count: int) -> Doubles:
    """Weight of features that so many of `count` ordinary marks have: one for a new one, falling with its share."""
    return np.asarray(np.log((count + 4.0) / (known + 0.5)) / np.log((count + 4.0) / 0.5), dtype=np.float64)


def _factors(one: Mark, others: Marks, common: Doubles) -> dict[str, Doubles]:
    """`common` is the weight of the words in common with each of `others`."""
    return {
        "place": np.where(others.place == one.place, 1.0, _OTHER_LANGUAGE)
        * np.where(others.source == one.source, 1.0, _OTHER_SOURCE),
        "cause": _CAUSE_FLOOR + others.causes @ np.array(one.causes, dtype=np.float32),
        "words": _WORDS_FLOOR + np.minimum(_WORDS_FULL, common / _WORDS_SCALE),
    }
