"""`listener bench classify`: how fast a model is beside the stock scikit-learn pipeline, in the same run, on one core.

Absolute numbers depend on the machine; the ratios are what is compared. The stock pipeline is
``TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))`` with ``LogisticRegression``, what one would write first.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from listener.classify import Classifier, load
from listener.lab.data import corpus
from listener.settings import current_model, shipped
from listener.settings import load as settings

BATCH: Final = 1024
_ROUNDS: Final = 3
_SINGLE: Final = 200


def measure(model: Path | None = None, posts: Path | None = None) -> dict[str, Any]:
    """Figures of one model: posts a second, ratios to stock, milliseconds for one post, load time, size in MB."""
    directory = model or current_model(settings())
    examples, _ = corpus([posts or shipped("data/corpus")])
    texts = [example.text for example in examples]
    langs = [example.lang for example in examples]
    begun = time.perf_counter()
    classifier = load(directory)
    loaded = time.perf_counter() - begun
    classifier.verdicts(texts[:BATCH], langs=langs[:BATCH])
    stock = _rate(_stock(texts, [example.complaint for example in examples]), texts, langs)
    first = _rate(classifier.recipe.complaint, texts, langs)
    full = _rate(lambda chosen, _langs: classifier.verdicts(chosen), texts, langs)
    some = texts[:: len(texts) // _SINGLE]
    flagged = [text for text, verdict in zip(some, classifier.verdicts(some), strict=True) if verdict.flagged]
    return {
        "model": classifier.name,
        "posts": len(texts),
        "stock_per_s": round(stock),
        "complaint_per_s": round(first),
        "complaint_ratio": round(first / stock, 2),
        "verdicts_per_s": round(full),
        "verdicts_ratio": round(full / stock, 2),
        "one_post_ms": _median_ms(lambda text: classifier.verdicts([text]), some),
        "evidence_ms": _median_ms(lambda text: _explained(classifier, text), flagged),
        "load_s": round(loaded, 3),
        "size_mb": round(sum(file.stat().st_size for file in directory.iterdir()) / 1e6, 2),
    }


def _stock(texts: Sequence[str], gold: Sequence[int]) -> Callable[[Sequence[str], Sequence[str]], Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)), LogisticRegression(max_iter=200))
    pipeline.fit(texts, gold)
    return lambda chosen, _langs: pipeline.predict_proba(chosen)


def _explained(classifier: Classifier, text: str) -> Any:
    return classifier.evidence(text, classifier.verdicts([text])[0].lang)


def _rate(scored: Callable[[Sequence[str], Sequence[str]], Any], texts: Sequence[str], langs: Sequence[str]) -> float:
    """Posts a second in batches, the best of some rounds: others only slow it down."""
    best = 0.0
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        for at in range(0, len(texts), BATCH):
            scored(texts[at : at + BATCH], langs[at : at + BATCH])
        best = max(best, len(texts) / (time.perf_counter() - begun))
    return best


def _median_ms(act: Callable[[str], Any], texts: Sequence[str]) -> float | None:
    times = []
    for text in texts:
        begun = time.perf_counter()
        act(text)
        times.append(time.perf_counter() - begun)
    return round(statistics.median(times) * 1000, 3) if times else None
