"""Hashed features against scikit-learn's own n-grams, and a batch against its texts one by one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from listener.classify import features
from listener.classify.features import Spec
from listener.text import language
from listener.text.normalise import batch, normalise

TEXTS = [
    "still no reply after 3 emails!!! @shop",
    "a",
    "",
    "返金はまだですか。もう三週間も待っています",
    "快递显示已签收,可我根本没收到",
    "😡😡 never again https://example.com",
]
WIDE = Spec(char_bits=22, word_bits=20)


def framed(texts: list[str]) -> list[str]:
    return [f"\x02{normalise(text)}\x02" for text in texts]


def test_character_ngrams_are_those_of_the_stock_vectorizer() -> None:
    """Hashing hides names, so the kernels are compared: equal for all pairs of texts if the counts are equal."""
    stock = CountVectorizer(analyzer="char", ngram_range=(1, 5), lowercase=False).fit_transform(framed(TEXTS))
    made = features.matrix(features.units(TEXTS, None, WIDE), WIDE).astype(float)
    sizes = np.sqrt(np.asarray(stock.sum(axis=1)).ravel())
    expected = (stock @ stock.T).toarray() / np.outer(sizes, sizes)
    assert np.allclose((made @ made.T).toarray(), expected, atol=1e-5)


@pytest.mark.parametrize("lang", ["ja", "zh", "en"])
def test_words_and_pairs_are_those_of_the_stock_vectorizer(lang: str) -> None:
    spec = Spec(char_sizes=(1, 1), char_bits=2, word_bits=22)
    spaced = language(lang).spaced
    lines = [f"\x02 {spaced(normalise(text))} \x02" for text in TEXTS]
    stock = CountVectorizer(analyzer=lambda line: _pairs(line.split()), lowercase=False).fit_transform(lines)
    made = features.matrix(features.units(TEXTS, spaced, spec)[1:], spec).astype(float)
    sizes = np.sqrt(np.asarray(stock.sum(axis=1)).ravel())
    expected = (stock @ stock.T).toarray() / np.outer(sizes, sizes)
    assert np.allclose((made @ made.T).toarray(), expected, atol=1e-5)


def _pairs(words: list[str]) -> list[str]:
    return [*words, *(f"{one} {two}" for one, two in pairwise(words))]


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(), max_size=40), min_size=1, max_size=5), st.sampled_from(["ja", "zh", "en"]))
def test_fused_scores_are_the_matrix_product(texts: list[str], lang: str) -> None:
    spec = Spec(char_bits=12, word_bits=10)
    weights = np.random.default_rng(1).normal(size=(spec.slots, 2)).astype(np.float32)
    made = features.units(texts, language(lang).spaced, spec)
    assert np.allclose(features.scores(made, weights), features.matrix(made, spec) @ weights, atol=1e-4)


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(), max_size=40), min_size=1, max_size=5))
def test_company_does_not_change_a_score(texts: list[str]) -> None:
    spec = Spec(char_bits=12, word_bits=10)
    weights = np.random.default_rng(1).normal(size=spec.slots).astype(np.float32)
    spaced = language("en").spaced
    alone = [features.scores(features.units([text], spaced, spec), weights)[0] for text in texts]
    assert np.allclose(features.scores(features.units(texts, spaced, spec), weights), alone, atol=1e-6)


@settings(max_examples=40)
@given(st.text(st.characters(), max_size=60), st.sampled_from(["ja", "zh", "en"]))
def test_contributions_add_up_to_the_score_but_for_the_frame(text: str, lang: str) -> None:
    """What lies on the edges belongs to no character; the rest must be shared out without loss."""
    spec = Spec(char_sizes=(1, 1), word_sizes=(1, 1), char_bits=16, word_bits=16)
    weights = np.random.default_rng(1).normal(size=(spec.slots, 1)).astype(np.float32)
    spaced = language(lang).spaced
    shares = features.contributions(text, spaced, spec, weights, np.ones(1))
    made = features.units([text], spaced, spec)
    edges = sum(
        float(weights[[slots[0], slots[-1]]].sum()) / np.sqrt(one.counts()[0])
        for one in made
        for _, slots, _ in one.windows()
    )
    assert len(shares) == len(text)
    assert shares.sum() + edges == pytest.approx(float(features.scores(made, weights)[0, 0]), abs=1e-3)


def test_slots_stay_inside_their_table() -> None:
    spec = Spec(char_bits=8, word_bits=6)
    characters, words = features.units(TEXTS, language("en").spaced, spec)
    assert all(slots.max() < 256 for _, slots, _ in characters.windows())
    assert all(slots.min() >= 256 and slots.max() < spec.slots for _, slots, _ in words.windows())


def test_an_empty_batch_has_empty_scores() -> None:
    spec = Spec(char_bits=8, word_bits=6)
    made = features.units([], language("en").spaced, spec)
    assert features.scores(made, np.zeros(spec.slots, np.float32)).shape == (0,)
    assert len(batch([])) == 0
