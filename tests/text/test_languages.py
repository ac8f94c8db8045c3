"""What every language plugin must do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.text import language
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
    ("name", "cue", "text"),
    [
        ("ja", "request", "早く返金してほしい"),
        ("ja", "broken", "アプリが全然動かない"),
        ("zh", "counted_wait", "等了45天还没有退款"),
        ("zh", "request", "我要退款"),
        ("en", "counted_wait", "on hold for 45 minutes"),
        ("en", "still_not", "still waiting for my parcel"),
        ("en", "broken", "it doesn't work"),
    ],
)
def test_cues_are_matcher_patterns_that_find_their_phrases(name: str, cue: str, text: str) -> None:
    from spacy.matcher import Matcher

    nlp = language(name).pipeline()
    matcher = Matcher(nlp.vocab, validate=True)
    for key, patterns in language(name).cues.items():
        matcher.add(key, [list(pattern) for pattern in patterns])
    assert cue in {nlp.vocab.strings[found] for found, _, _ in matcher(nlp(text))}


def test_only_known_names_are_imported() -> None:
    with pytest.raises(KeyError):
        language("records")
