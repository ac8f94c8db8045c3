"""Two stages: linear heads for every post, and a sentence encoder for real posts that they leave open.

Word counts decide most posts in microseconds. A post of middling probability that the gate takes for one that somebody
lived is read once more by `listener.classify.encoder`, which knows that words are alike and sees what stands beside
what; on its numbers lies one more expert, in logistic regression on real posts. Its log-odds and those of the linear
expert for lived posts are added in fixed shares (measured on held-out posts) and calibrated with all else by
`listener train`. The encoder itself learns nothing here. For posts written to teach it added nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from listener.classify import card as cards
from listener.classify.encoder import WIDTH, Encoder
from listener.classify.recipes import UNKNOWN, Arrays, Doubles, Scores, Targets, sigmoid
from listener.classify.recipes._fit import dense
from listener.classify.recipes.linear import Linear, gate, gated
from listener.settings import shipped

ENCODER: Final = "parts/encoder-1"
"""The encoder that trainings use, among the shipped models."""
_PREFIX: Final = "encoder."
_LIVED: Final = 0.5
"""From this share of the gate on a post counts as lived."""
_ENOUGH: Final = 50
"""Lived posts, complaints and others each, that a second expert needs."""
_READ: Final = 0.5
"""Posts of less weight in training (public reviews) do not teach it."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How the linear expert's log-odds and the second one's are added, and up to which log-odds of the first stage,
    either way, a lived post is read again."""

    first: float = 0.63
    second: float = 0.47
    band: float = 1.5


@dataclass(frozen=True, slots=True)
class Second:
    """The second expert of one language: weights (WIDTH,) and bias."""

    weights: NDArray[np.float32]
    bias: float


class Lessons:
    """Texts; the encoder reads each when it is first asked for."""

    def __init__(self, texts: Sequence[str], encoder: Encoder | None) -> None:
        self._texts, self._encoder = texts, encoder
        self._read = np.zeros(len(texts), dtype=bool)
        self._features = np.zeros((len(texts), WIDTH), dtype=np.float32)

    def features(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(rows), WIDTH)."""
        new = np.unique(rows[~self._read[rows]])
        if len(new) and self._encoder is not None:
            self._features[new] = self._encoder.features([self._texts[row] for row in new.tolist()])
            self._read[new] = True
        return self._features[rows]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Some rows of lessons beside their n-grams."""

    matrix: Any
    lessons: Lessons
    rows: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """As of the n-grams."""
        return (self.matrix.shape[0], self.matrix.shape[1])

    def __getitem__(self, rows: NDArray[Any]) -> Prepared:
        return Prepared(self.matrix[rows], self.lessons, self.rows[rows])


@cache
def pretrained() -> Encoder | None:
    """The shipped encoder; None where it is not there."""
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
    shares: Shares = field(default_factory=Shares)
    seconds: dict[str, Second] = field(default_factory=dict)

    def fit(self, texts: Sequence[str], langs: Sequence[str], targets: Targets) -> Self:
        """See Recipe."""
        which = np.asarray(langs)
        rows_of = {lang: np.flatnonzero(which == lang) for lang in sorted(set(langs))}
        prepared = {lang: self.prepare([texts[row] for row in rows.tolist()], lang) for lang, rows in rows_of.items()}
        return self.fit_prepared(prepared, {lang: targets.take(rows) for lang, rows in rows_of.items()})

    def prepare(self, texts: Sequence[str], lang: str) -> Prepared:
        """See Recipe."""
        return Prepared(self.linear.prepare(texts, lang), Lessons(texts, self.encoder), np.arange(len(texts)))

    def fit_prepared(self, prepared: Mapping[str, Prepared], targets: Mapping[str, Targets]) -> Self:
        """See Recipe."""
        self.linear.fit_prepared({lang: one.matrix for lang, one in prepared.items()}, targets)
        self.seconds = {}
        for lang in sorted(self.linear.heads) if self.encoder is not None else ():
            second = _second(prepared[lang], targets[lang])
            if second is not None:
                self.seconds[lang] = second
        return self

    def decide_prepared(self, prepared: Prepared, lang: str) -> Scores:
        """See Recipe."""
        logits, scores = self.linear.opinions_prepared(prepared.matrix, lang)
        rows = np.flatnonzero(self.left_open(logits, lang))
        features = prepared.lessons.features(prepared.rows[rows]) if len(rows) else None
        return replace(scores, complaint=self._decided(logits, lang, rows, features))

    def decision(self, texts: Sequence[str], langs: Sequence[str]) -> Scores:
        """See Recipe."""
        found = Scores.empty(len(texts))
        for lang, rows, part in self.linear.parts(texts, langs):
            logits, scores = self.linear.opinions(part, lang)
            found.put(rows, replace(scores, complaint=self._read(part, lang, logits)))
        return found

    def complaint(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """See Recipe."""
        found = np.zeros(len(texts))
        for lang, rows, part in self.linear.parts(texts, langs):
            found[rows] = self._read(part, lang, self.linear.experts(part, lang))
        return found

    def predict_proba(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """See Recipe."""
        positive = sigmoid(self.complaint(texts, langs))
        return np.column_stack([1 - positive, positive])

    def contributions(self, text: str, lang: str) -> Doubles:
        """See Recipe: those to the first stage; what the encoder reads cannot be shared out among words."""
        return self.linear.contributions(text, lang)

    def left_open(self, logits: Doubles, lang: str) -> NDArray[np.bool_]:
        """Which posts go on to the encoder, from the first stage's logits (n, 1 or 3)."""
        if self.encoder is None or lang not in self.seconds:
            return np.zeros(len(logits), dtype=bool)
        return (np.abs(gated(logits)) < self.shares.band) & (_lived(logits) >= _LIVED)

    def careful(self) -> Staged:
        """See Recipe: every post is read twice."""
        return replace(self, shares=replace(self.shares, band=np.inf))

    def hasty(self) -> Staged:
        """See Recipe: no post is read twice."""
        return replace(self, encoder=None)

    def read_twice(self, prepared: Prepared, lang: str) -> NDArray[np.bool_]:
        """See Recipe."""
        return self.left_open(self.linear.opinions_prepared(prepared.matrix, lang)[0], lang)

    def _read(self, texts: Sequence[str], lang: str, logits: Doubles) -> Doubles:
        rows = np.flatnonzero(self.left_open(logits, lang))
        features = None
        if len(rows) and self.encoder is not None:
            chosen = [texts[row] for row in rows.tolist()]
            features = self.encoder.features(chosen)
        return self._decided(logits, lang, rows, features)

    def _decided(
        self, logits: Doubles, lang: str, rows: NDArray[np.int64], features: NDArray[np.float32] | None
    ) -> Doubles:
        """Log-odds of all posts; `features` are the encoder's of those `rows` that it read."""
        found = gated(logits)
        if features is not None:
            second, shares, own = self.seconds[lang], self.shares, logits[rows, 0]
            heard = shares.first * own + shares.second * (features @ second.weights + second.bias)
            found = found.copy()
            found[rows] += _lived(logits[rows]) * (heard - own)
        return found

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """See Recipe."""
        arrays = self.linear.to_arrays()
        for lang, second in self.seconds.items():
            arrays[f"{lang}.second"] = second.weights
            arrays[f"{lang}.second.bias"] = np.array([second.bias])
        given = {} if self.encoder is None else self.encoder.arrays()
        return arrays | {f"{_PREFIX}{name}": array for name, array in given.items()}

    def config(self) -> dict[str, Any]:
        """See Recipe."""
        return {"linear": self.linear.config(), "shares": asdict(self.shares), "second": sorted(self.seconds)}

    @classmethod
    def from_arrays(cls, arrays: Arrays, config: Mapping[str, Any]) -> Self:
        """See Recipe."""
        given = {name[len(_PREFIX) :]: array for name, array in arrays.items() if name.startswith(_PREFIX)}
        seconds = {}
        for lang in config["second"]:
            weights, bias = arrays[f"{lang}.second"], arrays[f"{lang}.second.bias"]
            if weights.shape != (WIDTH,) or bias.shape != (1,) or weights.dtype.kind != "f" or bias.dtype.kind != "f":
                raise ValueError(f"the second expert of {lang} is {weights.dtype} {weights.shape}")
            seconds[str(lang)] = Second(weights.astype(np.float32), float(bias[0]))
        return cls(
            linear=Linear.from_arrays(arrays, config["linear"]),
            encoder=Encoder(given) if seconds else None,
            shares=Shares(*(float(config["shares"][name]) for name in ("first", "second", "band"))),
            seconds=seconds,
        )


def _second(prepared: Prepared, targets: Targets) -> Second | None:
    """None where lived posts are too few."""
    taught = np.flatnonzero((targets.complaint != UNKNOWN) & (targets.weight >= _READ) & ~targets.written)
    gold = targets.take(taught)
    hits = int((gold.complaint == 1).sum())
    if min(hits, len(gold) - hits) < _ENOUGH:
        return None
    weights, bias = dense(prepared.lessons.features(prepared.rows[taught]), gold.complaint, gold.weight)
    return Second(weights.astype(np.float32), bias)


def _lived(logits: Doubles) -> Doubles:
    return gate(logits) if logits.shape[1] > 1 else np.ones(len(logits))


RECIPE: Final = Staged
