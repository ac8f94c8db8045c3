"""Trying a brand's words on stored posts."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from listener.board import tryout
from listener.settings import Brand
from listener.store.rows import StoredText

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def stored(text: str, *brands: str) -> StoredText:
    return StoredText(mention_id=1, text=text, source="s", brands=brands, posted_at=NOW)


def test_words_come_in_lines_or_with_commas_of_any_script() -> None:
    assert tryout.split("Kumo\n クモ、云，Kumo, ,\n") == ("Kumo", "クモ", "云")


def test_what_is_found_gained_and_lost() -> None:
    texts = [stored("Kumo is down", "Kumo"), stored("クモがつながらない"), stored("old words", "Kumo"), stored("x")]
    result = tryout.try_rule(Brand(name="Kumo", aliases=("クモ",)), texts, known_as="Kumo")
    assert (result.read, result.found, result.gained, result.lost) == (4, 2, 1, 1)
    assert [one.text for one in result.samples] == ["Kumo is down", "クモがつながらない"]
    assert [one.text for one in result.missed] == ["old words"]


def test_reading_ends_where_it_should() -> None:
    def endless() -> Iterator[StoredText]:
        for number in count():
            yield stored(f"Kumo {number}")

    result = tryout.try_rule(Brand(name="Kumo"), endless(), known_as=None)
    assert result.read == tryout.READ
    assert len(result.samples) == tryout.SAMPLES


def test_words_are_shown_where_they_stand() -> None:
    assert [(s.start, s.end) for s in tryout.spans("Kumo, KUMO (a.b)", ("kumo", "a.b"))] == [(0, 4), (6, 10), (12, 15)]
    assert tryout.spans("anything", ()) == ()


def test_the_rule_is_valid_settings_text() -> None:
    text = tryout.as_settings('Ku"mo', ('Ku"mo', "クモ"), ("a\\b",))
    assert tomllib.loads(text) == {"brands": [{"name": 'Ku"mo', "aliases": ["クモ"], "exclude": ["a\\b"]}]}


def test_without_words_there_is_no_rule() -> None:
    assert tryout.rule("Kumo", (), ("x",)) is None
