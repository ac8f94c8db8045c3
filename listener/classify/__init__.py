"""The classifier: is this post a complaint, how bad, why, and are they leaving?

``load(path).verdicts(texts)``. Models are directories of plain arrays with a card (`listener.classify.card`), recipes
one file each (`listener.classify.recipes`).
"""

from __future__ import annotations

from listener.classify.classifier import Classifier, load

__all__ = ["Classifier", "load"]
