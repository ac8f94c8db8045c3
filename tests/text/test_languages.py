"""What every language plugin must do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.text import cues, language
from listener.text.langid import identify
from listener.text.normalise import normalise
from listener.types import LANGUAGES


@pytest.mark.parametrize("name", LANGUAGES)
def test_words_are_the_text_without_its_spaces(name: str) -> None:
    for text, _ in language(name).examples:
        plain = normalise(text)
        assert "".join(language(name).tokenise(plain)) == plain.replace(" ", "")


@pytest.mark.parametrize("name", LANGUAGES)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=50)
def test_no_text_breaks_a_tokeniser(name: str, text: str) -> None:
    plain = normalise(text)
    assert "".join(language(name).tokenise(plain)) == "".join(plain.split())


@pytest.mark.parametrize("name", LANGUAGES)
def test_examples_are_of_both_kinds_and_in_the_language(name: str) -> None:
    assert {label for _, label in language(name).examples} == {0, 1}
    assert all(identify(text) == name for text, _ in language(name).examples)


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_spacy_pipeline_cuts_the_same_words(name: str) -> None:
    nlp = language(name).pipeline()
    for text, _ in language(name).examples:
        doc = nlp(text)
        assert doc.text == text
        assert [token.text for token in doc if not token.is_space] == language(name).tokenise(text)


@pytest.mark.parametrize(
    ("lang", "cue", "text", "span"),
    [
        ("ja", "request", "早く返金してほしい", "返金してほしい"),
        ("ja", "counted", "もう三週間も待っています", "三週間も待っ"),
        ("ja", "still_not", "ﾏｼﾞで返事がないのですが", "返事がない"),
        ("zh", "counted", "等了45天还没有退款", "等了45天"),
        ("zh", "request", "我要退款", "退款"),
        ("zh", "expected", "說好下午兩點到府安裝，結果沒人來", "說好下午兩點到府安裝，結果"),
        ("zh", "leaving", "以后再也不会买了", "再也不会买了"),
        ("en", "counted", "on hold for 45 minutes", "45 minutes"),
        ("en", "still_not", "still waiting for my parcel", "still waiting"),
        ("en", "broken", "it doesn’t work", "doesn’t work"),
        ("en", "worse_than_before", "it used to be so good", "used to be"),
        ("en", "leaving", "I will never fly with them again!!", "never fly with them again"),
    ],
)
def test_cues_find_their_phrases_where_they_stand(lang: str, cue: str, text: str, span: str) -> None:
    assert (cue, span) in {(found.name, found.text) for found in cues.find(text, lang)}


@pytest.mark.parametrize("name", LANGUAGES)
def test_cue_patterns_are_valid_and_of_known_names(name: str) -> None:
    from spacy.matcher import Matcher

    assert set(language(name).cues) == set(cues.NAMES)
    matcher = Matcher(language(name).pipeline().vocab, validate=True)
    for key, patterns in language(name).cues.items():
        matcher.add(key, [[dict(token) for token in pattern] for pattern in patterns])


@pytest.mark.parametrize("name", LANGUAGES)
@given(text=st.text(st.characters(), max_size=60))
@settings(max_examples=30, deadline=None)
def test_cues_lie_inside_any_text(name: str, text: str) -> None:
    for cue in cues.find(text, name):
        assert cue.text == text[cue.start : cue.end]
        assert cue.text


def test_only_known_names_are_imported() -> None:
    with pytest.raises(KeyError):
        language("records")
