"""How much the opinions of linear heads and of the encoder count, learnt on posts that neither of them has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify.encoder import Encoder
from listener.classify.recipes import SEVERITY_LEVELS, UNKNOWN, Doubles, Scores, Targets
from listener.classify.recipes.linear import Linear
from listener.classify.recipes.staged import log_softmax, opinions
from listener.lab import data
from listener.lab.calibrate import platt
from listener.lab.data import Example
from listener.lab.metrics import auc, macro_f1
from listener.text import language
from listener.types import CAUSES, LANGUAGES

_WEIGHTS: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
_TILTS: Final = (0.0, 0.35, 0.7, 1.0)
"""How far rare codes are raised: by so much of the logarithm of how rare they are."""


def fit(
    arrays: Mapping[str, NDArray[Any]],
    examples: Sequence[Example],
    learnt: NDArray[np.bool_],
    weighed: NDArray[np.bool_],
) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
    """`blend.LANG` for each language, and what each opinion reaches on the posts that were weighed (AUC)."""
    encoder = Encoder(arrays)
    found: dict[str, NDArray[np.float64]] = {}
    figures: dict[str, Any] = {}
    reviews = np.array([example.family == "reviews" for example in examples], dtype=bool)
    for lang in LANGUAGES:
        here = np.array([example.lang == lang for example in examples], dtype=bool)
        fitted, judged = np.flatnonzero(here & (learnt | reviews)), np.flatnonzero(here & weighed)
        linear = Linear().fit(
            [examples[at].text for at in fitted.tolist()], [lang] * len(fitted), _gold(examples, fitted)
        )
        texts = [examples[at].text for at in judged.tolist()]
        logits, first = linear.opinions(texts, lang)
        second = encoder.answers(texts, simplify=language(lang).variants)
        gold = _gold(examples, judged)
        found[f"blend.{lang}"], figures[lang] = weigh(logits, first, second, gold)
    return found, {"weighed": figures}


def weigh(logits: Doubles, first: Scores, second: Scores, gold: Targets) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """The numbers of `listener.classify.recipes.staged.Blend` in their order, and figures."""
    positive = gold.complaint == 1
    complaint = _logistic(opinions(logits, second.complaint)[:, :-1], positive, gold.weight)
    codes = ((gold.severity - 1, SEVERITY_LEVELS), (gold.cause, len(CAUSES)))
    tilts = np.concatenate([_rarity(values[positive], count) for values, count in codes])
    severe, caused = positive & (gold.severity > 0), positive & (gold.cause >= 0)
    last = SEVERITY_LEVELS
    one, tilt = _detail(first.severity[severe], second.severity[severe], gold.severity[severe] - 1, tilts[:last])
    other, tilted = _detail(first.cause[caused], second.cause[caused], gold.cause[caused], tilts[last:])
    told = gold.churn != UNKNOWN
    churn = _logistic(np.column_stack([first.churn, second.churn])[told], gold.churn[told] == 1, gold.weight[told])
    alone = platt(first.complaint, positive)
    values = np.concatenate([complaint, alone, [one, other], churn, tilt * tilts[:last], tilted * tilts[last:]])
    both = opinions(logits, second.complaint) @ complaint
    figures = {
        family: {
            "n": int(rows.sum()),
            "first": _rounded(auc(positive[rows], first.complaint[rows])),
            "second": _rounded(auc(positive[rows], second.complaint[rows])),
            "both": _rounded(auc(positive[rows], both[rows])),
        }
        for family, rows in (("real", ~gold.written), ("corpus", gold.written))
    }
    return values, figures


def _gold(examples: Sequence[Example], rows: NDArray[np.int64]) -> Targets:
    return data.targets([examples[at] for at in rows.tolist()])


def _logistic(columns: Doubles, positive: NDArray[np.bool_], weight: Doubles) -> Doubles:
    """Weights of the columns and, last, a constant."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=1000, tol=1e-6).fit(columns, positive, sample_weight=weight)
    return np.append(model.coef_[0], model.intercept_)


def _rarity(codes: NDArray[np.int64], count: int) -> Doubles:
    known = np.bincount(codes[codes >= 0], minlength=count)[:count] + 1.0
    return np.asarray(-np.log(known / known.mean()), dtype=np.float64)


def _detail(one: Doubles, other: Doubles, gold: NDArray[np.int64], rarity: Doubles) -> tuple[float, float]:
    """The encoder's weight beside one, and its tilt towards rare codes, that give the best macro-F1."""
    best, chosen = -1.0, (1.0, 0.7)
    for weight in _WEIGHTS:
        for tilt in _TILTS:
            said = (log_softmax(one) + weight * log_softmax(other + tilt * rarity)).argmax(axis=1)
            value = macro_f1(gold, said)
            if value > best + 1e-9:
                best, chosen = value, (weight, tilt)
    return chosen


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
