"""Linear heads on hashed character n-grams and words, one set a language.

A complaint is decided by two experts and a gate, all linear: one expert learnt mostly from people's own posts, the
other from texts that were written to teach; the gate says which kind a text looks like. One model for both costs each
of them several points of AUC (see `listener.lab`), since the same words mean different things in them. Features are
counts over sqrt(number of n-grams), scaled for the complaint by inverse document frequency in training; the scaling
is folded into the weights, so that scoring is one gather and one sum. Severity and cause are multinomial, trained on
complaints only, churn on all posts; these share a coarser table in eight bits, since they have less to learn from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from listener.classify import features
from listener.classify.features import Spec, Units
from listener.classify.recipes import SEVERITY_LEVELS, Arrays, Doubles, Scores, Targets, sigmoid
from listener.classify.recipes._fit import Settings, coarsened, experts, multinomial
from listener.text import language
from listener.text.normalise import pieces
from listener.types import CAUSES

_DETAILS: Final = 1 + SEVERITY_LEVELS + len(CAUSES)
_GATED: Final = 3


@dataclass(frozen=True, slots=True)
class Head:
    """One language.

    `complaint` (slots, 1) or (slots, 3): the one expert, or the lived, the written and the gate. `details`
    (slots >> coarse, 17) times `scale` (17,): churn, severity 1..4, causes. `bias` (1 or 3, + 17) in the same order.
    """

    complaint: features.Floats
    details: NDArray[np.int8]
    scale: features.Floats
    bias: Doubles

    @property
    def experts(self) -> int:
        """Columns of `complaint`."""
        return int(self.complaint.shape[1])


@dataclass(slots=True)
class Linear:
    """See the module. `heads` is empty until fitted."""

    name: ClassVar[str] = "linear"
    spec: Spec = field(default_factory=Spec)
    settings: Settings = field(default_factory=Settings)
    heads: dict[str, Head] = field(default_factory=dict)

    def fit(self, texts: Sequence[str], langs: Sequence[str], targets: Targets) -> Self:
        """See Recipe: one head for each language that has both kinds of posts."""
        which = np.asarray(langs)
        rows_of = {lang: np.flatnonzero(which == lang) for lang in sorted(set(langs))}
        prepared = {lang: self.prepare(_chosen(texts, rows), lang) for lang, rows in rows_of.items()}
        return self.fit_prepared(prepared, {lang: targets.take(rows) for lang, rows in rows_of.items()})

    def prepare(self, texts: Sequence[str], lang: str) -> Any:
        """See Recipe: the features of texts in one language, scipy CSR (n, slots)."""
        import scipy.sparse

        parts = [features.matrix(self._units(part, lang), self.spec) for _, part in pieces(texts)]
        return scipy.sparse.vstack(parts).tocsr() if parts else scipy.sparse.csr_matrix((0, self.spec.slots))

    def fit_prepared(self, prepared: Mapping[str, Any], targets: Mapping[str, Targets]) -> Self:
        """See Recipe."""
        self.heads = {}
        for lang in sorted(prepared):
            head = self._fit_head(prepared[lang], targets[lang])
            if head is not None:
                self.heads[lang] = head
        return self

    def decide_prepared(self, prepared: Any, lang: str) -> Scores:
        """See Recipe."""
        return self.opinions_prepared(prepared, lang)[1]

    def opinions_prepared(self, prepared: Any, lang: str) -> tuple[Doubles, Scores]:
        """`opinions` on what `prepare` gave."""
        if lang not in self.heads:
            return np.zeros((prepared.shape[0], 1)), Scores.empty(prepared.shape[0])
        head = self.heads[lang]
        coarse = coarsened(prepared, self.settings.coarse)
        return _opinions(head, prepared @ head.complaint, coarse @ head.details.astype(np.float32))

    def decision(self, texts: Sequence[str], langs: Sequence[str]) -> Scores:
        """See Recipe."""
        scores = Scores.empty(len(texts))
        for lang, rows, part in self.parts(texts, langs):
            scores.put(rows, self.opinions(part, lang)[1])
        return scores

    def opinions(self, texts: Sequence[str], lang: str) -> tuple[Doubles, Scores]:
        """Of a trained language: logits of its experts and gate (n, 1 or 3), and what is made of them."""
        head, made = self.heads[lang], self._units(texts, lang)
        details = features.scores(made, head.details, coarse=self.settings.coarse)
        return _opinions(head, features.scores(made, head.complaint), details)

    def complaint(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """See Recipe."""
        logits = np.zeros(len(texts))
        for lang, rows, part in self.parts(texts, langs):
            logits[rows] = gated(self.experts(part, lang))
        return logits

    def experts(self, texts: Sequence[str], lang: str) -> Doubles:
        """The first of `opinions` alone."""
        head = self.heads[lang]
        return features.scores(self._units(texts, lang), head.complaint) + head.bias[: head.experts]

    def predict_proba(self, texts: Sequence[str], langs: Sequence[str]) -> Doubles:
        """See Recipe."""
        positive = sigmoid(self.complaint(texts, langs))
        return np.column_stack([1 - positive, positive])

    def contributions(self, text: str, lang: str) -> Doubles:
        """See Recipe. The gate's decision is taken as given: its own features are style, not grievance."""
        if lang not in self.heads:
            return np.zeros(len(text))
        head, mix = self.heads[lang], np.ones(1)
        if head.experts == _GATED:
            logits = self.experts([text], lang)
            lived = gate(logits)[0]
            mix = np.array([lived, 1 - lived, 0.0])
        folded = self.spec.simplify and language(lang).variants
        return features.contributions(text, language(lang).spaced, self.spec, head.complaint, mix, simplify=folded)

    def careful(self) -> Self:
        """See Recipe: itself."""
        return self

    def hasty(self) -> Self:
        """See Recipe: itself."""
        return self

    def read_twice(self, prepared: Any, lang: str) -> NDArray[np.bool_]:
        """See Recipe: none."""
        del lang
        return np.zeros(prepared.shape[0], dtype=bool)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """See Recipe. Weights in eight bits, with a scale for each column."""
        arrays: dict[str, NDArray[Any]] = {}
        for lang, head in self.heads.items():
            unit = np.maximum(np.abs(head.complaint).max(axis=0), 1e-9) / 127
            arrays[f"{lang}.complaint"] = np.rint(head.complaint / unit).astype(np.int8)
            arrays[f"{lang}.complaint.scale"] = unit.astype(np.float32)
            arrays[f"{lang}.details"] = head.details
            arrays[f"{lang}.scale"] = head.scale
            arrays[f"{lang}.bias"] = head.bias
        return arrays

    def config(self) -> dict[str, Any]:
        """See Recipe."""
        return {
            "spec": asdict(self.spec),
            "settings": asdict(self.settings),
            "experts": {lang: head.experts for lang, head in sorted(self.heads.items())},
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, config: Mapping[str, Any]) -> Self:
        """See Recipe."""
        spec = Spec(**{"simplify": False, **{key: _tuple(value) for key, value in config["spec"].items()}})
        model = cls(spec=spec, settings=Settings(**config["settings"]))
        for lang, count in config["experts"].items():
            if count not in (1, _GATED):
                raise ValueError(f"{count} experts")
            shapes = {
                "details": ("i", (spec.slots >> model.settings.coarse, _DETAILS)),
                "scale": ("f", (_DETAILS,)),
                "bias": ("f", (count + _DETAILS,)),
            }
            parts = {part: _checked(arrays[f"{lang}.{part}"], *want) for part, want in shapes.items()}
            model.heads[lang] = Head(
                _complaint(arrays, lang, (spec.slots, count)),
                parts["details"].astype(np.int8, copy=False),
                parts["scale"].astype(np.float32, copy=False),
                parts["bias"].astype(np.float64, copy=False),
            )
        return model

    def _units(self, texts: Sequence[str], lang: str) -> list[Units]:
        folded = self.spec.simplify and language(lang).variants
        return features.units(texts, language(lang).spaced, self.spec, simplify=folded)

    def parts(
        self, texts: Sequence[str], langs: Sequence[str]
    ) -> Iterator[tuple[str, NDArray[np.int64], Sequence[str]]]:
        """Texts by trained language, in pieces: language, their rows, the texts."""
        which = np.asarray(langs)
        for lang in self.heads:
            rows = np.flatnonzero(which == lang)
            for start, part in pieces(_chosen(texts, rows)):
                yield lang, rows[start : start + len(part)], part

    def _fit_head(self, matrix: Any, targets: Targets) -> Head | None:
        found = experts(matrix, targets, self.settings)
        if found is None:
            return None
        weights, bias = found
        details, details_bias = self._fit_details(matrix, targets)
        scale = np.maximum(np.abs(details).max(axis=0), 1e-9) / 127
        return Head(
            weights.astype(np.float32),
            np.rint(details / scale).astype(np.int8),
            scale.astype(np.float32),
            np.concatenate([bias, details_bias]),
        )

    def _fit_details(self, matrix: Any, targets: Targets) -> tuple[Doubles, Doubles]:
        coarse = coarsened(matrix, self.settings.coarse)
        weights = np.zeros((coarse.shape[1], _DETAILS))
        bias = np.zeros(_DETAILS)
        unhappy = targets.complaint == 1
        last = 1 + SEVERITY_LEVELS
        heads = (
            (slice(0, 1), targets.churn, targets.churn >= 0, 2),
            (slice(1, last), targets.severity - 1, unhappy & (targets.severity > 0), SEVERITY_LEVELS),
            (slice(last, _DETAILS), targets.cause, unhappy & (targets.cause >= 0), len(CAUSES)),
        )
        for where, gold, known, classes in heads:
            rows = coarse[known], gold[known], targets.weight[known]
            weights[:, where], bias[where] = multinomial(*rows, classes, self.settings)
        return weights, bias


def _opinions(head: Head, complaint: Doubles, details: Doubles) -> tuple[Doubles, Scores]:
    details = details * head.scale + head.bias[head.experts :]
    logits = np.asarray(complaint + head.bias[: head.experts], dtype=np.float64)
    last = 1 + SEVERITY_LEVELS
    return logits, Scores(gated(logits), details[:, 1:last], details[:, last:], details[:, 0])


def gate(logits: Doubles) -> Doubles:
    """How far each row looks like a post that somebody lived; doubled, since the gate is surer than it says."""
    return sigmoid(2 * logits[:, 2])


def gated(logits: Doubles) -> Doubles:
    """One logit from the experts', by the gate."""
    if logits.shape[1] == 1:
        return logits[:, 0]
    lived = gate(logits)
    return np.asarray(lived * logits[:, 0] + (1 - lived) * logits[:, 1], dtype=np.float64)


def _chosen(texts: Sequence[str], rows: NDArray[np.int64]) -> list[str]:
    return [texts[row] for row in rows.tolist()]


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _complaint(arrays: Arrays, lang: str, shape: tuple[int, int]) -> features.Floats:
    """In single precision; models of the first form hold them in half precision, without a scale."""
    scale = arrays.get(f"{lang}.complaint.scale")
    if scale is None:
        return _checked(arrays[f"{lang}.complaint"], "f", shape).astype(np.float32)
    weights = _checked(arrays[f"{lang}.complaint"], "i", shape)
    return np.asarray(weights * _checked(scale, "f", shape[1:]), dtype=np.float32)


def _checked(array: NDArray[Any], kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if array.shape != shape or array.dtype.kind != kind:
        raise ValueError(f"an array is {array.dtype} {array.shape} and should be {kind} {shape}")
    return array


RECIPE: Final = Linear
