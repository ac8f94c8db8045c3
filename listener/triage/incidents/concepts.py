"""What people complain about, in the words of three languages (concepts.json, written for listener).

A concept is what makes "返金されない", "不给退款" and "where is my refund" three mentions of one problem. Japanese and
Chinese terms are found anywhere in a text, English ones at the beginning of a word ("refund" finds "refunded"); a
trailing dot asks for the whole word. Simplified and traditional forms are both listed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

TERMS: Final[Mapping[str, Mapping[str, str]]] = json.loads(
    files("listener.triage.incidents").joinpath("concepts.json").read_text(encoding="utf-8")
)
"""Terms by concept and language, separated by spaces; `_` is a space within an English term."""

NAMES: Final = tuple(TERMS)

_LATIN = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile("['’]")


def concepts(text: str, lang: str) -> tuple[int, ...]:
    """The concepts of a text, as indexes into NAMES, each once, in ascending order.

    English terms are looked for in every text, those of Japanese and Chinese in a text of that language, in any other
    text both.

    >>> [NAMES[number] for number in concepts("まだ返金されない", "ja")]
    ['refund']
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    latin = f" {_LATIN.sub(' ', _APOSTROPHES.sub('', folded))} "
    found = _find("en", latin)
    if not folded.isascii():
        for other in (lang,) if lang in ("ja", "zh") else ("ja", "zh"):
            found |= _find(other, folded)
    return tuple(sorted(found))


def _find(lang: str, text: str) -> set[int]:
    automaton, owners = _matcher(lang)
    return {owners[which] for which, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)}


@cache
def _matcher(lang: str) -> tuple[Any, tuple[int, ...]]:
    """An automaton over the terms of one language, and the concept of each."""
    import ahocorasick_rs

    owners: dict[str, int] = {}
    for number, terms in enumerate(TERMS.values()):
        for term in terms[lang].split():
            owners.setdefault(f" {term.replace('_', ' ').replace('.', ' ')}" if lang == "en" else term, number)
    return ahocorasick_rs.AhoCorasick(list(owners)), tuple(owners.values())
