"""Two stages: who is read twice, what comes of it, and the way through arrays."""

from typing import Any

import numpy as np
import pytest

from listener.classify.encoder import Encoder
from listener.classify.recipes.linear import Linear
from listener.classify.recipes.staged import Staged, log_softmax, opinions
from listener.lab import blend


@pytest.fixture
def staged(small: Linear, encoder_arrays: dict[str, Any]) -> Staged:
    return Staged(linear=small, encoder=Encoder(encoder_arrays))


def test_without_an_encoder_it_is_the_linear_recipe(posts: Any, small: Linear) -> None:
    texts, langs = posts.texts[::9], posts.langs[::9]
    alone, linear = Staged(linear=small, encoder=None).decision(texts, langs), small.decision(texts, langs)
    for name in ("complaint", "severity", "cause", "churn"):
        assert np.array_equal(getattr(alone, name), getattr(linear, name)), name


def test_only_posts_left_open_are_read_again(posts: Any, staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    assert staged.encoder is not None
    answers = staged.encoder.answers

    def counted(texts: Any, *, simplify: bool) -> Any:
        read.extend(texts)
        return answers(texts, simplify=simplify)

    monkeypatch.setattr(staged.encoder, "answers", counted)
    texts = [text for text, lang in zip(posts.texts, posts.langs, strict=True) if lang == "en"]
    logits = staged.linear.experts(texts, "en")
    low, high = np.quantile(logits[:, 0], [0.4, 0.6])
    staged.band = (float(low), float(high))
    scores = staged.decision(texts, ["en"] * len(texts))
    open_rows = staged.left_open(logits, "en")
    assert 0 < open_rows.sum() < len(texts)
    assert read == [text for text, again in zip(texts, open_rows, strict=True) if again]
    alone = staged.blends["en"].alone
    closed = ~open_rows
    assert np.allclose(scores.complaint[closed], alone[0] * logits[closed, 0] + alone[1])


def test_the_complaint_alone_is_that_of_all_heads(posts: Any, staged: Staged) -> None:
    texts, langs = posts.texts[::9], posts.langs[::9]
    assert np.allclose(staged.complaint(texts, langs), staged.decision(texts, langs).complaint, atol=1e-6)


def test_prepared_and_raw_texts_score_alike(posts: Any, staged: Staged) -> None:
    texts = [text for text, lang in zip(posts.texts, posts.langs, strict=True) if lang == "ja"][:30]
    raw = staged.decision(texts, ["ja"] * 30)
    prepared = staged.decide_prepared(staged.prepare(texts, "ja"), "ja")
    assert np.allclose(raw.complaint, prepared.complaint, atol=1e-3)
    assert np.allclose(raw.cause, prepared.cause, atol=1e-3)


def test_arrays_bring_the_same_model_back(posts: Any, staged: Staged) -> None:
    again = Staged.from_arrays(staged.to_arrays(), staged.config())
    texts, langs = posts.texts[::15], posts.langs[::15]
    assert np.allclose(again.complaint(texts, langs), staged.complaint(texts, langs), atol=0.1)
    assert np.array_equal(again.learnt(), staged.learnt())


def test_a_blend_of_another_form_is_refused(staged: Staged) -> None:
    arrays = staged.to_arrays()
    with pytest.raises(ValueError, match="blend"):
        Staged.from_arrays({**arrays, "encoder.blend.en": np.zeros(5)}, staged.config())


def test_the_better_opinion_counts_more() -> None:
    """Weights are learnt from posts that neither has seen: a coin beside an expert is worth nothing."""
    rng = np.random.default_rng(0)
    from listener.classify.recipes import Scores, Targets

    gold = (rng.random(800) < 0.5).astype(np.int64)
    targets = Targets(gold, gold * 2, gold - 1, gold, np.ones(800), rng.random(800) < 0.5)
    coin, expert = rng.normal(size=800), (2 * gold - 1) * 1.5 + rng.normal(size=800)
    first = Scores(coin, np.zeros((800, 4)), np.zeros((800, 12)), coin)
    second = Scores(expert, np.zeros((800, 4)), np.zeros((800, 12)), expert)
    values, figures = blend.weigh(coin[:, None], first, second, targets)
    assert abs(values[0]) < 0.3
    assert values[2] > 1
    assert figures["real"]["both"] > figures["real"]["first"] + 0.2
    assert opinions(coin[:, None], expert).shape == (800, 6)


def test_log_softmax_rows_sum_to_one() -> None:
    rows = np.array([[1000.0, 0.0], [-5.0, -5.0]])
    assert np.allclose(np.exp(log_softmax(rows)).sum(axis=1), 1)
