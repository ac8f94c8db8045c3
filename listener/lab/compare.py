"""Two models on the same posts: figures side by side, their differences with paired bootstrap intervals, and the gate.

Each round draws the posts anew with replacement, for both models alike (Efron & Tibshirani 1993, chapter 16): what both
find hard counts for neither. The gate holds a model back where it is worse in some language beyond chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify import card as cards
from listener.classify import load
from listener.classify.recipes import UNKNOWN, Doubles, Targets
from listener.errors import InputError
from listener.lab import data, held_out, metrics
from listener.lab.evaluate import Labelled, predict
from listener.lab.metrics import Predicted

ROUNDS: Final = 1000
INTERVAL: Final = (2.5, 97.5)
BOOTSTRAPPED: Final = ("macro_f1", "auc", "brier", "precision", "recall")
GATED: Final = {"macro_f1": 1.0, "brier": -1.0}
"""What the gate looks at, and whether more is better (1) or worse (-1)."""
_LEAST: Final = 20
"""A language with fewer posts is shown, not judged."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same n posts as two models see them. `on` says what posts these are, `left_out` how many did not qualify."""

    names: tuple[str, str]
    langs: Sequence[str]
    gold: Targets
    first: Predicted
    second: Predicted
    on: str
    left_out: int = 0


def on_files(first: Path, second: Path, labelled: Labelled) -> Pair:
    """On labelled records that neither model was trained on. Raises InputError if there is none."""
    models = load(first), load(second)
    texts = [record.text for record in labelled.records]
    kept = [at for at, text in enumerate(texts) if not any(model.has_seen(text) for model in models)]
    if not kept:
        raise InputError("files", "hold no post that both models have not been trained on")
    records = [labelled.records[at] for at in kept]
    examples = [labelled.examples[at] for at in kept]
    return Pair(
        names=(models[0].name, models[1].name),
        langs=[example.lang for example in examples],
        gold=data.targets(examples),
        first=predict(models[0], records),
        second=predict(models[1], records),
        on="the files given",
        left_out=len(labelled.records) - len(kept),
    )


def on_hold_out(first: Path, second: Path) -> Pair:
    """On the posts that both kept apart in training (see `held_out`). Raises InputError if there are none."""
    kept = []
    names = []
    for path in (first, second):
        card = cards.read_card(path)
        names.append(f"{card.name}@{card.version}")
        kept.append(held_out.from_arrays(cards.read_arrays(path, card), card))
    if kept[0] is None or kept[1] is None:
        missing = names[0] if kept[0] is None else names[1]
        raise InputError(
            missing, "kept no hold-out of its training", hint="Name files of labelled posts to compare on."
        )
    one, other = held_out.common(kept[0], kept[1])
    if not len(one):
        raise InputError(f"{names[0]} and {names[1]}", "have no held-out post in common", hint="Name labelled files.")
    return Pair(
        names=(names[0], names[1]),
        langs=one.langs,
        gold=one.gold,
        first=one.predicted,
        second=other.predicted,
        on="posts that both held out of training",
        left_out=len(kept[0]) + len(kept[1]) - 2 * len(one),
    )


def compare(pair: Pair, *, seed: int = 0, rounds: int = ROUNDS) -> dict[str, Any]:
    """The object that `models compare --json` prints.

    ``{"a", "b", "on", "n", "left_out", "groups": {"all" or language: {"n", "a", "b", "difference"}}, "worse"}``;
    `difference` is b - a, ``{"value", "low", "high"}`` with a 95% interval; `worse` lists what the gate would refuse b
    for, as ``{"lang", "figure", ...}``.
    """
    langs = np.array(pair.langs)
    parts = {"all": np.ones(len(langs), bool), **{lang: langs == lang for lang in sorted(set(pair.langs))}}
    groups = {
        name: _group(pair.gold.take(rows), pair.first.take(rows), pair.second.take(rows), seed, rounds)
        for name, rows in parts.items()
    }
    return {
        "a": pair.names[0],
        "b": pair.names[1],
        "on": pair.on,
        "n": len(langs),
        "left_out": pair.left_out,
        "groups": groups,
        "worse": [fault for lang, group in groups.items() if lang != "all" for fault in _faults(lang, group)],
    }


def _group(gold: Targets, first: Predicted, second: Predicted, seed: int, rounds: int) -> dict[str, Any]:
    known = gold.complaint != UNKNOWN
    positive = gold.complaint[known] == 1
    both = [_rounds(positive, side.take(known), seed, rounds) for side in (first, second)]
    a, b = metrics.measure(gold, first), metrics.measure(gold, second)
    difference = {}
    for figure in BOOTSTRAPPED:
        if a[figure] is not None and b[figure] is not None:
            spread = both[1][figure] - both[0][figure]
            low, high = np.nanpercentile(spread, INTERVAL) if np.isfinite(spread).any() else (np.nan, np.nan)
            value = float(b[figure] or 0) - float(a[figure] or 0)
            difference[figure] = {"value": _short(value), "low": _short(low), "high": _short(high)}
    return {"n": len(gold), "a": metrics.rounded(a, 6), "b": metrics.rounded(b, 6), "difference": difference}


def _rounds(positive: NDArray[np.bool_], said: Predicted, seed: int, rounds: int) -> dict[str, Doubles]:
    """Each figure in each round (rounds,): the same draws for whoever asks with the same seed and posts."""
    random = np.random.default_rng(seed)
    order = np.argsort(said.complaint, kind="stable")
    squares = (said.complaint - positive) ** 2
    found: dict[str, list[float]] = {figure: [] for figure in BOOTSTRAPPED}
    for _ in range(rounds if len(positive) else 0):
        weight = np.bincount(random.integers(0, len(positive), len(positive)), minlength=len(positive)).astype(float)
        hits = weight[positive & said.flagged].sum()
        flagged, actual, total = weight[said.flagged].sum(), weight[positive].sum(), weight.sum()
        misses = total - flagged - (actual - hits)
        found["macro_f1"].append((_f1(hits, flagged, actual) + _f1(misses, total - flagged, total - actual)) / 2)
        found["precision"].append(hits / flagged if flagged else 0.0)
        found["recall"].append(hits / actual if actual else 0.0)
        found["brier"].append(float((weight * squares).sum() / total))
        found["auc"].append(_auc(positive[order], said.complaint[order], weight[order]))
    return {figure: np.array(values) for figure, values in found.items()}


def _f1(hits: float, said: float, true: float) -> float:
    return float(2 * hits / (said + true)) if said + true else 0.0


def _auc(positive: NDArray[np.bool_], score: Doubles, weight: Doubles) -> float:
    """Area under the ROC curve of weighted posts in ascending order of score; ties count half."""
    starts = np.flatnonzero(np.append(True, score[1:] != score[:-1]))
    good, bad = np.add.reduceat(weight * positive, starts), np.add.reduceat(weight * ~positive, starts)
    total = good.sum() * bad.sum()
    return float((good * (np.cumsum(bad) - bad / 2)).sum() / total) if total else float("nan")


def _faults(lang: str, group: dict[str, Any]) -> list[dict[str, Any]]:
    faults = []
    for figure, better in GATED.items():
        found = group["difference"].get(figure)
        if found is None or group["n"] < _LEAST or found["low"] is None:
            continue
        if (found["high"] if better > 0 else -found["low"]) < 0:
            faults.append({"lang": lang, "figure": figure, **found})
    return faults


def _short(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
