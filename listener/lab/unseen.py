"""Public posts with scores of a classifier that was not trained on them.

The shipped model has learnt most of the labelled public posts there are; streams made of those would flatter all that
comes after it. So each labelled post is scored by a model that was fitted without its fold, with the shipped model's
calibration and thresholds; posts that no model has seen are scored by the shipped one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from listener.classify import Classifier
from listener.classify.classifier import softmax
from listener.classify.recipes import UNKNOWN, Doubles, recipe, sigmoid
from listener.lab import data, train
from listener.lab.data import Example
from listener.settings import shipped
from listener.text.records import BadRecord, Record, read
from listener.types import CAUSES

FOLDS: Final = 3
NEVER_TRAINED: Final = ("pool_ja", "pool_zh", "pool_en", "en_us_airline", "ja_jrte_pn_train")
THEMED: Final = {"zh_heimao_cause6": "label", "en_us_airline": "negativereason"}
"""Sets whose own categories say what a complaint is about, and the key that holds them."""
_VAGUE: Final = frozenset({"Can't Tell", "Customer Service Issue"})


@dataclass(frozen=True, slots=True)
class Post:
    """A real post, scored unseen.

    `gold`: 1 a complaint, 0 none, None unknown; `theme`: its set's own category; `posted_at`
    (seconds since 1970) and `brand` where its set has them.
    """

    text: str
    lang: str
    source: str
    file: str
    complaint: float
    flagged: bool
    causes: tuple[float, ...]
    gold: int | None
    cause: str | None
    theme: str | None
    posted_at: float | None = None
    brand: str | None = None

    @property
    def unhappy(self) -> bool:
        """Whether it counts as a complaint: by its label, where it has one."""
        return self.flagged if self.gold is None else self.gold == 1


def posts(
    directory: Path,
    classifier: Classifier,
    cache: Path | None = None,
    *,
    of: int = 1,
    folds: int = FOLDS,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Post]:
    """The public posts below `directory`, or one in `of` of them (of those with a time of their own: all).

    Takes minutes, so `cache` may keep them. `tell` hears what is under way.
    """
    if cache is not None and cache.exists():
        return [Post(**{**one, "causes": tuple(one["causes"])}) for one in _lines(cache)]
    found = _out_of_fold(directory, classifier, of, folds, tell)
    known = {post.text for post in found}
    for name in NEVER_TRAINED:
        tell(f"scoring {name}")
        fresh = [one for one in _records(directory / f"{name}.jsonl.gz") if one.text not in known]
        found += _by_shipped(name, [one for one in fresh if one.posted_at or _is_chosen(one.text, of)], classifier)
    if cache is not None:
        with gzip.open(cache, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(post), ensure_ascii=False) + "\n" for post in found)
    return found


def half(text: str) -> int:
    """0 or 1 by the text alone: streams to choose by and streams to judge by share no text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % 2


def _is_chosen(text: str, of: int) -> bool:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[1] % of == 0


def _out_of_fold(
    directory: Path, classifier: Classifier, of: int, folds: int, tell: Callable[[str], None]
) -> list[Post]:
    """Every labelled post, by a model fitted without its fold."""
    themes = _themes(directory)
    order = train.Order(out=Path("unseen-1"), corpus=(shipped("data/corpus"),), data=directory)
    examples = [example for example in train.gather(order)[0] if _is_chosen(example.text, of)]
    fold = np.array([data.bucket(example, folds, "unseen") for example in examples])
    found: list[Post] = []
    for lang in sorted({example.lang for example in examples}):
        rows = np.array([row for row, example in enumerate(examples) if example.lang == lang])
        model = recipe(classifier.card.recipe)()
        prepared = model.prepare([examples[row].text for row in rows.tolist()], lang)
        gold = data.targets([examples[row] for row in rows.tolist()])
        for number in range(folds):
            tell(f"a model without part {number + 1} of {folds} of the posts in {lang}")
            rest, judged = np.flatnonzero(fold[rows] != number), np.flatnonzero(fold[rows] == number)
            fitted = type(model)().fit_prepared({lang: prepared[rest]}, {lang: gold.take(rest)})
            scores = fitted.decide_prepared(prepared[judged], lang)
            chosen = [examples[row] for row in rows[judged].tolist()]
            found += _scored(chosen, _calibrated(scores.complaint, lang, classifier), scores.cause, classifier, themes)
    return found


def _calibrated(logits: Doubles, lang: str, classifier: Classifier) -> Doubles:
    slope, shift = classifier.card.calibration["complaint"][lang]
    return sigmoid(slope * logits + shift)


def _scored(
    examples: Sequence[Example], complaint: Doubles, cause: Doubles, classifier: Classifier, themes: Mapping[str, str]
) -> list[Post]:
    causes = softmax(cause)
    return [
        Post(
            text=example.text,
            lang=example.lang,
            source=example.source or example.file,
            file=example.file,
            complaint=round(float(complaint[row]), 4),
            flagged=bool(complaint[row] >= classifier.card.thresholds[example.lang]),
            causes=tuple(causes[row].round(4).tolist()),
            gold=None if example.complaint == UNKNOWN else example.complaint,
            cause=None if example.cause == UNKNOWN or example.family == "reviews" else CAUSES[example.cause],
            theme=themes.get(example.text),
        )
        for row, example in enumerate(examples)
    ]


def _by_shipped(name: str, records: Sequence[Record], classifier: Classifier) -> list[Post]:
    found = classifier.probabilities([one.text for one in records], [one.lang for one in records])
    return [
        Post(
            text=one.text,
            lang=found.heads[row],
            source=one.source or name,
            file=name,
            complaint=round(float(found.complaint[row]), 4),
            flagged=bool(found.flagged[row]),
            causes=tuple(found.cause[row].round(4).tolist()),
            gold=one.complaint,
            cause=None,
            theme=_theme(name, one),
            posted_at=one.posted_at.timestamp() if one.posted_at else None,
            brand=one.brand,
        )
        for row, one in enumerate(records)
    ]


def _themes(directory: Path) -> dict[str, str]:
    """What each text of a themed set is about, by that set."""
    found = {}
    for name in THEMED:
        for one in _records(directory / f"{name}.jsonl.gz"):
            if theme := _theme(name, one):
                found[one.text] = theme
    return found


def _theme(name: str, record: Record) -> str | None:
    value = record.extra.get(THEMED.get(name, ""))
    return f"{name}: {value}" if value and value not in _VAGUE and record.complaint == 1 else None


def _records(path: Path) -> list[Record]:
    return [one for one in read(path) if not isinstance(one, BadRecord)]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
