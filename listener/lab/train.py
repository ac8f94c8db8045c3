"""`listener train`: measure on what is held out, then fit on everything, write a model directory.

1. Examples are made distinct, near-copies grouped; 15% of the real posts and of the corpus are held out by group.
2. On the rest, five folds give scores of unseen posts: they set calibration and thresholds.
3. A model of the rest is measured on the hold-out. These figures stand on the card.
4. Unless asked not to, the model that is written is fitted once more on all examples, with the calibration of 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from listener.classify import card as cards
from listener.classify.card import Card
from listener.classify.classifier import SEEN, text_key
from listener.classify.first import First
from listener.classify.recipes import Recipe, Scores, recipe
from listener.errors import InputError
from listener.lab import data, distil, held_out, report
from listener.lab.calibrate import Calibration, calibrate
from listener.lab.catalogue import data_directory
from listener.lab.data import Example, Source
from listener.settings import shipped

FOLDS: Final = 3

Report: TypeAlias = Callable[[str, int, int], None]
"""Told of progress: what is done, steps done, steps in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a training. `data`: directory of the outside sets, None to look for it."""

    out: Path
    corpus: tuple[Path, ...]
    labels: tuple[Path, ...] = ()
    texts: tuple[Path, ...] = ()
    data: Path | None = None
    outside: bool = True
    only_licensed: bool = False
    keep_held_out: bool = False
    seed: int = 0
    recipe: str = "staged"
    beside: tuple[Path, ...] = ()
    """Other builds, e.g. the one of licensed data only, whose figures the card shows too."""


def train(order: Order, progress: Report = lambda _stage, _done, _all: None) -> Card:
    """Carry out an order; returns the card that was written. Raises InputError."""
    others = [report.summary(cards.read_card(path)) for path in order.beside]
    examples, sources = gather(order)
    job = _Job(recipe(order.recipe), examples, progress)
    held = np.array([data.is_held_out(example) for example in examples])
    parted = {example.group for example, out in zip(examples, held, strict=True) if out}
    seen = np.array([example.group not in parted for example in examples])
    calibration = job.calibration(np.flatnonzero(seen))
    measured = job.fit(np.flatnonzero(seen), "measuring")
    scores = job.scores(measured, np.flatnonzero(held))
    unseen = [examples[row] for row in np.flatnonzero(held)]
    figures = report.figures(unseen, scores, calibration)
    figures["read_twice"] = job.read_twice(measured, np.flatnonzero(held))
    directory = data_directory(order.data) if order.outside and not order.only_licensed else None
    figures["first_stage"] = distil.figures(job.distil(measured, calibration, seen, directory), unseen)
    final = measured if order.keep_held_out else job.fit(np.arange(len(examples)), "fitting on everything")
    first = job.distil(final, calibration, seen if order.keep_held_out else np.ones(len(seen), bool), directory)
    used = examples if not order.keep_held_out else [e for e, kept in zip(examples, seen, strict=True) if kept]
    keys = np.unique(np.array([text_key(example.text) for example in used], dtype=np.uint64))
    card = _card(order, final, calibration, {**figures, "other_builds": others}, examples, sources)
    kept = held_out.to_arrays(unseen, scores)
    card = cards.save(order.out, card, {**final.to_arrays(), **first.to_arrays(), **kept, SEEN: keys})
    progress("done", job.steps, job.steps)
    return card


def gather(order: Order) -> tuple[list[Example], list[Source]]:
    """All examples of an order, distinct, the most carefully labelled ones first. Raises InputError."""
    directory = data_directory(order.data) if order.outside else None
    parts = [
        data.labelled(order.labels, order.texts),
        data.outside(directory, only_licensed=order.only_licensed),
        data.read_by_us(shipped("data/labels"), directory, only_licensed=order.only_licensed),
        data.corpus(order.corpus),
    ]
    rank = {"labels": 0, "real": 1, "corpus": 2, "reviews": 3}
    examples = data.distinct(
        sorted((example for found, _ in parts for example in found), key=lambda example: rank[example.family])
    )
    kept = [example for example in examples if example.lang != "und"]
    if not kept:
        raise InputError(str(order.corpus[0]), "holds no example in Japanese, Chinese or English")
    return kept, [source for _, sources in parts for source in sources]


class _Job:
    """Examples prepared once, fitted on any of their rows."""

    def __init__(self, made_by: type[Recipe], examples: Sequence[Example], progress: Report) -> None:
        self.examples = examples
        self.steps = FOLDS + 5
        self._made_by = made_by
        self._progress = progress
        self._done = 0
        self._gold = data.targets(examples)
        self._langs = np.array([example.lang for example in examples])
        self._families = np.array([example.family for example in examples])
        self._report("reading words")
        self._prepared: dict[str, Any] = {}
        self._place = np.zeros(len(examples), dtype=np.int64)
        for lang in sorted(set(self._langs.tolist())):
            rows = np.flatnonzero(self._langs == lang)
            self._place[rows] = np.arange(len(rows))
            self._prepared[lang] = made_by().prepare([examples[row].text for row in rows.tolist()], lang)

    def fit(self, rows: NDArray[np.int64], stage: str, *, details: bool = True) -> Recipe:
        """A model of these examples; without `details` it learns no severity and no cause, which take longest."""
        self._report(stage)
        by_lang = {lang: rows[self._langs[rows] == lang] for lang in self._prepared}
        gold = self._gold if details else self._gold.without_details()
        return self._made_by().fit_prepared(
            {lang: self._prepared[lang][self._place[chosen]] for lang, chosen in by_lang.items() if len(chosen)},
            {lang: gold.take(chosen) for lang, chosen in by_lang.items() if len(chosen)},
        )

    def scores(self, model: Recipe, rows: NDArray[np.int64]) -> Scores:
        """What a model says of these examples, in their order."""
        scores = Scores.empty(len(rows))
        for lang, prepared in self._prepared.items():
            here = np.flatnonzero(self._langs[rows] == lang)
            if len(here):
                scores.put(here, model.decide_prepared(prepared[self._place[rows[here]]], lang))
        return scores

    def read_twice(self, model: Recipe, rows: NDArray[np.int64]) -> dict[str, float]:
        """Share of these posts that take a second reading, by family."""
        twice = np.zeros(len(rows), dtype=bool)
        for lang, prepared in self._prepared.items():
            here = np.flatnonzero(self._langs[rows] == lang)
            if len(here):
                twice[here] = model.read_twice(prepared[self._place[rows[here]]], lang)
        families = self._families[rows]
        return {name: round(float(twice[families == name].mean()), 3) for name in sorted(set(families.tolist()))}

    def calibration(self, rows: NDArray[np.int64]) -> Calibration:
        """From scores of every example by a model that was fitted without its fold. Reviews only help to fit."""
        fold = np.array([data.bucket(self.examples[row], FOLDS, "fold") for row in rows])
        judged = self._families[rows] != "reviews"
        scores = Scores.empty(len(rows))
        for number in range(FOLDS):
            model = self.fit(rows[fold != number], f"fold {number + 1} of {FOLDS}", details=False)
            unseen = np.flatnonzero((fold == number) & judged)
            scores.put(unseen, self.scores(model, rows[unseen]))
        chosen = np.flatnonzero(judged)
        kept = Scores(scores.complaint[chosen], scores.severity[chosen], scores.cause[chosen], scores.churn[chosen])
        return calibrate([self.examples[rows[at]] for at in chosen], self._gold.take(rows[chosen]), kept)

    def distil(
        self, teacher: Recipe, calibration: Calibration, rows: NDArray[np.bool_], directory: Path | None
    ) -> First:
        """The first stage of a model, taught on these examples and the pools."""
        self._report("first stage")
        return distil.distil(
            teacher.hasty(), calibration, [self.examples[row] for row in np.flatnonzero(rows).tolist()], directory
        )

    def _report(self, stage: str) -> None:
        self._progress(stage, self._done, self.steps)
        self._done += 1


def _card(
    order: Order,
    model: Recipe,
    calibration: Calibration,
    figures: dict[str, Any],
    examples: Sequence[Example],
    sources: Sequence[Source],
) -> Card:
    name, _, version = order.out.name.lower().rpartition("-")
    return Card(
        name=name or order.out.name.lower(),
        version=version if name else "1",
        recipe=model.name,
        config=model.config(),
        calibration=calibration.maps,
        thresholds=calibration.thresholds,
        base_rates=calibration.base_rates,
        seed=order.seed,
        data=[asdict(source) for source in sources],
        figures={
            **figures,
            "measured_on": "posts held out by group, of a model fitted without them",
            "fitted_on": "all but the held-out posts" if order.keep_held_out else "all posts, after measuring",
            "examples": report.counts(examples),
            "build": "only licensed data" if order.only_licensed else "full",
        },
        intended_use=report.INTENDED_USE,
        limits=list(report.LIMITS),
        licences="Weights: Apache-2.0. Data: see the licence of each set; no text of them is part of the model.",
    )
