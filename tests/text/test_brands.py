"""Which brands a text concerns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.settings import Brand
from listener.text.brands import BrandMatcher, fold, stands_alone

BRANDS = (
    Brand(name="Apple", exclude=("apple pie", "りんご")),
    Brand(name="楽々モバイル", aliases=("ラクモバ", "Raku"), products=("RakuTab 2",)),
    Brand(name="顺达", aliases=("順達", "Shunda Express"), keywords=("顺达快递",)),
)


@pytest.mark.parametrize(
    ("text", "brands"),
    [
        ("I love Apple!", ("Apple",)),
        ("pineapple juice", ()),
        ("Apple2 is not a word of its own", ()),
        ("Apple's battery", ("Apple",)),
        ("ＡＰＰＬＥ in full width", ("Apple",)),
        ("新しいAppleの画面", ("Apple",)),
        ("ﾗｸﾓﾊﾞ圏外", ("楽々モバイル",)),
        ("またラクモバが落ちてる", ("楽々モバイル",)),
        ("rakuは遅い", ("楽々モバイル",)),
        ("rakuten is another firm", ()),
        ("my rakutab 2 died", ("楽々モバイル",)),
        ("順達又丟件", ("顺达",)),
        ("Shunda Expresses", ()),
        ("Apple and 顺达快递 both", ("Apple", "顺达")),
        ("apple pie by Apple", ()),
        ("りんごとラクモバ Apple", ("楽々モバイル",)),
        ("Apple \ud800 half a character", ("Apple",)),
        ("", ()),
    ],
)
def test_words_and_scripts(text: str, brands: tuple[str, ...]) -> None:
    assert BrandMatcher(BRANDS).match(text) == brands


def test_terms_are_what_a_keyword_source_listens_for_without_the_excludes() -> None:
    terms = BrandMatcher(BRANDS).terms
    assert "apple" in terms
    assert "ラクモバ" in terms
    assert "apple pie" not in terms


def test_without_brands_nothing_matches() -> None:
    assert BrandMatcher(()).match("anything") == ()


def test_one_word_may_belong_to_two_brands() -> None:
    matcher = BrandMatcher((Brand(name="A", aliases=("duo",)), Brand(name="B", aliases=("Duo",))))
    assert matcher.match("the duo failed") == ("A", "B")


@given(st.text(max_size=40), st.text(max_size=40))
def test_agrees_with_a_plain_scan(before: str, after: str) -> None:
    text = f"{before}ラクモバ{after}"
    folded, word = fold(text), fold("ラクモバ")
    expected = any(folded.startswith(word, i) and stands_alone(folded, i, i + len(word)) for i in range(len(folded)))
    assert (BrandMatcher(BRANDS[1:2]).match(text) == ("楽々モバイル",)) == expected
