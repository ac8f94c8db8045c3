"""Two stages: who is read twice, what comes of it, and the way through arrays."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from listener.classify.encoder import Encoder
from listener.classify.features import Spec
from listener.classify.recipes.linear import Linear
from listener.classify.recipes.staged import Shares, Staged


@pytest.fixture(scope="module")
def staged(posts: Any, encoder_arrays: dict[str, Any]) -> Staged:
    linear = Linear(spec=Spec(char_bits=15, word_bits=14))
    lived = replace(posts.targets, written=np.zeros(len(posts.targets), dtype=bool))
    return Staged(linear=linear, encoder=Encoder(encoder_arrays)).fit(posts.texts, posts.langs, lived)


def narrow(staged: Staged, band: float) -> Staged:
    return Staged(staged.linear, staged.encoder, Shares(band=band), staged.seconds)


def test_without_an_encoder_it_is_the_linear_recipe(posts: Any, small: Linear) -> None:
    texts, langs = posts.texts[::9], posts.langs[::9]
    alone, linear = Staged(linear=small, encoder=None).decision(texts, langs), small.decision(texts, langs)
    for name in ("complaint", "severity", "cause", "churn"):
        assert np.array_equal(getattr(alone, name), getattr(linear, name)), name


def test_only_posts_left_open_are_read_again(posts: Any, staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    assert staged.encoder is not None
    features = staged.encoder.features

    def counted(texts: Any) -> Any:
        read.extend(texts)
        return features(texts)

    monkeypatch.setattr(staged.encoder, "features", counted)
    texts = [text for text, lang in zip(posts.texts, posts.langs, strict=True) if lang == "en"]
    first = staged.linear.experts(texts, "en")[:, 0]
    band = float(np.quantile(np.abs(first), 0.3))
    scores = narrow(staged, band).decision(texts, ["en"] * len(texts))
    again = np.abs(first) < band
    assert 0 < again.sum() < len(texts)
    assert read == [text for text, chosen in zip(texts, again, strict=True) if chosen]
    assert np.allclose(scores.complaint[~again], first[~again])
    assert not np.allclose(scores.complaint[again], first[again], atol=0.01)


def test_the_second_opinion_can_be_had_for_all_or_for_none(posts: Any, staged: Staged) -> None:
    texts = [text for text, lang in zip(posts.texts, posts.langs, strict=True) if lang == "en"][:30]
    logits = staged.linear.experts(texts, "en")
    assert staged.careful().left_open(logits, "en").all()
    assert not staged.hasty().left_open(logits, "en").any()
    hasty = staged.hasty().complaint(texts, ["en"] * 30)
    assert np.allclose(hasty, logits[:, 0])


def test_the_complaint_alone_is_that_of_all_heads(posts: Any, staged: Staged) -> None:
    texts, langs = posts.texts[::9], posts.langs[::9]
    assert np.allclose(staged.complaint(texts, langs), staged.decision(texts, langs).complaint, atol=1e-6)


def test_prepared_and_raw_texts_score_alike(posts: Any, staged: Staged) -> None:
    texts = [text for text, lang in zip(posts.texts, posts.langs, strict=True) if lang == "ja"][:30]
    careful = staged.careful()
    raw = careful.decision(texts, ["ja"] * 30)
    prepared = careful.decide_prepared(careful.prepare(texts, "ja")[np.arange(30)], "ja")
    assert np.allclose(raw.complaint, prepared.complaint, atol=2e-2)
    assert np.allclose(raw.cause, prepared.cause, atol=1e-3)


def test_arrays_bring_the_same_model_back(posts: Any, staged: Staged) -> None:
    again = Staged.from_arrays(staged.to_arrays(), staged.config())
    texts, langs = posts.texts[::15], posts.langs[::15]
    assert again.shares == staged.shares
    assert np.allclose(again.complaint(texts, langs), staged.complaint(texts, langs), atol=0.1)


def test_parts_that_do_not_fit_are_refused(staged: Staged) -> None:
    arrays = staged.to_arrays()
    with pytest.raises(ValueError, match="second expert"):
        Staged.from_arrays({**arrays, "en.second": np.zeros(5, np.float32)}, staged.config())
    with pytest.raises(KeyError):
        Staged.from_arrays(staged.linear.to_arrays(), staged.config())


def test_written_posts_alone_make_no_second_expert(posts: Any, encoder_arrays: dict[str, Any]) -> None:
    made = Staged(linear=Linear(spec=Spec(char_bits=12, word_bits=10)), encoder=Encoder(encoder_arrays))
    assert not made.fit(posts.texts[:60], posts.langs[:60], posts.targets.take(np.arange(60))).seconds
