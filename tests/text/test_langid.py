"""Language of short posts: scripts, kanji only, priors, and what is none of ours."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.text.langid import base, declared, identify, identify_all, variant

POSTS = [
    ("ja", "返金対応最悪"),
    ("ja", "電池交換済"),
    ("ja", "もう無理"),
    ("ja", "iPhone買ったけどすぐ壊れた"),
    ("ja", "ﾏｼﾞで遅い"),
    ("ja", "Amazonの配達、今日も来ない"),
    ("ja", "営業時間変更の連絡無し"),
    ("ja", "発売日延期 残念"),
    ("zh", "快递三天没动了"),
    ("zh", "客服態度很差"),
    ("zh", "這家店的服務真的很糟"),
    ("zh", "退款退了两周"),
    ("zh", "呢間餐廳嘅嘢真係好難食"),
    ("zh", "iPhone 电池不行"),
    ("zh", "質量太差,再也不買了"),
    ("zh", "好吃の不得了,这家店我爱了"),
    ("en", "worst airline ever"),
    ("en", "refund???"),
    ("en", "my order never came"),
    ("en", "lol the app is down again"),
    ("en", "@brand pls fix this"),
    ("en", "3rd day without internet"),
    ("en", "naïve of me to trust this café"),
    ("und", ""),
    ("und", "😡😡😡"),
    ("und", "12:30"),
    ("und", "https://example.com"),
    ("und", "배송이 너무 늦어요"),
    ("und", "Доставка опять опоздала"),
    ("und", "el pedido no ha llegado y nadie me responde"),
    ("und", "die Lieferung ist schon wieder nicht da"),
    ("und", "saya sudah menunggu tapi tidak ada"),
    ("und", "kore wa totemo hidoi desu"),
    ("und", "บริการแย่มาก"),
]


@pytest.mark.parametrize(("lang", "post"), POSTS)
def test_short_posts(lang: str, post: str) -> None:
    assert identify(post) == lang


def test_a_batch_is_its_posts_one_by_one() -> None:
    assert identify_all([post for _, post in POSTS]) == [lang for lang, _ in POSTS]


def test_the_prior_decides_what_could_be_either() -> None:
    assert identify("安心", prior="ja") == "ja"
    assert identify("安心", prior="zh-TW") == "zh"


def test_the_prior_does_not_outweigh_kana() -> None:
    assert identify("全然つながらない", prior="zh") == "ja"
    assert identify("全然つながらない", prior="en") == "ja"


@pytest.mark.parametrize(("text", "script"), [("这个软件很难用", "hans"), ("這個軟體很難用", "hant"), ("ok", "")])
def test_variant_of_chinese(text: str, script: str) -> None:
    assert variant(text) == script


@pytest.mark.parametrize(
    ("code", "lang"), [("zh-Hant-TW", "zh"), ("ja_JP", "ja"), ("EN", "en"), ("yue", "zh"), ("", None), (None, None)]
)
def test_codes_of_platforms(code: str | None, lang: str | None) -> None:
    assert base(code) == lang


@given(st.text(st.characters()), st.sampled_from([None, "ja", "zh-CN", "en", "fr", "-"]))
def test_any_text_has_an_answer(text: str, prior: str | None) -> None:
    assert identify(text, prior) in ("ja", "zh", "en", "und")


def hard_set() -> list[dict[str, str]]:
    """Short posts written for this test: kanji only, both scripts of Chinese, mixed, transcribed, no words at all."""
    path = Path(__file__).with_name("hard_languages.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("lang", ["ja", "zh", "en", "und"])
def test_the_hard_set_is_told_apart(lang: str) -> None:
    rows = [row for row in hard_set() if row["lang"] == lang]
    found = identify_all([row["text"] for row in rows], [row.get("prior") for row in rows])
    assert len(rows) >= 60
    assert sum(answer == lang for answer in found) / len(rows) >= 0.95


@pytest.mark.parametrize(
    ("code", "text", "lang"),
    [
        ("ko", "배송이 늦어요", "ko"),
        ("pt-BR", "péssimo atendimento", "pt"),
        ("sr", "никад више", "sr"),
        ("sr", "nikad više", "sr"),
        ("klingon", "nuqneH", None),
        ("ru", "😡", None),
        ("fr", "배송이 늦어요", None),
        ("ja", "kore wa hidoi", None),
        (None, "x", None),
    ],
)
def test_a_declared_language_must_exist_and_fit_the_script(code: str | None, text: str, lang: str | None) -> None:
    assert declared(code, text) == lang
