"""The first stage: the complaint probability alone, from character n-grams alone, at wire speed.

A linear student that was taught the log-odds of its model (`listener.lab.distil`), so that archives and firehoses of
millions of posts can be sifted and only what may be a complaint be read in full. Finding words costs most of a full
reading; the student does without. The model's calibration and thresholds hold for it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from listener.classify import features
from listener.classify.features import Spec
from listener.classify.recipes import Doubles
from listener.text import language
from listener.text.normalise import pieces
from listener.types import LANGUAGES

SPEC: Final = Spec(char_sizes=(1, 4), char_bits=19, word_sizes=(1, 0), word_bits=0)
_PREFIX: Final = "first."


@dataclass(frozen=True, slots=True)
class First:
    """By language: weights (slots,) and a bias. Without languages it knows nothing."""

    weights: Mapping[str, features.Floats] = field(default_factory=dict)
    biases: Mapping[str, float] = field(default_factory=dict)

    def logits(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """Log-odds of a complaint (n,), before calibration; 0 for a language that it was not taught."""
        found = np.zeros(len(texts))
        which = np.asarray(langs)
        for lang, weights in self.weights.items():
            rows = np.flatnonzero(which == lang)
            for start, part in pieces([texts[row] for row in rows.tolist()]):
                made = units(part, lang)
                found[rows[start : start + len(part)]] = features.scores(made, weights) + self.biases[lang]
        return found

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As arrays of a model directory, in half precision."""
        arrays: dict[str, NDArray[Any]] = {}
        for lang, weights in self.weights.items():
            arrays[f"{_PREFIX}{lang}.weights"] = weights.astype(np.float16)
            arrays[f"{_PREFIX}{lang}.bias"] = np.array([self.biases[lang]])
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The same again; empty where a model has no first stage. Raises KeyError or ValueError if parts do not fit."""
        weights: dict[str, features.Floats] = {}
        biases: dict[str, float] = {}
        for lang in LANGUAGES:
            if f"{_PREFIX}{lang}.weights" in arrays:
                found, bias = arrays[f"{_PREFIX}{lang}.weights"], arrays[f"{_PREFIX}{lang}.bias"]
                if found.shape != (SPEC.slots,) or found.dtype.kind != "f" or bias.shape != (1,):
                    raise ValueError(f"the first stage of {lang} is {found.dtype} {found.shape}")
                weights[lang], biases[lang] = found.astype(np.float32), float(bias[0])
        return cls(weights, biases)


def units(texts: Sequence[str], lang: str) -> list[features.Units]:
    """What the first stage reads of texts in one language."""
    return features.units(texts, None, SPEC, simplify=language(lang).variants)
