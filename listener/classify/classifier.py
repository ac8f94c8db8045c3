"""A loaded model: texts in, verdicts out. numpy and tokenisers only, so that the worker stays small."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.classify import card as cards
from listener.classify import evidence
from listener.classify.card import Card
from listener.classify.first import First
from listener.classify.recipes import Doubles, Recipe, recipe, sigmoid
from listener.errors import ModelFormatError
from listener.text import langid, language, normalise
from listener.types import CAUSES, LANGUAGES, Evidence, Verdict

SEEN: Final = "training.texts"
"""The array of `text_key`s in a model's weights."""
_UNSURE: Final = 0.15
"""Probability of a complaint where the language is not known, unless the card says otherwise; never flagged."""


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Calibrated answers for n posts; severity (n, 4) and cause (n, 12) sum to 1, given that it is a complaint.

    `langs` is what is reported, `heads` the language whose weights were used; `und` for none.
    """

    langs: list[str]
    heads: list[str]
    complaint: Doubles
    severity: Doubles
    cause: Doubles
    churn: Doubles
    flagged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Quick:
    """What the first stage says of n posts: languages, complaint probabilities (n,), and which pass the threshold."""

    langs: list[str]
    complaint: Doubles
    flagged: NDArray[np.bool_]


class Classifier:
    """A trained recipe with its calibration and thresholds. Thread-safe: nothing changes after loading."""

    def __init__(
        self, model: Recipe, card: Card, seen: NDArray[np.uint64] | None = None, first: First | None = None
    ) -> None:
        """`seen`: sorted `text_key`s of the texts it was trained on; `first`: its first stage, if it has one."""
        self.recipe = model
        self.first = first or First()
        self.card = card
        self.name = f"{card.name}@{card.version}"
        self._has_local = any(":" in key for key in card.thresholds)
        self._seen = seen if seen is not None else np.zeros(0, np.uint64)

    def has_seen(self, text: str) -> bool:
        """Whether this text, up to writing variants, was trained on: then it cannot judge the model."""
        key = np.uint64(text_key(text))
        at = int(np.searchsorted(self._seen, key))
        return at < len(self._seen) and bool(self._seen[at] == key)

    def verdicts(
        self,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
        explain: bool = False,
    ) -> list[Verdict]:
        """One verdict for each text, in order; any text at all gets one.

        `langs` is what is declared, None where nothing is: a hint, never echoed against what the text shows. `sources`
        says where a post is from: where that source was calibrated by itself (`listener calibrate`), that calibration
        holds. `explain` adds evidence.
        """
        found = self.probabilities(texts, langs, sources)
        severity = found.severity.argmax(axis=1) + 1 if len(texts) else []
        cause = found.cause.argmax(axis=1) if len(texts) else []
        return [
            Verdict(
                lang=found.langs[row],
                complaint=float(found.complaint[row]),
                flagged=bool(found.flagged[row]),
                severity=int(severity[row]) if found.flagged[row] else 0,
                cause=CAUSES[int(cause[row])] if found.flagged[row] else "none",
                churn=float(found.churn[row]),
                model=self.name,
                evidence=self.evidence(text, found.heads[row]) if explain else (),
                causes=tuple(found.cause[row].tolist()),
            )
            for row, text in enumerate(texts)
        ]

    def probabilities(
        self,
        texts: Sequence[str],
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
    ) -> Probabilities:
        """Everything behind `verdicts`, as arrays."""
        known = list(langs) if langs is not None else [None] * len(texts)
        reported, heads = _resolve(texts, known)
        scores = self.recipe.decision(texts, heads)
        keys = self._keys(heads, sources)
        complaint = self._calibrated("complaint", scores.complaint, keys)
        return Probabilities(
            langs=reported,
            heads=heads,
            complaint=complaint,
            severity=softmax(scores.severity),
            cause=softmax(scores.cause),
            churn=self._calibrated("churn", scores.churn, heads),
            flagged=complaint >= self._thresholds(keys),
        )

    def quick(
        self,
        texts: Sequence[str],
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
    ) -> Quick:
        """What the first stage alone says, several times as fast as `verdicts`.

        Without a first stage it is what the full model says.
        """
        known = list(langs) if langs is not None else [None] * len(texts)
        if not self.first.weights:
            found = self.probabilities(texts, known, sources)
            return Quick(found.langs, found.complaint, found.flagged)
        reported, heads = _resolve(texts, known)
        keys = self._keys([head if head in self.first.weights else "und" for head in heads], sources)
        complaint = self._calibrated("complaint", self.first.logits(texts, heads), keys)
        return Quick(reported, complaint, complaint >= self._thresholds(keys))

    def evidence(self, text: str, lang: str) -> tuple[Evidence, ...]:
        """Spans of one text that speak for a complaint, in calibrated log-odds."""
        if lang not in LANGUAGES:
            return ()
        slope = self.card.calibration.get("complaint", {}).get(lang, (1.0, 0.0))[0]
        shares = self.recipe.contributions(text, lang) * slope
        plugin = language(lang)
        return evidence.spans(text, shares, evidence.words(text, plugin.spaced, simplify=plugin.variants))

    def _keys(self, heads: list[str], sources: Sequence[str | None] | None) -> list[str]:
        """Whose calibration holds for each post: that of its source in its language, else that of its language."""
        if sources is None or not self._has_local:
            return heads
        known = self.card.thresholds
        pairs = zip(heads, (cards.local(*one) for one in zip(heads, sources, strict=True)), strict=True)
        return [key if key in known else head for head, key in pairs]

    def _thresholds(self, keys: Sequence[str]) -> Doubles:
        return np.array([self.card.thresholds.get(key, math.inf) for key in keys], dtype=np.float64)

    def _calibrated(self, head: str, logits: Doubles, keys: Sequence[str]) -> Doubles:
        maps = self.card.calibration.get(head, {})
        unsure = (0.0, _logit(self.card.base_rates.get(f"und.{head}", _UNSURE)))
        pairs = np.array([maps.get(key, unsure) for key in keys], dtype=np.float64).reshape(-1, 2)
        return sigmoid(pairs[:, 0] * logits + pairs[:, 1])


def load(path: Path) -> Classifier:
    """A model directory, checked against its card. Raises ModelFormatError, ModelTamperedError."""
    card = cards.read_card(path)
    arrays = cards.read_arrays(path, card)
    try:
        model = recipe(card.recipe).from_arrays(arrays, card.config)
        return Classifier(model, card, arrays.get(SEEN), First.from_arrays(arrays))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFormatError(str(path), f"its parts do not fit ({type(error).__name__}: {error})") from error


def text_key(text: str) -> int:
    """64 bits of a hash of the normalised text without spaces, to know a training text again without keeping it."""
    bare = normalise.normalise(text).replace(" ", "")
    return int.from_bytes(hashlib.blake2b(bare.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def softmax(logits: Doubles) -> Doubles:
    """Rows of probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True)) if len(logits) else logits
    return np.asarray(raised / raised.sum(axis=1, keepdims=True) if len(logits) else raised, dtype=np.float64)


def _resolve(texts: Sequence[str], known: Sequence[str | None]) -> tuple[list[str], list[str]]:
    """What is reported as language, and whose weights read each text (`und`: nobody's)."""
    heads: list[str] = list(langid.identify_all(texts, known))
    langs = [
        found if found != "und" else langid.declared(given, text) or "und"
        for text, given, found in zip(texts, known, heads, strict=True)
    ]
    return langs, heads


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))
