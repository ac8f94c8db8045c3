"""Which brands a text is about: every brand's words found in one pass.

All words of all brands go into one Aho-Corasick automaton (Aho & Corasick 1975) over the folded text (NFKC, case
folded), so the time does not grow with the number of brands. In Latin, Cyrillic and other scripts that put spaces
between words, a word must stand alone ("Apple" is not in "pineapple"); in Japanese and Chinese it may stand anywhere.
An exclude word anywhere in the text means that the text is not about that brand (other brands are not touched).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import ahocorasick_rs

from listener.settings import Brand

_UNSPACED: Final = (
    (0x2E80, 0x9FFF),  # radicals, kana, CJK
    (0xAC00, 0xD7AF),  # Hangul: particles are glued to names
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
    (0x0E00, 0x0EFF),  # Thai, Lao
)


def fold(text: str) -> str:
    """The form in which words are compared: NFKC, case folded, lone surrogates (no character at all) replaced."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded if folded.isascii() else folded.encode("utf-8", "replace").decode("utf-8")


class BrandMatcher:
    """Matches texts against the brands of the settings; built once, used by any thread."""

    def __init__(self, brands: Sequence[Brand]) -> None:
        self._names = tuple(brand.name for brand in brands)
        words: dict[str, int] = {}
        self._wanted: list[set[int]] = []
        self._excluded: list[set[int]] = []
        for index, brand in enumerate(brands):
            for term in (brand.name, *brand.aliases, *brand.products, *brand.keywords):
                self._add(words, term, index, self._wanted, self._excluded)
            for term in brand.exclude:
                self._add(words, term, index, self._excluded, self._wanted)
        self._words = tuple(words)
        self._automaton = ahocorasick_rs.AhoCorasick(self._words) if words else None
        self.terms: Final = tuple(w for w, i in words.items() if self._wanted[i])
        """Every word that makes some brand match, folded: what a keyword-driven source listens for."""

    @staticmethod
    def _add(words: dict[str, int], term: str, brand: int, into: list[set[int]], beside: list[set[int]]) -> None:
        folded = fold(term).strip()
        if not folded:
            return
        if folded not in words:
            words[folded] = len(words)
            into.append(set())
            beside.append(set())
        into[words[folded]].add(brand)

    def match(self, text: str) -> tuple[str, ...]:
        """Names of the brands that `text` concerns, in the settings' order."""
        if self._automaton is None:
            return ()
        folded = fold(text)
        wanted: set[int] = set()
        excluded: set[int] = set()
        for word, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if stands_alone(folded, start, end):
                wanted |= self._wanted[word]
                excluded |= self._excluded[word]
        return tuple(self._names[brand] for brand in sorted(wanted - excluded))

    def words(self, text: str) -> frozenset[tuple[str, str]]:
        """(brand, folded word) for every word that makes `text` match, those of excluded brands left out."""
        if self._automaton is None:
            return frozenset()
        folded = fold(text)
        found: set[tuple[int, int]] = set()
        excluded: set[int] = set()
        for word, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if stands_alone(folded, start, end):
                found.update((brand, word) for brand in self._wanted[word])
                excluded |= self._excluded[word]
        return frozenset((self._names[brand], self._words[word]) for brand, word in found if brand not in excluded)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] is not glued to a longer word, by the rules of the script at each edge."""
    return not (
        (start > 0 and _glued(text[start - 1], text[start])) or (end < len(text) and _glued(text[end - 1], text[end]))
    )


def _glued(left: str, right: str) -> bool:
    return _spaced_letter(left) and _spaced_letter(right)


def _spaced_letter(char: str) -> bool:
    """A letter, digit, mark or underscore of a script that separates words by spaces."""
    if char.isascii():
        return char.isalnum() or char == "_"
    if not (char.isalnum() or unicodedata.category(char).startswith("M")):
        return False
    code = ord(char)
    return not any(low <= code <= high for low, high in _UNSPACED)
