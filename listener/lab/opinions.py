"""A second opinion beside a fresh model's: how much it counts is learnt from posts that the fresh one did not see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from listener.classify.recipes import SEVERITY_LEVELS, UNKNOWN, Doubles, Scores, Targets


def weighed(own: Scores, other: Scores, gold: Targets, later: Scores, other_later: Scores) -> tuple[Scores, Scores]:
    """Both opinions as one, on the posts that have `gold` and on `later` ones.

    Complaint and severity are weighed by logistic regression; of the cause, probabilities are multiplied; churn stays
    the fresh model's.
    """
    known = gold.complaint != UNKNOWN
    severe = (gold.complaint == 1) & (gold.severity > 0)
    every = len(np.unique(gold.severity[severe])) == SEVERITY_LEVELS
    found = []
    for fresh, given in ((own, other), (later, other_later)):
        complaint = _logits(_opinions(own, other)[known], gold.complaint[known], _opinions(fresh, given))[:, 0]
        severity = log_softmax(fresh.severity) + log_softmax(given.severity)
        if every:
            columns = _severities(own, other)[severe], gold.severity[severe], _severities(fresh, given)
            severity = _logits(*columns, balanced=True)
        cause = log_softmax(fresh.cause) + log_softmax(given.cause)
        found.append(Scores(complaint, severity, cause, fresh.churn))
    return found[0], found[1]


def _opinions(own: Scores, other: Scores) -> Doubles:
    return np.column_stack([own.complaint, other.complaint, other.churn])


def _severities(own: Scores, other: Scores) -> Doubles:
    return np.column_stack([log_softmax(own.severity), log_softmax(other.severity), other.complaint])


def _logits(
    columns: Doubles, codes: NDArray[np.int64], later: Doubles, *, balanced: bool = False
) -> NDArray[np.float64]:
    """Logits of the later rows, one column for two codes."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(columns)
    model = LogisticRegression(C=1.0, max_iter=1000, class_weight="balanced" if balanced else None)
    model.fit(scaler.transform(columns), codes)
    return np.asarray(scaler.transform(later) @ model.coef_.T + model.intercept_, dtype=np.float64)


def log_softmax(logits: Doubles) -> Doubles:
    """Logarithms of rows of probabilities."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)
