"""What a model said of its own hold-out, kept with its weights: models are compared without the posts themselves.

Every training holds out the same posts (`data.is_held_out`), so two models meet on the rows that both kept apart, each
row known by the hash of its text. Scores are kept before calibration, so that a recalibrated card changes the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify.card import Card, local
from listener.classify.classifier import text_key
from listener.classify.recipes import Doubles, Scores, Targets, sigmoid
from listener.lab import data
from listener.lab.data import Example
from listener.lab.metrics import CHURN, Predicted
from listener.types import LANGUAGES

_PREFIX: Final = "held."
_FAMILIES: Final = ("real", "corpus")
_LABELS: Final = ("complaint", "severity", "cause", "churn")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """n posts, sorted by `keys` (n,) `text_key`s; the gold, what was said, and which posts these were."""

    keys: NDArray[np.uint64]
    langs: list[str]
    sources: list[str | None]
    families: list[str]
    gold: Targets
    predicted: Predicted

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: NDArray[np.int64]) -> HeldOut:
        """These rows only."""
        chosen = rows.tolist()
        return HeldOut(
            self.keys[rows],
            [self.langs[row] for row in chosen],
            [self.sources[row] for row in chosen],
            [self.families[row] for row in chosen],
            self.gold.take(rows),
            self.predicted.take(rows),
        )


def to_arrays(examples: Sequence[Example], scores: Scores) -> dict[str, NDArray[Any]]:
    """The arrays that go with a model's weights."""
    gold = data.targets(examples)
    keys = np.array([text_key(example.text) for example in examples], dtype=np.uint64)
    names = sorted({example.source or "" for example in examples})
    parts: dict[str, NDArray[Any]] = {
        "keys": keys,
        "lang": np.array([LANGUAGES.index(example.lang) for example in examples], dtype=np.int8),
        "family": np.array([_FAMILIES.index(example.family) for example in examples], dtype=np.int8),
        "source": np.array([names.index(example.source or "") for example in examples], dtype=np.int16),
        "gold": np.array([getattr(gold, name) for name in _LABELS], dtype=np.int8).T,
        "logits": np.column_stack([scores.complaint, scores.churn]).astype(np.float32),
        "said": np.column_stack([scores.severity.argmax(axis=1) + 1, scores.cause.argmax(axis=1)]).astype(np.int8),
    }
    order = np.argsort(keys, kind="stable")
    arrays = {f"{_PREFIX}{name}": part[order] for name, part in parts.items()}
    return {**arrays, f"{_PREFIX}sources": np.array(names, dtype=str)}


def from_arrays(arrays: Mapping[str, NDArray[Any]], card: Card) -> HeldOut | None:
    """The hold-out of a model as its card calibrates it; None if it kept none."""
    if f"{_PREFIX}keys" not in arrays:
        return None
    part = {name.removeprefix(_PREFIX): array for name, array in arrays.items() if name.startswith(_PREFIX)}
    langs = [LANGUAGES[at] for at in part["lang"].tolist()]
    sources = [part["sources"][at] or None for at in part["source"].tolist()]
    families = [_FAMILIES[at] for at in part["family"].tolist()]
    gold = part["gold"].astype(np.int64)
    written = np.array([family == "corpus" for family in families], dtype=bool)
    targets = Targets(gold[:, 0], gold[:, 1], gold[:, 2], gold[:, 3], np.ones(len(gold)), written)
    keys = [_key(card, lang, source) for lang, source in zip(langs, sources, strict=True)]
    complaint = _calibrated(card, "complaint", part["logits"][:, 0], keys)
    thresholds = np.array([card.thresholds.get(key, np.inf) for key in keys], dtype=np.float64)
    predicted = Predicted(
        complaint=complaint,
        flagged=complaint >= thresholds,
        severity=part["said"][:, 0].astype(np.int64),
        cause=part["said"][:, 1].astype(np.int64),
        churn=_calibrated(card, "churn", part["logits"][:, 1], langs) >= CHURN,
    )
    return HeldOut(part["keys"], langs, sources, families, targets, predicted)


def common(one: HeldOut, other: HeldOut) -> tuple[HeldOut, HeldOut]:
    """The rows that both kept apart, in the same order; gold is that of `one`."""
    _, mine, theirs = np.intersect1d(one.keys, other.keys, assume_unique=False, return_indices=True)
    return one.take(mine), other.take(theirs)


def _key(card: Card, lang: str, source: str | None) -> str:
    key = local(lang, source)
    return key if key in card.thresholds else lang


def _calibrated(card: Card, head: str, logits: NDArray[np.float32], keys: Sequence[str]) -> Doubles:
    maps = card.calibration.get(head, {})
    pairs = np.array([maps.get(key, (1.0, 0.0)) for key in keys], dtype=np.float64).reshape(-1, 2)
    return sigmoid(pairs[:, 0] * logits + pairs[:, 1])
