"""`listener bench classify`: how fast a model is beside the stock scikit-learn pipeline, in the same run, on one core.

Absolute numbers depend on the machine; the ratios are what is compared. The stock pipeline is
``TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))`` with ``LogisticRegression``, what one would write first.
Seconds are the process's own (CPU time), so that other work on the machine does not blur them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from listener.classify import Classifier, load
from listener.classify.recipes import Recipe
from listener.lab.catalogue import data_directory
from listener.lab.data import Example, corpus, distinct, is_held_out, outside
from listener.settings import current_model, shipped
from listener.settings import load as settings

BATCH: Final = 1024
_ROUNDS: Final = 3
_SINGLE: Final = 200
_POSTS: Final = 6 * BATCH

TARGETS: Final[Mapping[str, float]] = {
    "first_ratio": 15,
    "heads_ratio": 1.5,
    "full_ratio": 0.3,
    "first_ms": -1,
    "one_post_ms": -5,
    "evidence_ms": -2,
    "load_s": -0.5,
    "size_mb": -25,
}
"""What is aimed at: at least this, or where negative at most."""

Scored = Callable[[Sequence[str], Sequence[str]], Any]


def measure(model: Path | None = None, posts: Path | None = None) -> dict[str, Any]:
    """Figures of one model: posts a second and ratios to stock, milliseconds for one post, load time, size in MB.

    `first`: the first stage's probability, language known; `quick`: the same with the language found out; `heads`:
    language and all four heads without a second stage; `full`: as `verdicts` answers, with the second stage for the
    share of posts that it takes. Posts are the real hold-out where the public sets are on the machine, else the corpus;
    a model that was fitted on everything knows them, and reads fewer of them twice than of posts that it never saw.
    """
    from threadpoolctl import threadpool_limits

    directory = model or current_model(settings())
    examples, on = _examples(posts)
    texts, langs = [example.text for example in examples], [example.lang for example in examples]
    begun = time.process_time()
    classifier = load(directory)
    loaded = time.process_time() - begun
    with threadpool_limits(1):
        classifier.verdicts(texts[:BATCH], langs=langs[:BATCH])
        rates = {"stock": _rate(_stock(texts, [max(example.complaint, 0) for example in examples]), texts, langs)}
        rates |= {name: _rate(scored, texts, langs) for name, scored in _stages(classifier).items()}
        some = texts[:: max(1, len(texts) // _SINGLE)]
        found = {
            text: verdict for text, verdict in zip(some, classifier.verdicts(some), strict=True) if verdict.flagged
        }
        singles = {
            "first_ms": _median_ms(lambda text: classifier.quick([text]), some),
            "one_post_ms": _median_ms(lambda text: classifier.verdicts([text]), some),
            "evidence_ms": _median_ms(lambda text: classifier.evidence(text, found[text].lang), list(found)),
        }
    ratios = {f"{name}_ratio": round(rate / rates["stock"], 2) for name, rate in rates.items() if name != "stock"}
    return {
        "model": classifier.name,
        "posts": len(texts),
        "on": on,
        **{f"{name}_per_s": round(rate) for name, rate in rates.items()},
        **ratios,
        "second_share": _second_share(classifier.recipe, texts, langs),
        **singles,
        "load_s": round(loaded, 3),
        "size_mb": round(sum(file.stat().st_size for file in directory.iterdir()) / 1e6, 2),
    }


def _examples(posts: Path | None) -> tuple[list[Example], str]:
    if posts is None and (directory := data_directory(None)) is not None:
        real = [e for e in outside(directory, only_licensed=False)[0] if e.family == "real" and e.lang != "und"]
        held = [example for example in distinct(real) if is_held_out(example)]
        if len(held) >= BATCH:
            return held[:_POSTS], "real posts of the hold-out, which the shipped fit has learnt since"
    found = corpus([posts or shipped("data/corpus")])[0]
    return found[:: max(1, len(found) // _POSTS)], "the written corpus"


def _stages(classifier: Classifier) -> dict[str, Scored]:
    """What is timed, by name."""
    bare = Classifier(classifier.recipe.hasty(), classifier.card)
    first: Scored = classifier.first.logits if classifier.first.weights else bare.recipe.complaint
    return {
        "first": first,
        "quick": lambda chosen, _langs: classifier.quick(chosen),
        "heads": lambda chosen, _langs: bare.verdicts(chosen),
        "full": lambda chosen, _langs: classifier.verdicts(chosen),
    }


def _second_share(recipe: Recipe, texts: Sequence[str], langs: Sequence[str]) -> float:
    """The share of posts that the second stage reads."""
    which = np.array(langs)
    taken = 0
    for lang in sorted(set(langs)):
        here = [texts[row] for row in np.flatnonzero(which == lang).tolist()]
        taken += int(recipe.read_twice(recipe.prepare(here, lang), lang).sum())
    return round(taken / len(texts), 4)


def _stock(texts: Sequence[str], gold: Sequence[int]) -> Scored:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)), LogisticRegression(max_iter=200))
    pipeline.fit(texts, gold)
    return lambda chosen, _langs: pipeline.predict_proba(chosen)


def _rate(scored: Scored, texts: Sequence[str], langs: Sequence[str]) -> float:
    """Posts a second in batches, the best of some rounds: others only slow it down."""
    best = 0.0
    for _ in range(_ROUNDS):
        begun = time.process_time()
        for at in range(0, len(texts), BATCH):
            scored(texts[at : at + BATCH], langs[at : at + BATCH])
        best = max(best, len(texts) / (time.process_time() - begun))
    return best


def _median_ms(act: Callable[[str], Any], texts: Sequence[str]) -> float | None:
    times = []
    for text in texts:
        begun = time.process_time()
        act(text)
        times.append(time.process_time() - begun)
    return round(statistics.median(times) * 1000, 3) if times else None
