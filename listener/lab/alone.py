"""What `evaluate --folds` trains on a file by itself: the features of the linear recipe, fitted for few posts.

A shipped model must score a hundred thousand posts a second and learns from tens of thousands; here a few thousand are
all there is, and time does not matter. So rows are of unit length after scaling, which a fused sum cannot do, and words
come in threes too. On the English complaint tweets alone (ten folds, names and links masked, macro-F1 of all / of the
brands' domains): the linear recipe .814 / .739, rows of unit length .836 / .778; characters and words each of unit
length .833 / .774; balanced classes .806 / .728. Severity, where balance helps: .400 -> .421.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from listener.classify.features import Spec
from listener.classify.recipes import SEVERITY_LEVELS, UNKNOWN, Doubles, Scores, Targets
from listener.classify.recipes.linear import Linear
from listener.types import CAUSES

NAME: Final = "alone"
_SPEC: Final = Spec(word_sizes=(1, 3))
_LEAST: Final = 2
_NEVER: Final = -20.0
_C: Final = 16.0
_C_DETAILS: Final = 2.0
_DETAILS: Final = ("severity", "cause")
"""Questions of many codes, the rare ones of which must not be forgotten: balanced, under a stronger penalty."""


@dataclass(slots=True)
class _Head:
    """One question: weights (columns, classes) and a bias each; `classes` of them were seen."""

    weights: Doubles
    bias: Doubles
    classes: NDArray[np.int64]

    def logits(self, rows: Any, count: int) -> Doubles:
        """(n, count); a class never seen is never said."""
        found = np.full((rows.shape[0], count), _NEVER)
        if len(self.classes):
            found[:, self.classes] = rows @ self.weights + self.bias
        return found


@dataclass(slots=True)
class _Language:
    columns: NDArray[np.int64]
    scale: Doubles
    heads: dict[str, _Head]


@dataclass(slots=True)
class Alone:
    """As much of a Recipe as `listener.lab.folds` needs."""

    languages: dict[str, _Language] = field(default_factory=dict)

    def prepare(self, texts: Sequence[str], lang: str) -> Any:
        """Features of texts in one language, scipy CSR."""
        return Linear(spec=_SPEC).prepare(texts, lang)

    def fit_prepared(self, prepared: Mapping[str, Any], targets: Mapping[str, Targets]) -> Self:
        """Train from scratch on what `prepare` gave, by language."""
        for lang, matrix in prepared.items():
            known = targets[lang].complaint != UNKNOWN
            self.languages[lang] = _fitted(matrix[known], targets[lang].take(known))
        return self

    def decide_prepared(self, prepared: Any, lang: str) -> Scores:
        """Scores of what `prepare` gave; zero for a language that it was not trained for."""
        if lang not in self.languages:
            return Scores.empty(prepared.shape[0])
        one = self.languages[lang]
        rows = _scaled(prepared, one.columns, one.scale)
        return Scores(
            complaint=np.diff(one.heads["complaint"].logits(rows, 2), axis=1)[:, 0],
            severity=one.heads["severity"].logits(rows, SEVERITY_LEVELS),
            cause=one.heads["cause"].logits(rows, len(CAUSES)),
            churn=np.diff(one.heads["churn"].logits(rows, 2), axis=1)[:, 0],
        )


def _fitted(matrix: Any, gold: Targets) -> _Language:
    rows = np.bincount(matrix.indices, minlength=matrix.shape[1])
    columns = np.flatnonzero(rows >= min(_LEAST, matrix.shape[0]))
    scale = np.log((1 + matrix.shape[0]) / rows[columns])
    scaled = _scaled(matrix, columns, scale)
    unhappy = gold.complaint == 1
    questions = {
        "complaint": (gold.complaint, np.ones(len(gold), dtype=bool)),
        "severity": (gold.severity - 1, unhappy & (gold.severity > 0)),
        "cause": (gold.cause, unhappy & (gold.cause >= 0)),
        "churn": (gold.churn, gold.churn >= 0),
    }
    heads = {
        name: _head(scaled[known], codes[known], gold.weight[known], details=name in _DETAILS)
        for name, (codes, known) in questions.items()
    }
    return _Language(columns, scale, heads)


def _scaled(matrix: Any, columns: NDArray[np.int64], scale: Doubles) -> Any:
    """Rows of unit length."""
    import scipy.sparse
    from sklearn.preprocessing import normalize

    return normalize((matrix[:, columns].astype(np.float64) @ scipy.sparse.diags(scale)).tocsr())


def _head(rows: Any, codes: NDArray[np.int64], weight: Doubles, *, details: bool) -> _Head:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    classes = np.unique(codes)
    if len(classes) < 2:
        return _Head(np.zeros((rows.shape[1], len(classes))), np.zeros(len(classes)), classes)
    balance = "balanced" if details else None
    model = LogisticRegression(C=_C_DETAILS if details else _C, tol=1e-3, max_iter=300, class_weight=balance)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(rows, codes, sample_weight=weight)
    if len(classes) > 2:
        return _Head(model.coef_.T, model.intercept_, classes)
    return _Head(np.column_stack([np.zeros(rows.shape[1]), model.coef_[0]]), np.append(0, model.intercept_), classes)
