"""Normalisation: what is folded, and that every code point is traced to where it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.text.normalise import EDGE, MAX_CODE_POINTS, URL, USER, batch, normalise

any_text = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("ｶﾞｯｶﾘ", "ガッカリ"),
        ("か\u3099っかり", "がっかり"),
        ("ＡＢＣ\u3000ａｂｃ", "abc abc"),
        ("soooooo", "sooo"),
        ("すごーーーーーい", "すごーーーい"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("re\u200bfund", "refund"),
        ("r\u0435fund", "refund"),
        ("“don’t”", '"don\'t"'),
        ("café", "cafe"),
        ("123 days, 1 star", "00 days, 1 star"),
        ("③番", "3番"),
        ("@shop お願い", f"{chr(USER)} お願い"),
        ("see https://example.com/a?b=c。次", f"see {chr(URL)}。次"),
        ("mail me@example.com now", f"mail {chr(USER)} now"),
        ("HTTPS://EXAMPLE.com/@me/x end", f"{chr(URL)} end"),
        ("www.example.com?", chr(URL)),
        ("ftp://x.org :// @ a@b", "ftp://x.org :// @ a" + chr(USER)),
        ("@a@mastodon.example さん", f"{chr(USER)} さん"),
        ("a\tb\r\n\nc", "a b c"),
        ("👍🏽", "👍"),
        (chr(USER), "\ufffd"),
    ],
)
def test_variants_fold(given_text: str, expected: str) -> None:
    assert normalise(given_text) == expected


@given(any_text)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text).replace(chr(USER), "").replace(chr(URL), "").replace("\ufffd", "")
    twice = normalise(once)
    assert len(twice) <= len(once)
    assert normalise(twice) == normalise(normalise(twice))


@given(st.lists(any_text, max_size=6))
def test_a_batch_is_its_texts_one_by_one(texts: list[str]) -> None:
    assert batch(texts).strings() == [normalise(text) for text in texts]


@given(st.lists(any_text, min_size=1, max_size=4))
def test_offsets_rise_and_stay_inside_the_text(texts: list[str]) -> None:
    made = batch(texts)
    for row, text in enumerate(texts):
        start, end = made.starts[row], made.starts[row + 1]
        codes, origin = made.codes[start:end].tolist(), made.origin[start:end].tolist()
        assert codes[0] == codes[-1] == EDGE
        assert EDGE not in codes[1:-1]
        assert (origin[0], origin[-1]) == (-1, len(text))
        assert origin == sorted(set(origin))


def test_an_offset_points_at_the_character_it_came_from() -> None:
    text = "ｶﾞ!!!!!!\u200b高い"
    made = batch([text])
    at = made.codes.tolist().index(ord("高"))
    assert text[made.origin[at]] == "高"


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert len(normalise("ab" * MAX_CODE_POINTS)) == MAX_CODE_POINTS
