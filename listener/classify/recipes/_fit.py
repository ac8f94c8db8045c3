"""Fitting of linear heads with scikit-learn; loading a model imports this for its settings, so heavy imports wait."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify.recipes import UNKNOWN, Doubles, Targets

_ENOUGH: Final = 50
"""Posts of a style, complaints and others each, that make an expert of its own worth while."""
_SOME: Final = 10
"""A style with fewer complaints, or fewer others, would only teach that its posts are never, or always, complaints."""
_NEVER: Final = -20.0
"""Log-odds of a class that training never saw."""
_DENSE: Final = 0.005
_FINE: Final = 3e-5
_ROUGH: Final = 1e-3
"""Where the search stops. Gradients are small, since rows are short and most features rare: 1e-3 stops the complaint
head far too early, while severity and cause are no better for more."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is chosen, not learnt. `c_*` are inverse strengths of the L2 penalty (scikit-learn's C)."""

    c_lived: float = 32.0
    c_written: float = 32.0
    c_gate: float = 16.0
    c_details: float = 32.0
    written_share: float = 0.1
    """Weight of a written post in the expert for lived ones."""
    coarse: int = 2
    """Neighbouring slots, as a power of two, that share one slot for churn, severity and cause."""
    min_rows: int = 2
    """Features of fewer training posts than this get no weight."""


def experts(matrix: Any, targets: Targets, settings: Settings) -> tuple[Doubles, Doubles] | None:
    """Weights (slots, 1 or 3) and biases of the complaint head; None if there is only one kind of post.

    Three columns (lived, written, gate) if there are enough posts of both styles, else one for all.
    """
    known = targets.complaint != UNKNOWN
    matrix, targets = matrix[known], targets.take(known)
    if len(np.unique(targets.complaint)) < 2:
        return None
    chosen = _telling(targets.complaint, targets.written)
    matrix, targets = matrix[chosen], targets.take(chosen)
    gold, weight, written = targets.complaint, targets.weight, targets.written
    columns, idf = _columns(matrix, settings.min_rows)
    scaled = _scaled(matrix, columns, idf)
    parts: list[tuple[Doubles, float]] = []
    if min(_rarer(gold, written), _rarer(gold, ~written)) >= _ENOUGH:
        parts.append(
            _logistic(scaled, gold, np.where(written, settings.written_share * weight, weight), settings.c_lived)
        )
        parts.append(_logistic(scaled[written], gold[written], weight[written], settings.c_written))
        parts.append(_logistic(scaled, (~written).astype(np.int64), np.minimum(weight, 1.0), settings.c_gate))
    else:
        parts.append(_logistic(scaled, gold, weight, settings.c_written if written.all() else settings.c_lived))
    weights = np.zeros((matrix.shape[1], len(parts)))
    weights[columns] = np.column_stack([coefficients for coefficients, _ in parts]) * idf[:, None]
    return weights, np.array([bias for _, bias in parts])


def multinomial(
    matrix: Any, gold: NDArray[np.int64], weight: Doubles, classes: int, settings: Settings
) -> tuple[Doubles, Doubles]:
    """Weights (slots, classes) and biases (classes,); one column for two classes. A class never seen is never said."""
    heads = 1 if classes == 2 else classes
    weights, bias = np.zeros((matrix.shape[1], heads)), np.full(heads, _NEVER)
    present = np.unique(gold)
    if len(present) < 2:
        bias[present[present < heads]] = 0.0 if classes > 2 else _NEVER
        return weights, bias
    columns, _ = _columns(matrix, settings.min_rows)
    balanced = weight * _balance(gold, 0.5 if classes == 2 else 1.0)
    model = _fitted(matrix[:, columns], gold, balanced, settings.c_details, _FINE if classes == 2 else _ROUGH)
    if len(present) == 2:
        # scikit-learn gives one row for two classes: the second against the first.
        where = np.array([0]) if classes == 2 else present[1:]
        bias[present[present < heads]] = 0.0
    else:
        where = present
    weights[np.ix_(columns, where)] = model.coef_.T
    bias[where] = model.intercept_
    return weights, bias


def dense(rows: Any, gold: NDArray[np.int64], weight: Doubles) -> tuple[Doubles, float]:
    """Weights and bias on few numbers a post, each of about deviation one; a strong penalty, since they say alike."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=_DENSE, tol=1e-3, max_iter=500)
    with threadpool_limits(1):
        model.fit(rows, gold, sample_weight=weight)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])


def coarsened(matrix: Any, bits: int) -> Any:
    """Neighbouring slots added up, 2**bits into one; the matrix given stays as it is."""
    import scipy.sparse

    shape = (matrix.shape[0], matrix.shape[1] >> bits)
    parts = (matrix.data.copy(), matrix.indices >> bits, matrix.indptr.copy())
    coarse = scipy.sparse.csr_matrix(parts, shape=shape)
    coarse.sum_duplicates()
    return coarse


def _telling(gold: NDArray[np.int64], written: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows to learn from: not those of a style that is nearly all of one class, if the other style has both."""
    for style in (written, ~written):
        if _rarer(gold, style) >= _ENOUGH and _rarer(gold, ~style) < _SOME:
            return style
    return np.ones(len(gold), dtype=bool)


def _rarer(gold: NDArray[np.int64], rows: NDArray[np.bool_]) -> int:
    """How many posts of the rarer class there are among these rows."""
    hits = int((gold[rows] == 1).sum())
    return min(hits, int(rows.sum()) - hits)


def _columns(matrix: Any, min_rows: int) -> tuple[NDArray[np.int64], Doubles]:
    """The features to keep and their inverse document frequencies, of mean one."""
    rows = np.bincount(matrix.indices, minlength=matrix.shape[1])
    columns = np.flatnonzero(rows >= min(min_rows, matrix.shape[0]))
    idf = np.log((1 + matrix.shape[0]) / rows[columns])
    mean = float(idf.mean()) if len(idf) else 1.0
    return columns, idf / mean if mean > 0 else np.ones(len(idf))


def _balance(gold: NDArray[np.int64], power: float) -> Doubles:
    """Weights by which rare classes count as much as common ones (power 1), or nearer to it."""
    counts = np.maximum(np.bincount(gold), 1)
    return np.asarray((len(gold) / (len(np.unique(gold)) * counts[gold])) ** power, dtype=np.float64)


def _scaled(matrix: Any, columns: NDArray[np.int64], idf: Doubles) -> Any:
    import scipy.sparse

    kept = matrix[:, columns]
    parts = (kept.data * idf[kept.indices].astype(np.float32), kept.indices, kept.indptr)
    return scipy.sparse.csr_matrix(parts, shape=kept.shape)


def _logistic(matrix: Any, gold: NDArray[np.int64], weight: Doubles, c: float) -> tuple[Doubles, float]:
    model = _fitted(matrix, gold, weight, c, _FINE)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])


def _fitted(matrix: Any, gold: NDArray[np.int64], weight: Doubles, c: float, tol: float) -> Any:
    """Logistic regression in single precision, which takes a third of the time; in double where its search gives up."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=c, tol=tol, max_iter=300)
    # One thread: sums in a fixed order make equal weights, and vectors this sparse gain nothing from more.
    with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(matrix, gold, sample_weight=weight)
    if any(issubclass(warning.category, ConvergenceWarning) for warning in caught):
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(matrix.astype(np.float64), gold, sample_weight=weight)
    return model
