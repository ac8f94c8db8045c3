"""The linear recipe against scikit-learn, and its way through arrays."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from listener.classify import features
from listener.classify.features import Spec
from listener.classify.recipes import NAMES, Targets, recipe
from listener.classify.recipes.linear import Linear, Settings
from listener.text import language


def test_probabilities_are_those_of_scikit_learn_on_the_same_features(posts: Any) -> None:
    """One expert (no lived posts here), features unscaled: the stock model is trained apart and must agree."""
    rows = np.flatnonzero(np.asarray(posts.langs) == "en")
    texts, gold = [posts.texts[row] for row in rows], posts.targets.take(rows)
    spec = Spec(char_bits=16, word_bits=14)
    ours = Linear(spec=spec, settings=Settings(min_rows=1)).fit(texts, ["en"] * len(texts), gold)
    matrix = features.matrix(features.units(texts, language("en").spaced, spec), spec)
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
    idf = np.where(seen > 0, np.log((1 + len(texts)) / np.maximum(seen, 1)), 0)
    scaled = matrix.multiply(idf / idf[seen > 0].mean()).tocsr().astype(np.float32)
    stock = LogisticRegression(C=ours.settings.c_written, tol=3e-5, max_iter=300)
    stock.fit(scaled[:, np.flatnonzero(seen)], gold.complaint, sample_weight=gold.weight)
    expected = stock.predict_proba(scaled[:, np.flatnonzero(seen)].astype(np.float64))
    assert np.abs(ours.predict_proba(texts, ["en"] * len(texts)) - expected).max() < 1e-6


def test_prepared_and_raw_texts_score_alike(posts: Any, small: Linear) -> None:
    rows = np.flatnonzero(np.asarray(posts.langs) == "ja")[:40]
    texts = [posts.texts[row] for row in rows]
    fused, product = small.decision(texts, ["ja"] * 40), small.decide_prepared(small.prepare(texts, "ja"), "ja")
    for name in ("complaint", "severity", "cause", "churn"):
        assert np.allclose(getattr(fused, name), getattr(product, name), atol=1e-4), name
    assert np.allclose(fused.complaint, small.complaint(texts, ["ja"] * 40), atol=1e-9)


def test_arrays_bring_the_same_model_back(posts: Any, small: Linear) -> None:
    again = Linear.from_arrays(small.to_arrays(), small.config())
    texts, langs = posts.texts[::15], posts.langs[::15]
    # Complaint weights travel in eight bits.
    assert np.allclose(again.complaint(texts, langs), small.complaint(texts, langs), atol=0.05)
    assert np.array_equal(again.decision(texts, langs).cause, small.decision(texts, langs).cause)


def test_parts_that_do_not_fit_are_refused(small: Linear) -> None:
    arrays = small.to_arrays()
    with pytest.raises(KeyError):
        Linear.from_arrays({}, small.config())
    with pytest.raises(ValueError, match="array"):
        Linear.from_arrays({**arrays, "en.bias": np.zeros(3)}, small.config())
    with pytest.raises(ValueError, match="array"):
        Linear.from_arrays({**arrays, "en.complaint.scale": np.ones(9, np.float32)}, small.config())
    with pytest.raises(ValueError, match="array"):
        Linear.from_arrays({**arrays, "en.details": arrays["en.details"].astype(object)}, small.config())


def test_two_styles_make_two_experts_and_a_gate(posts: Any) -> None:
    rows = np.flatnonzero(np.asarray(posts.langs) == "en")
    texts, gold = [posts.texts[row] for row in rows], posts.targets.take(rows)
    lived = [f"umm {text} lol" for text in texts]
    both = Targets(
        *(np.concatenate([getattr(gold, n)] * 4) for n in ("complaint", "severity", "cause", "churn", "weight")),
        np.repeat([True, False, True, False], len(texts)),
    )
    model = Linear(spec=Spec(char_bits=14, word_bits=12)).fit([*texts, *lived] * 2, ["en"] * 4 * len(texts), both)
    assert model.heads["en"].experts == 3
    one = Linear.from_arrays(model.to_arrays(), model.config())
    assert one.heads["en"].experts == 3


def test_a_style_without_complaints_teaches_nothing_about_style(posts: Any) -> None:
    """Lived posts that are all harmless must not make every lived post harmless."""
    rows = np.flatnonzero(np.asarray(posts.langs) == "en")
    texts, gold = [posts.texts[row] for row in rows], posts.targets.take(rows)
    lived = [f"umm {text} lol" for text, label in zip(texts, gold.complaint, strict=True) if label == 0]
    both = Targets(
        *(np.concatenate([getattr(gold, name), np.zeros(len(lived), int)]) for name in ("complaint", "severity")),
        *(np.concatenate([getattr(gold, name), np.full(len(lived), -1)]) for name in ("cause", "churn")),
        np.ones(len(texts) + len(lived)),
        np.concatenate([np.ones(len(texts), bool), np.zeros(len(lived), bool)]),
    )
    model = Linear(spec=Spec(char_bits=14, word_bits=12)).fit([*texts, *lived], ["en"] * len(both), both)
    alone = Linear(spec=Spec(char_bits=14, word_bits=12)).fit(texts, ["en"] * len(texts), gold)
    assert model.heads["en"].experts == 1
    assert np.array_equal(model.heads["en"].complaint, alone.heads["en"].complaint)


def test_a_language_without_weights_scores_nothing(small: Linear) -> None:
    scores = small.decision(["texte"], ["und"])
    assert scores.complaint[0] == 0
    assert not small.contributions("texte", "und").any()


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_is_found_by_its_files_name(name: str) -> None:
    assert recipe(name).name == name


def test_no_other_file_can_be_named_as_a_recipe() -> None:
    with pytest.raises(KeyError):
        recipe("_fit")
