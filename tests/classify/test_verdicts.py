"""Verdicts: any text gets an honest one; evidence points into the text as given and is what the verdict rests on."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.classify import Classifier
from listener.classify.evidence import spans, words
from listener.text import language
from listener.types import CAUSES, LANGUAGES

CORPUS = Path(__file__).resolve().parents[2] / "data" / "corpus"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.characters(), max_size=50), max_size=4),
    st.sampled_from([None, "ja", "zh", "en", "fr", "zh-TW", ""]),
)
def test_any_text_gets_a_verdict(classifier: Classifier, texts: list[str], lang: str | None) -> None:
    verdicts = classifier.verdicts(texts, langs=[lang] * len(texts), explain=True)
    assert len(verdicts) == len(texts)
    for text, verdict in zip(texts, verdicts, strict=True):
        assert 0 <= verdict.complaint <= 1
        assert 0 <= verdict.churn <= 1
        assert (verdict.severity in (1, 2, 3, 4)) == verdict.flagged
        assert verdict.cause in CAUSES if verdict.flagged else verdict.cause == "none"
        assert verdict.model == "small@1"
        ends = [0, *(span.end for span in verdict.evidence)]
        for span, before in zip(verdict.evidence, ends, strict=False):
            assert before <= span.start
            assert span.text == text[span.start : span.end]
            assert span.text.strip()
            assert span.weight > 0


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\n", "😡", "👍🏽❤️", "...", "1", "\ud800", "(´；ω；`)", "😡" * 100_000),
        *(
            "배송이 너무 늦어요",
            "Доставка опять опоздала",
            "الخدمة سيئة جدا",
            "บริการแย่มาก",
            "השירות גרוע",
            "Πολύ κακή εξυπηρέτηση",
        ),
        *("toujours pas reçu mon colis", "el pedido no ha llegado", "die Lieferung ist schon wieder nicht da"),
        *("kore wa totemo hidoi desu", "zhe ge dian tai cha le", "giao hàng quá chậm", "kargo hâlâ gelmedi"),
    ],
)
def test_what_cannot_be_read_is_unsure_and_never_flagged(shipped_model: Classifier, text: str) -> None:
    verdict = shipped_model.verdicts([text])[0]
    assert verdict.lang == "und"
    assert not verdict.flagged
    assert verdict.complaint <= 0.3
    assert verdict.evidence == ()


@pytest.mark.parametrize("text", ["a", "あ", "的", "x" * 100_000, "返金 " * 30_000, "不行" * 50_000])
def test_very_short_and_very_long_texts(shipped_model: Classifier, text: str) -> None:
    verdict = shipped_model.verdicts([text], explain=True)[0]
    assert verdict.lang in LANGUAGES
    assert all(text[span.start : span.end] == span.text for span in verdict.evidence)


def test_company_does_not_change_a_verdict(shipped_model: Classifier) -> None:
    texts = ["my parcel never came", "", "荷物が届かない。返金して", "快递三天没动了", "ok 👍"]
    together = shipped_model.verdicts(texts, explain=True)
    for text, verdict in zip(texts, together, strict=True):
        alone = shipped_model.verdicts([text], explain=True)[0]
        assert alone.complaint == pytest.approx(verdict.complaint, abs=1e-6)
        assert (alone.lang, alone.flagged, alone.cause) == (verdict.lang, verdict.flagged, verdict.cause)


@pytest.mark.parametrize(
    ("text", "declared", "lang"),
    [
        ("my parcel never came", None, "en"),
        ("my parcel never came", "en-GB", "en"),
        ("退貨流程", "zh-Hant", "zh"),
        ("返金対応", "zh-Hant", "ja"),
        ("荷物がまだ届かない", "zh", "ja"),
        ("安心", "ja", "ja"),
        ("el pedido no ha llegado y nadie me responde", "klingon", "und"),
        ("el pedido no ha llegado y nadie me responde", "en", "und"),
        ("my parcel never came", "klingon", "en"),
        ("배송이 너무 늦어요", "ko-KR", "ko"),
        ("배송이 너무 늦어요", "fr", "und"),
        ("😡😡😡", "ja", "und"),
        ("荷物がまだ届かない", "en", "ja"),
        ("my parcel never came", "ja", "en"),
        ("el pedido no ha llegado y nadie me responde", "es", "es"),
    ],
)
def test_a_declared_language_is_a_hint_and_never_echoed_against_the_text(
    shipped_model: Classifier, text: str, declared: str | None, lang: str
) -> None:
    assert shipped_model.verdicts([text], langs=[declared])[0].lang == lang


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("still waiting for my refund after six weeks, nobody answers. never again", True),
        ("lovely staff and great food, we'll be back!", False),
        ("注文して一か月たつのに届かない。問い合わせても返事がない。二度と使わない", True),
        ("今日もいい天気。散歩してきた", False),
        ("客服态度太差了，退款拖了一个月还没到账，再也不买了", True),
        ("味道很好，下次还来", False),
    ],
)
def test_the_shipped_model_hears_plain_cases(shipped_model: Classifier, text: str, flagged: bool) -> None:
    assert shipped_model.verdicts([text])[0].flagged == flagged


@pytest.mark.parametrize("lang", LANGUAGES)
def test_deleting_evidence_matters_more_than_deleting_as_much_at_random(shipped_model: Classifier, lang: str) -> None:
    """In at least 90% of flagged posts, for the three strongest spans against the mean of ten draws."""
    random = np.random.default_rng(5)
    rows = [json.loads(line) for line in (CORPUS / f"{lang}-b.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows[:220]]
    verdicts = shipped_model.verdicts(texts, langs=[lang] * len(texts), explain=True)
    better: list[bool] = []
    for text, verdict in zip(texts, verdicts, strict=True):
        if verdict.flagged:
            strongest = sorted(verdict.evidence, key=lambda span: -span.weight)[:3]
            without = _without(text, [(span.start, span.end) for span in strongest])
            chance = [_without(text, _somewhere(text, strongest, random)) for _ in range(10)]
            logits = shipped_model.recipe.complaint([without, *chance], [lang] * 11)
            better.append(bool(logits[0] < logits[1:].mean()))
    assert len(better) > 50
    assert np.mean(better) >= 0.9


def _without(text: str, cuts: list[tuple[int, int]]) -> str:
    gone = {at for start, end in cuts for at in range(start, end)}
    return "".join(char for at, char in enumerate(text) if at not in gone)


def _somewhere(text: str, spans: Any, random: np.random.Generator) -> list[tuple[int, int]]:
    lengths = [span.end - span.start for span in spans]
    starts = [int(random.integers(0, len(text) - length + 1)) for length in lengths]
    return [(start, start + length) for start, length in zip(starts, lengths, strict=True)]


def test_spans_are_the_stretches_that_stand_out() -> None:
    text = "all was fine but they lost my bag and laughed"
    shares = np.zeros(len(text))
    shares[text.index("lost") : text.index("lost") + 4] = 1.0
    shares[text.index("laughed") :] = 0.2
    shares[text.index("my") : text.index("laughed")] = -0.1
    found = spans(text, shares, words(text, language("en").spaced))
    assert [(span.text, span.weight) for span in found] == [("lost", 4.0), ("laughed", 1.4)]


def test_a_span_begins_and_ends_with_words() -> None:
    text = "あの店、対応が雑!! また来る"
    shares = np.zeros(len(text))
    shares[text.index("応") : text.index("雑") + 3] = 1.0
    found = spans(text, shares, words(text, language("ja").spaced))
    assert [span.text for span in found] == ["対応が雑!!"]


def test_nothing_stands_out_of_nothing() -> None:
    assert spans("", np.zeros(0), []) == ()
    assert spans("plain", np.full(5, -0.3), [(0, 5)]) == ()
