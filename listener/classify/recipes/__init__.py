"""Model recipes: one file each. What a recipe must do, and the values it takes and gives.

A recipe follows scikit-learn (`fit`, `predict_proba`), and adds `to_arrays`/`from_arrays`, so that a model is stored
as plain arrays and never as a pickle. `fit` may import scikit-learn; nothing that only predicts may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final, Protocol, Self, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from listener.types import CAUSES

Doubles: TypeAlias = NDArray[np.float64]
Arrays: TypeAlias = Mapping[str, NDArray[Any]]

SEVERITY_LEVELS: Final = 4
UNKNOWN: Final = -1
NAMES: Final = ("linear", "staged")
"""The recipes there are: a name on a model's card never decides freely what is imported."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Gold labels of n posts, each (n,): -1 where unknown. `severity` 0..4, `cause` an index into CAUSES.

    `written` says which posts were made up to teach; people's own posts are of another style.
    """

    complaint: NDArray[np.int64]
    severity: NDArray[np.int64]
    cause: NDArray[np.int64]
    churn: NDArray[np.int64]
    weight: Doubles
    written: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.complaint)

    def without_details(self) -> Targets:
        """The same with severity and cause unknown."""
        unknown = np.full(len(self), UNKNOWN, dtype=np.int64)
        return replace(self, severity=unknown, cause=unknown)

    def take(self, rows: NDArray[Any]) -> Targets:
        """These rows only; `rows` is a mask or indices."""
        return Targets(
            self.complaint[rows],
            self.severity[rows],
            self.cause[rows],
            self.churn[rows],
            self.weight[rows],
            self.written[rows],
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """What a recipe says of n posts, before calibration.

    `complaint` and `churn` (n,) are log-odds; `severity` (n, 4) for levels 1..4 and `cause` (n, 12) in the order of
    CAUSES are logits given that the post is a complaint.
    """

    complaint: Doubles
    severity: Doubles
    cause: Doubles
    churn: Doubles

    @classmethod
    def empty(cls, count: int) -> Scores:
        """All zero: nothing known."""
        return cls(np.zeros(count), np.zeros((count, SEVERITY_LEVELS)), np.zeros((count, len(CAUSES))), np.zeros(count))

    def take(self, rows: NDArray[Any]) -> Scores:
        """These rows only; `rows` is a mask or indices."""
        return Scores(self.complaint[rows], self.severity[rows], self.cause[rows], self.churn[rows])

    def put(self, rows: NDArray[Any], other: Scores) -> None:
        """Write `other` into these rows."""
        self.complaint[rows] = other.complaint
        self.severity[rows] = other.severity
        self.cause[rows] = other.cause
        self.churn[rows] = other.churn


class Recipe(Protocol):
    """A trained or trainable model for texts whose language (one of LANGUAGES) is known."""

    name: str

    def fit(self, texts: Sequence[str], langs: Sequence[str], targets: Targets) -> Self:
        """Train from scratch; deterministic."""

    def prepare(self, texts: Sequence[str], lang: str) -> Any:
        """Texts of one language in the form that fitting wants, to be sliced by rows: folds need not repeat this."""

    def fit_prepared(self, prepared: Mapping[str, Any], targets: Mapping[str, Targets]) -> Self:
        """`fit` on what `prepare` gave, by language."""

    def decide_prepared(self, prepared: Any, lang: str) -> Scores:
        """`decision` on what `prepare` gave."""

    def decision(self, texts: Sequence[str], langs: Sequence[str]) -> Scores:
        """All heads. A text of a language it was not trained for scores zero everywhere."""

    def complaint(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """Only the log-odds of a complaint (n,)."""

    def predict_proba(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """(n, 2): not a complaint, complaint; uncalibrated."""

    def contributions(self, text: str, lang: str) -> Doubles:
        """Share of each code point of the text as given in the log-odds of a complaint (len(text),)."""

    def careful(self) -> Recipe:
        """The same model without what it leaves out for speed."""

    def hasty(self) -> Recipe:
        """The same model without what takes most of its time."""

    def read_twice(self, prepared: Any, lang: str) -> NDArray[np.bool_]:
        """Which of the posts that `prepare` gave take a second, slower reading."""

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything learnt, as arrays."""

    def config(self) -> dict[str, Any]:
        """Everything chosen, as plain JSON."""

    @classmethod
    def from_arrays(cls, arrays: Arrays, config: Mapping[str, Any]) -> Self:
        """The same model again. Raises KeyError, TypeError or ValueError if the parts do not fit."""


def recipe(name: str) -> type[Recipe]:
    """The recipe of this name; KeyError if there is none."""
    if name not in NAMES:
        raise KeyError(name)
    return cast("type[Recipe]", import_module(f"listener.classify.recipes.{name}").RECIPE)


def sigmoid(logits: Doubles) -> Doubles:
    """1 / (1 + exp(-x)), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), dtype=np.float64)
