"""Teaches a model's first stage (`listener.classify.first`): a linear student of its log-odds.

The teacher answers for the posts that it was trained on and for the unlabelled public pools where these are on the
machine; ridge regression on character n-grams of inverse document frequency fits its answers. Measured on held-out
posts (AUC, teacher -> student, ja / zh / en): real .948/.940/.867 -> .949/.930/.853, written .888/.894/.839 ->
.853/.867/.781. Character 5-grams and smaller tables were no better; a weaker penalty gives up real posts for written
ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from listener.classify import features
from listener.classify.first import SPEC, First, units
from listener.classify.recipes import Recipe
from listener.lab.calibrate import Calibration
from listener.lab.data import Example
from listener.text.normalise import pieces
from listener.text.records import BadRecord, read

_PENALTY: Final = 0.03
_CLIP: Final = 6.0
"""Beyond these log-odds, calibrated, the teacher need not be followed."""
_MOST: Final = 40_000
_MIN_ROWS: Final = 2


def distil(
    teacher: Recipe, calibration: Calibration, examples: Sequence[Example], directory: Path | None = None
) -> First:
    """A student for each language of the teacher's calibration; `directory` may hold the public pools."""
    weights: dict[str, features.Floats] = {}
    biases: dict[str, float] = {}
    for lang, (slope, shift) in sorted(calibration.maps["complaint"].items()):
        texts = _lessons(examples, directory, lang)
        odds = slope * teacher.complaint(texts, [lang] * len(texts)) + shift
        weights[lang], biases[lang] = _student(texts, lang, (np.clip(odds, -_CLIP, _CLIP) - shift) / slope)
    return First(weights, biases)


def _lessons(examples: Sequence[Example], directory: Path | None, lang: str) -> list[str]:
    own = [example.text for example in examples if example.lang == lang and example.family != "reviews"]
    pool = directory / f"pool_{lang}.jsonl.gz" if directory is not None else None
    if pool is None or not pool.exists():
        return own
    more = (found.text for found in read(pool) if not isinstance(found, BadRecord))
    return own + list(islice(more, _MOST))


def _student(texts: Sequence[str], lang: str, answers: Any) -> tuple[features.Floats, float]:
    import scipy.sparse
    from sklearn.linear_model import Ridge
    from threadpoolctl import threadpool_limits

    matrix = scipy.sparse.vstack([features.matrix(units(part, lang), SPEC) for _, part in pieces(texts)]).tocsr()
    rows = np.bincount(matrix.indices, minlength=matrix.shape[1])
    columns = np.flatnonzero(rows >= min(_MIN_ROWS, len(texts)))
    idf = np.log((1 + len(texts)) / rows[columns])
    idf /= max(float(idf.mean()), 1e-9)
    scaled = (matrix[:, columns] @ scipy.sparse.diags(idf)).tocsr().astype(np.float32)
    with threadpool_limits(1):
        model = Ridge(alpha=_PENALTY, solver="lsqr", tol=1e-4, max_iter=200).fit(scaled, answers)
    weights = np.zeros(SPEC.slots, dtype=np.float32)
    weights[columns] = model.coef_ * idf
    return weights, float(model.intercept_)


def figures(first: First, examples: Sequence[Example]) -> Mapping[str, Any]:
    """AUC of the first stage by family and language, on examples that neither teacher nor student has seen."""
    from listener.lab.metrics import auc

    logits = first.logits([e.text for e in examples], [e.lang for e in examples])
    found: dict[str, dict[str, float]] = {}
    for family in ("real", "corpus"):
        for lang in sorted(first.weights):
            rows = [n for n, e in enumerate(examples) if e.family == family and e.lang == lang and e.complaint >= 0]
            gold = np.array([examples[row].complaint == 1 for row in rows], dtype=bool)
            value = auc(gold, logits[rows]) if len(rows) else None
            if value is not None:
                found.setdefault(family, {})[lang] = round(value, 4)
    return found
