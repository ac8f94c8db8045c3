"""`listener calibrate`: a model's probabilities and thresholds set right for where it is used, from a few labels.

AUC survives a change of domain, thresholds do not: the share of complaints differs, and so does what scores mean. For
each language, and within it for each source, a slope and a shift of the log-odds are fitted and a threshold chosen
(`listener.lab.local_fit`): a source is drawn to its language, a language to the model. Weights stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify import Classifier, load
from listener.classify import card as cards
from listener.classify.card import Card
from listener.classify.recipes import UNKNOWN, Doubles, sigmoid
from listener.errors import InputError, UsageError
from listener.lab import data, metrics
from listener.lab.data import Example
from listener.lab.evaluate import read_labelled
from listener.lab.local_fit import Change, change, macro_f1
from listener.types import LANGUAGES

LEAST: Final = 30
"""A language, or a source, with fewer labels stays as it is."""
PARTS: Final = 5
BATCH: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked: labels in `files`, or in CSV `labels` of posts in `texts`, for the model in `model`."""

    model: Path
    out: Path
    files: tuple[str, ...] = ()
    labels: tuple[Path, ...] = ()
    texts: tuple[Path, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Posts:
    """Labelled posts, old log-odds (n,) as the language's calibration gives them, and where each belongs."""

    odds: Doubles
    positive: NDArray[np.bool_]
    langs: NDArray[np.str_]
    sources: NDArray[np.str_]

    def take(self, rows: NDArray[Any]) -> Posts:
        """These rows only."""
        return Posts(self.odds[rows], self.positive[rows], self.langs[rows], self.sources[rows])


def recalibrate(order: Order, tell: Callable[[str, str], None]) -> Card:
    """A new model directory of the same weights; returns its card. Raises InputError, ModelError."""
    if order.out.absolute() == order.model.absolute():
        raise UsageError(f"{order.out} is the model itself", hint="Write into a directory of a new version.")
    classifier = load(order.model)
    examples, bad = _examples(order, tell)
    fresh = [example for example in examples if not classifier.has_seen(example.text)]
    posts = _posts(classifier, [example for example in fresh if example.lang in classifier.card.thresholds])
    keys = _keys(posts)
    if not keys:
        raise InputError(
            "the labels", f"{len(posts.odds)} posts that the model does not know are too few",
            hint=f"At least {LEAST} labelled posts of one language, or of one source.",
        )  # fmt: skip
    changes = changed(posts, classifier.card.thresholds)
    figures = _figures(posts, classifier.card.thresholds, order.seed)
    story = {
        "from": classifier.name,
        "seed": order.seed,
        "labels": [{"name": Path(name).name, "sha256": data.hash_file(Path(name))} for name in _named(order)],
        "posts": len(posts.odds),
        "left_out": {"known to the model": len(examples) - len(fresh), "bad records": bad},
        "by": {key: {**_told(changes[key]), **figures[key]} for key in keys},
    }
    return cards.save_with_files(order.out, _card(classifier.card, order, changes, posts, story), order.model)


def changed(posts: Posts, thresholds: Mapping[str, float]) -> dict[str, Change]:
    """The change by language and by `local` key; a source's starts from its language's, all are on the old log-odds."""
    found: dict[str, Change] = {}
    for lang, threshold in thresholds.items():
        here = posts.take(posts.langs == lang)
        if ":" in lang or not len(here.odds):
            continue
        parent = Change(1.0, 0.0, threshold)
        if len(here.odds) >= LEAST:
            parent = found[lang] = change(here.odds, here.positive, threshold)
        for source, rows in _by_source(here).items():
            odds = parent.slope * here.odds[rows] + parent.shift
            own = change(odds, here.positive[rows], parent.threshold)
            shift = own.slope * parent.shift + own.shift
            found[cards.local(lang, source)] = Change(own.slope * parent.slope, shift, own.threshold)
    return found


def _by_source(posts: Posts) -> dict[str, NDArray[np.int64]]:
    """The rows of each source that has labels enough; of a single one there is nothing to tell apart."""
    names, counts = np.unique(posts.sources, return_counts=True)
    if len(names) < 2:
        return {}
    return {
        str(name): np.flatnonzero(posts.sources == name)
        for name, count in zip(names, counts, strict=True)
        if name and count >= LEAST
    }


def _keys(posts: Posts) -> list[str]:
    """What can be calibrated."""
    return sorted(changed(posts, dict.fromkeys(LANGUAGES, 0.5)))


def _figures(posts: Posts, thresholds: Mapping[str, float], seed: int) -> dict[str, dict[str, Any]]:
    """Posts, complaints, and ECE, Brier and macro-F1 before and after: after is judged on parts left out of fitting."""
    part = np.random.default_rng(seed).permutation(len(posts.odds)) % PARTS
    after, flagged = np.zeros(len(posts.odds)), np.zeros(len(posts.odds), dtype=bool)
    for number in range(PARTS):
        changes = changed(posts.take(part != number), thresholds)
        for row in np.flatnonzero(part == number).tolist():
            lang, source = str(posts.langs[row]), str(posts.sources[row])
            made = changes.get(cards.local(lang, source)) or changes.get(lang) or Change(1.0, 0.0, thresholds[lang])
            after[row] = float(made.probability(posts.odds[row : row + 1])[0])
            flagged[row] = after[row] >= made.threshold
    before = sigmoid(posts.odds)
    old = before >= np.array([thresholds[lang] for lang in posts.langs.tolist()])
    found: dict[str, dict[str, Any]] = {}
    for key in _keys(posts):
        lang, _, source = key.partition(":")
        rows = (posts.langs == lang) & ((posts.sources == source) if source else True)
        gold = posts.positive[rows]
        found[key] = {
            "posts": int(rows.sum()),
            "complaints": int(gold.sum()),
            "before": _measured(gold, before[rows], old[rows]),
            "after": _measured(gold, after[rows], flagged[rows]),
        }
    return found


def _measured(gold: NDArray[np.bool_], probability: Doubles, flagged: NDArray[np.bool_]) -> dict[str, float]:
    return {
        "ece": round(metrics.expected_calibration_error(gold, probability), 4),
        "brier": round(float(((probability - gold) ** 2).mean()), 4),
        "macro_f1": round(macro_f1(gold.astype(np.float64), flagged), 4),
    }


def _examples(order: Order, tell: Callable[[str, str], None]) -> tuple[list[Example], int]:
    found, _ = data.labelled(order.labels, order.texts)
    bad = 0
    if order.files:
        read = read_labelled(order.files, tell, to_train=True)
        found, bad = [*found, *read.examples], read.bad
    known = data.distinct(example for example in found if example.complaint != UNKNOWN)
    if not known:
        raise InputError("the labels", "say of no post whether it is a complaint")
    return known, bad


def _posts(classifier: Classifier, examples: Sequence[Example]) -> Posts:
    texts, langs = [example.text for example in examples], [example.lang for example in examples]
    maps = classifier.card.calibration["complaint"]
    pairs = np.array([maps.get(lang, (1.0, 0.0)) for lang in langs], dtype=np.float64).reshape(-1, 2)
    scores = [
        classifier.recipe.decision(texts[at : at + BATCH], langs[at : at + BATCH]).complaint
        for at in range(0, len(texts), BATCH)
    ]
    return Posts(
        odds=pairs[:, 0] * np.concatenate([np.zeros(0), *scores]) + pairs[:, 1],
        positive=np.array([example.complaint == 1 for example in examples], dtype=bool),
        langs=np.array(langs, dtype=np.str_),
        sources=np.array([example.source or "" for example in examples], dtype=np.str_),
    )


def _card(card: Card, order: Order, changes: Mapping[str, Change], posts: Posts, story: Mapping[str, Any]) -> Card:
    name, _, version = order.out.name.lower().rpartition("-")
    maps = dict(card.calibration["complaint"])
    thresholds, rates = dict(card.thresholds), dict(card.base_rates)
    for key, made in changes.items():
        lang, _, source = key.partition(":")
        slope, shift = card.calibration["complaint"][lang]
        maps[key] = round(made.slope * slope, 6), round(made.slope * shift + made.shift, 6)
        thresholds[key] = round(made.threshold, 4)
        rows = (posts.langs == lang) & ((posts.sources == source) if source else True)
        rates[key] = round(float(posts.positive[rows].mean()), 4)
    return replace(
        card,
        name=name or order.out.name.lower(),
        version=version if name else "1",
        calibration={**card.calibration, "complaint": maps},
        thresholds=thresholds,
        base_rates=rates,
        figures={**card.figures, "calibrated": story},
    )


def _named(order: Order) -> list[str]:
    return [*(file for file in order.files if file != "-"), *map(str, order.labels)]


def _told(made: Change) -> dict[str, float]:
    """A change for the card."""
    return {"slope": round(made.slope, 4), "shift": round(made.shift, 4), "threshold": round(made.threshold, 4)}
