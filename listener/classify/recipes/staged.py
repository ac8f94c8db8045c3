"""Two stages: linear heads for every post, and a small sentence encoder for those that they leave open.

Word counts decide a real post when it is plain, in microseconds. What is left is read once more by
`listener.classify.encoder`, which knows that words are alike and sees what stands beside what: posts of middling
probability, and those written in a style that the gate does not take for lived, where counts are weak altogether. Both
opinions are weighed by logistic regression whose weights come with the encoder, since they were fitted on posts that
neither had seen. The encoder is given and fixed: `listener train` fits the linear heads and all calibration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from listener.classify import card as cards
from listener.classify.encoder import Encoder
from listener.classify.recipes import SEVERITY_LEVELS, Arrays, Doubles, Scores, Targets, sigmoid
from listener.classify.recipes.linear import Linear, gate, gated
from listener.settings import shipped
from listener.text import language
from listener.types import CAUSES, LANGUAGES

ENCODER: Final = "encoder-1"
"""The encoder that trainings start from, among the shipped models."""
_PREFIX: Final = "encoder."
_LIVED: Final = 0.7
"""Below this share of the gate a post counts as written to teach, and is read twice."""
_SIZES: Final = (6, 2, 2, 3, SEVERITY_LEVELS + len(CAUSES))


@dataclass(frozen=True, slots=True)
class Blend:
    """How two opinions of one language are weighed.

    `complaint` (6,): the lived and the written expert by the gate's share, the encoder by the same, the share, one;
    `alone` (2,): slope and intercept where there is no second opinion; `details` (2,): the encoder's weight in
    severity and cause; `churn` (3,): linear, encoder, one; `tilt` (16,): how the encoder's severities and causes are
    raised or lowered, so that rare codes are not forgotten.
    """

    complaint: Doubles
    alone: Doubles
    details: Doubles
    churn: Doubles
    tilt: Doubles


@dataclass(frozen=True, slots=True)
class Prepared:
    """Texts of one language beside their features."""

    matrix: Any
    texts: NDArray[np.object_]

    @property
    def shape(self) -> tuple[int, int]:
        """As of the features."""
        return (self.matrix.shape[0], self.matrix.shape[1])

    def __getitem__(self, rows: NDArray[Any]) -> Prepared:
        return Prepared(self.matrix[rows], self.texts[rows])


@cache
def pretrained() -> Encoder | None:
    """The shipped encoder that trainings build on; None where it is not there."""
    directory = shipped("models") / ENCODER
    if not (directory / cards.CARD).exists():
        return None
    return Encoder(cards.read_arrays(directory, cards.read_card(directory)))


@dataclass(slots=True)
class Staged:
    """See the module. Without an encoder it is the linear recipe."""

    name: ClassVar[str] = "staged"
    linear: Linear = field(default_factory=Linear)
    encoder: Encoder | None = field(default_factory=pretrained)
    blends: dict[str, Blend] = field(default_factory=dict)
    band: tuple[float, float] = (-1.5, 1.5)
    """First-stage log-odds between which a lived post is read again."""

    def __post_init__(self) -> None:
        if self.encoder is not None and not self.blends:
            self.blends = _blends(self.encoder.arrays())

    def fit(self, texts: Sequence[str], langs: Sequence[str], targets: Targets) -> Self:
        """See Recipe."""
        self.linear.fit(texts, langs, targets)
        return self

    def prepare(self, texts: Sequence[str], lang: str) -> Prepared:
        """See Recipe."""
        given = np.empty(len(texts), dtype=np.object_)
        given[:] = texts
        return Prepared(self.linear.prepare(texts, lang), given)

    def fit_prepared(self, prepared: Mapping[str, Prepared], targets: Mapping[str, Targets]) -> Self:
        """See Recipe."""
        self.linear.fit_prepared({lang: one.matrix for lang, one in prepared.items()}, targets)
        return self

    def decide_prepared(self, prepared: Prepared, lang: str) -> Scores:
        """See Recipe."""
        logits, scores = self.linear.opinions_prepared(prepared.matrix, lang)
        return self._with_second(prepared.texts.tolist(), lang, logits, scores)

    def decision(self, texts: Sequence[str], langs: Sequence[str]) -> Scores:
        """See Recipe."""
        found = Scores.empty(len(texts))
        for lang, rows, part in self.linear.parts(texts, langs):
            logits, scores = self.linear.opinions(part, lang)
            found.put(rows, self._with_second(part, lang, logits, scores))
        return found

    def complaint(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """See Recipe."""
        found = np.zeros(len(texts))
        for lang, rows, part in self.linear.parts(texts, langs):
            logits = self.linear.experts(part, lang)
            scores = replace(Scores.empty(len(part)), complaint=gated(logits))
            found[rows] = self._with_second(part, lang, logits, scores).complaint
        return found

    def predict_proba(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """See Recipe."""
        positive = sigmoid(self.complaint(texts, langs))
        return np.column_stack([1 - positive, positive])

    def contributions(self, text: str, lang: str) -> Doubles:
        """See Recipe: those to the first stage, in its calibrated log-odds."""
        slope = float(self.blends[lang].alone[0]) if lang in self.blends else 1.0
        return self.linear.contributions(text, lang) * slope

    def left_open(self, logits: Doubles, lang: str) -> NDArray[np.bool_]:
        """Which posts go on to the encoder, from the first stage's logits (n, 1 or 3)."""
        if self.encoder is None or lang not in self.blends:
            return np.zeros(len(logits), dtype=bool)
        alone = _alone(self.blends[lang], gated(logits))
        torn = (alone > self.band[0]) & (alone < self.band[1])
        return torn if logits.shape[1] == 1 else torn | (gate(logits) < _LIVED)

    def careful(self) -> Staged:
        """See Recipe: every post is read twice."""
        return replace(self, band=(-np.inf, np.inf))

    def learnt(self) -> NDArray[np.uint64]:
        """See Recipe: the encoder's."""
        return np.zeros(0, np.uint64) if self.encoder is None else self.encoder.arrays()["seen"].astype(np.uint64)

    def _with_second(self, texts: Sequence[str], lang: str, logits: Doubles, first: Scores) -> Scores:
        if lang not in self.blends or self.encoder is None:
            return first
        blend = self.blends[lang]
        made = replace(first, complaint=_alone(blend, first.complaint), churn=blend.churn[0] * first.churn)
        rows = np.flatnonzero(self.left_open(logits, lang))
        if len(rows):
            second = self.encoder.answers([texts[row] for row in rows.tolist()], simplify=language(lang).variants)
            made.put(rows, _blended(blend, logits[rows], first.take(rows), second))
        return made

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """See Recipe."""
        second = {} if self.encoder is None else self.encoder.arrays()
        return {**self.linear.to_arrays(), **{f"{_PREFIX}{name}": array for name, array in second.items()}}

    def config(self) -> dict[str, Any]:
        """See Recipe."""
        return {"linear": self.linear.config(), "band": list(self.band), "encoder": self.encoder is not None}

    @classmethod
    def from_arrays(cls, arrays: Arrays, config: Mapping[str, Any]) -> Self:
        """See Recipe."""
        second = {name[len(_PREFIX) :]: array for name, array in arrays.items() if name.startswith(_PREFIX)}
        low, high = config["band"]
        return cls(
            linear=Linear.from_arrays(arrays, config["linear"]),
            encoder=Encoder(second) if config["encoder"] else None,
            band=(float(low), float(high)),
        )


def _blends(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Blend]:
    """Raises KeyError, ValueError if the encoder does not say how it is weighed."""
    found = {}
    for lang in LANGUAGES:
        values = arrays[f"blend.{lang}"].astype(np.float64)
        if values.shape != (sum(_SIZES),):
            raise ValueError(f"the blend of {lang} is {values.shape}")
        found[lang] = Blend(*np.split(values, np.cumsum(_SIZES)[:-1]))
    return found


def _alone(blend: Blend, complaint: Doubles) -> Doubles:
    return np.asarray(blend.alone[0] * complaint + blend.alone[1], dtype=np.float64)


def _blended(blend: Blend, logits: Doubles, first: Scores, second: Scores) -> Scores:
    tilt = np.split(blend.tilt, [SEVERITY_LEVELS])
    severity = log_softmax(first.severity) + blend.details[0] * log_softmax(second.severity + tilt[0])
    cause = log_softmax(first.cause) + blend.details[1] * log_softmax(second.cause + tilt[1])
    return Scores(
        complaint=opinions(logits, second.complaint) @ blend.complaint,
        severity=severity,
        cause=cause,
        churn=blend.churn[0] * first.churn + blend.churn[1] * second.churn + blend.churn[2],
    )


def opinions(logits: Doubles, second: Doubles) -> Doubles:
    """What is weighed for the complaint, (n, 6); an only expert counts as both."""
    lived = gate(logits) if logits.shape[1] == 3 else np.full(len(logits), 0.5)
    written = logits[:, min(1, logits.shape[1] - 1)]
    columns = [lived * logits[:, 0], (1 - lived) * written, lived * second, (1 - lived) * second, lived]
    return np.column_stack([*columns, np.ones(len(logits))])


def log_softmax(logits: Doubles) -> Doubles:
    """Logarithms of rows of probabilities."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)


RECIPE: Final = Staged
