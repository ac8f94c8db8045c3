"""The figures of a training as they stand on its card, and what a card says to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from listener.classify.card import Card
from listener.classify.recipes import Scores, sigmoid
from listener.lab import data
from listener.lab.calibrate import Calibration
from listener.lab.data import Example
from listener.lab.metrics import CHURN, Predicted, measure, rounded

INTENDED_USE: Final = (
    "Finding posts in which customers, users, patients or citizens are dissatisfied, for people who then read and"
    " answer them. Not for judging authors, and not for acting on a post that nobody has read."
)
LIMITS: Final = (
    "Trained on Japanese, Chinese and English; other texts get a low probability and are never flagged.",
    "Probabilities were set on posts chosen to be informative: their share of complaints is not that of your stream.",
    "Irony, second-hand complaints and complaints without any negative word are often missed.",
    "Severity and cause are weaker than the complaint itself: they sort work, they do not decide it.",
)


def predict(scores: Scores, langs: Sequence[str], calibration: Calibration) -> Predicted:
    """Calibrated answers, as a loaded model would give them."""

    def probability(head: str, logits: Any) -> Any:
        pairs = np.array([calibration.maps[head].get(lang, (1.0, 0.0)) for lang in langs]).reshape(-1, 2)
        return sigmoid(pairs[:, 0] * logits + pairs[:, 1])

    complaint = probability("complaint", scores.complaint)
    thresholds = np.array([calibration.thresholds.get(lang, np.inf) for lang in langs])
    return Predicted(
        complaint=complaint,
        flagged=complaint >= thresholds,
        severity=scores.severity.argmax(axis=1) + 1,
        cause=scores.cause.argmax(axis=1),
        churn=probability("churn", scores.churn) >= CHURN,
    )


def figures(examples: Sequence[Example], scores: Scores, calibration: Calibration) -> dict[str, Any]:
    """By family (real, corpus, and of the corpus the hard kinds) and language, and the accuracy on each kind."""
    langs = [example.lang for example in examples]
    gold, predicted = data.targets(examples), predict(scores, langs, calibration)
    where = np.array(langs)
    families = {
        "real": np.array([example.family == "real" for example in examples], dtype=bool),
        "corpus": np.array([example.family == "corpus" for example in examples], dtype=bool),
        "hard": np.array([bool(example.tags) and example.family == "corpus" for example in examples], dtype=bool),
    }
    found: dict[str, Any] = {}
    for family, rows in families.items():
        parts = {"all": rows, **{lang: rows & (where == lang) for lang in sorted(set(langs))}}
        found[family] = {
            name: rounded(measure(gold.take(part), predicted.take(part))) for name, part in parts.items() if part.any()
        }
    correct = predicted.flagged == (gold.complaint == 1)
    kinds = sorted({tag for example in examples for tag in example.tags})
    chosen = {kind: np.array([kind in example.tags for example in examples]) for kind in kinds}
    found["kinds"] = {
        kind: {"n": int(rows.sum()), "accuracy": round(float(correct[rows].mean()), 4)} for kind, rows in chosen.items()
    }
    return found


def summary(card: Card) -> dict[str, Any]:
    """What another build reaches, in short, for the card of this one."""
    keys = ("n", "auc", "macro_f1", "ece", "severity_macro_f1", "cause_macro_f1", "churn_f1")
    figures = {
        family: {name: {key: measures.get(key) for key in keys} for name, measures in card.figures[family].items()}
        for family in ("real", "corpus", "hard")
        if family in card.figures
    }
    return {"name": f"{card.name}@{card.version}", "build": card.figures.get("build"), "figures": figures}


def counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    """Number of examples by family and language."""
    table = Counter((example.family, example.lang) for example in examples)
    families = sorted({family for family, _ in table})
    return {family: {lang: n for (name, lang), n in sorted(table.items()) if name == family} for family in families}
