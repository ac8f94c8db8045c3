"""How much more alike two mentions are than two of the brand's ordinary complaints.

Likeness is a product of three factors: place (language and source), cause (the chance that both have the same one) and
words (features in common, rare ones counting more). Divided by its mean over the brand's ordinary complaints it is a
density ratio: one on average for an ordinary mention, so that `log(1 + rho * ratio)` is a valid log-likelihood ratio
whatever the likeness is made of. Each of KERNELS leaves some factors out: a surge may be of one cause, of one language,
of one text, or of everything.
"""

from __future__ import annotations

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
_OTHER_LANGUAGE, _OTHER_SOURCE = 0.1, 0.5
_CAUSE_FLOOR, _WORDS_FLOOR = 0.05, 0.15
_WORDS_FULL, _WORDS_SCALE = 1.5, 4.0


def likeness(one: Mark, others: Marks, ordinary: Marks) -> Doubles:
    """Density ratios (len(KERNELS), n) of `others` as mentions of what `one` is about; a row a kernel."""
    features = np.sort(np.array(one.features, dtype=np.uint32))
    usual_words, known = _common(features, ordinary)
    rarity = _rarity(known, len(ordinary))
    words, _ = _common(features, others)
    found = _factors(one, others, words @ rarity)
    usual = _factors(one, ordinary, usual_words @ rarity)
    rows = []
    for names in KERNELS:
        raw, norm, prior = np.ones(len(others)), np.ones(len(ordinary)), 1.0
        for name in names:
            raw, norm, prior = raw * found[name], norm * usual[name], prior * _PRIOR[name]
        rows.append(raw / ((norm.sum() + _PRIOR_COUNT * prior) / (len(ordinary) + _PRIOR_COUNT)))
    return np.array(rows)


def _common(features: NDArray[np.uint32], marks: Marks) -> tuple[Doubles, Doubles]:
    """Which of some features (sorted) each mark has, (n, features) of 0 and 1, and how many marks have each."""
    has = np.zeros((len(marks), len(features)))
    if len(features) and len(marks):
        place = np.searchsorted(features, marks.features)
        place[place == len(features)] = 0
        rows, columns = np.nonzero(features[place] == marks.features)
        has[rows, place[rows, columns]] = 1.0
    return has, has.sum(axis=0)


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
