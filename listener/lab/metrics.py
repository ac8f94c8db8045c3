"""The figures of one group of posts, under the keys of DESIGN.md section 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from listener.classify.recipes import UNKNOWN, Targets

BINS: Final = 15
CHURN: Final = 0.5
"""From this probability an author is said to leave; calibration puts the best threshold there."""
KEYS: Final = (
    "n", "prevalence", "macro_f1", "f1", "precision", "recall", "auc", "average_precision", "ece", "brier",
    "severity_macro_f1", "severity_mae", "cause_macro_f1", "churn_f1",
)  # fmt: skip

Measures: TypeAlias = dict[str, float | int | None]
Ints: TypeAlias = NDArray[np.int64]
Doubles: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Predicted:
    """Predictions for n posts, each (n,): `severity` 1..4 and `cause` (index) are given that it is a complaint."""

    complaint: Doubles
    flagged: NDArray[np.bool_]
    severity: Ints
    cause: Ints
    churn: NDArray[np.bool_]

    def take(self, rows: NDArray[Any]) -> Predicted:
        """These rows only."""
        return Predicted(
            self.complaint[rows], self.flagged[rows], self.severity[rows], self.cause[rows], self.churn[rows]
        )


def measure(gold: Targets, predicted: Predicted) -> Measures:
    """All figures of these posts; None where there is no label, or only one class where both are needed.

    `n` counts all posts; the figures of `complaint` are over those with that label.
    """
    figures: Measures = dict.fromkeys(KEYS)
    figures["n"] = len(gold)
    known = gold.complaint != UNKNOWN
    if known.any():
        figures |= _binary(gold.complaint[known], predicted.take(known))
    severe = (gold.complaint == 1) & (gold.severity >= 1)
    if severe.any():
        figures["severity_macro_f1"] = macro_f1(gold.severity[severe], predicted.severity[severe])
        figures["severity_mae"] = float(np.abs(gold.severity[severe] - predicted.severity[severe]).mean())
    caused = (gold.complaint == 1) & (gold.cause != UNKNOWN)
    if caused.any():
        figures["cause_macro_f1"] = macro_f1(gold.cause[caused], predicted.cause[caused])
    leaving = gold.churn != UNKNOWN
    if leaving.any():
        figures["churn_f1"] = f1(gold.churn[leaving] == 1, predicted.churn[leaving])
    return figures


def macro_f1(gold: Ints, predicted: Ints) -> float:
    """Mean F1 over the codes that are present in gold."""
    return float(np.mean([f1(gold == code, predicted == code) for code in np.unique(gold)]))


def f1(gold: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """2 TP / (2 TP + FP + FN); 0 where nothing is there and nothing was found."""
    hits = int((gold & predicted).sum())
    return 2 * hits / total if (total := int(gold.sum()) + int(predicted.sum())) else 0.0


def expected_calibration_error(gold: NDArray[np.bool_], probability: Doubles, bins: int = BINS) -> float:
    """Mean distance between probability and share of complaints over bins of equal numbers of posts.

    Posts of equal probability are kept in one order by their label's order of arrival; fewer posts than bins: one each.
    """
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    gaps = [len(part) * abs(float(probability[part].mean()) - float(gold[part].mean())) for part in parts]
    return float(sum(gaps) / len(gold))


def auc(gold: NDArray[np.bool_], scores: Doubles) -> float | None:
    """Area under the ROC curve; None with one class only."""
    if gold.all() or not gold.any():
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(gold, scores))


def best_threshold(gold: NDArray[np.bool_], probability: Doubles, weight: Doubles | None = None) -> float:
    """The probability from which flagging gives the best macro-F1, smoothed over near-equal candidates."""
    weights = np.ones(len(gold)) if weight is None else weight
    candidates = np.unique(np.quantile(probability, np.linspace(0.02, 0.98, 97)))
    values = np.array([_weighted_macro_f1(gold, probability >= at, weights) for at in candidates])
    # A plateau's middle generalises better than its highest tooth.
    good = candidates[values >= values.max() - 0.004]
    return float(np.median(good))


def _weighted_macro_f1(gold: NDArray[np.bool_], flagged: NDArray[np.bool_], weight: Doubles) -> float:
    def one(true: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
        total = float(weight[true].sum() + weight[said].sum())
        return 2 * float(weight[true & said].sum()) / total if total else 0.0

    return (one(gold, flagged) + one(~gold, ~flagged)) / 2


def _binary(gold: Ints, predicted: Predicted) -> Measures:
    from sklearn.metrics import average_precision_score

    positive = gold == 1
    hits = int((positive & predicted.flagged).sum())
    flagged, actual = int(predicted.flagged.sum()), int(positive.sum())
    both = [f1(positive == side, predicted.flagged == side) for side in _present(positive, predicted.flagged)]
    return {
        "prevalence": float(positive.mean()),
        "macro_f1": float(np.mean(both)),
        "f1": f1(positive, predicted.flagged),
        "precision": hits / flagged if flagged else 0.0,
        "recall": hits / actual if actual else 0.0,
        "auc": auc(positive, predicted.complaint),
        "average_precision": float(average_precision_score(positive, predicted.complaint)) if actual else None,
        "ece": expected_calibration_error(positive, predicted.complaint),
        "brier": float(((predicted.complaint - positive) ** 2).mean()),
    }


def _present(gold: NDArray[np.bool_], flagged: NDArray[np.bool_]) -> list[bool]:
    """The classes that occur in gold or prediction: a group of complaints only is not charged for having no others."""
    return [side for side in (False, True) if (gold == side).any() or (flagged == side).any()]


def rounded(figures: Measures, digits: int = 4) -> Measures:
    """For cards and screens."""
    return {key: round(value, digits) if isinstance(value, float) else value for key, value in figures.items()}


def by(keys: Sequence[Sequence[str]], gold: Targets, predicted: Predicted) -> dict[str, Measures]:
    """Figures for each key; a post may have several."""
    names = sorted({name for row in keys for name in row})
    chosen = {name: np.array([name in row for row in keys]) for name in names}
    return {name: measure(gold.take(rows), predicted.take(rows)) for name, rows in chosen.items()}
