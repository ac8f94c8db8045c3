"""English, or another language in Latin letters? By words that tell, by how a word is spelt, by accents.

Words of our own written corpus speak for English, function words of some thirty other languages against it; a word in
neither list is judged by its letter triples, and by whether it can be read as Japanese or Mandarin in Latin letters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

_READ: Final = 60
_GLANCE: Final = 14
"""So many words tell, mostly the first few; a longer post is not read further."""
_LEAST: Final = -0.6
"""A post of which nothing is known is English."""
_CLEAR: Final = 2.0
"""Known words that say so much need no help from unknown ones."""
_HINT: Final = 1.0
_ACCENT_ODDS: Final = 0.6
_MOST_ODDS: Final = 0.5
_MOST_STRANGE: Final = 0.9
"""Of one unknown word, and of all of them: they may be names, so their spelling says little."""
_FUNCTION, _SHARED, _VOCABULARY, _FOREIGN, _TRANSCRIBED = 1.0, 0.3, 0.5, -1.0, -0.8

_ACCENT = re.compile(r"[à-öø-ÿāăąćčďđēęěğģīįıķļłńňōőœřśşšťūůűųźżžơưạ-ỹ¿¡]")
# Written for this file: what short English posts are made of and the corpus may lack.
_SLANG: Final = (
    "lol lmao omg wtf smh ugh meh idk tbh imo ngl fyi asap thx ty pls plz u ur r gr8 dm tweet rt btw af irl ffs scam"
    " uber trash garbage rude broken worst refund laggy legit bots"
)
# Short words that the lists of function words lack or that English lends from there.
_TELLING: Final = (
    "el los las del por para con muy como pero que de la le les des une dans pour pas avec sur der und ist nicht ein"
    " ich mit auf non che di il sono della het een niet maar ook zijn yang dan tidak ini itu untuk dengan nggak gak"
    " banget ang ng mga hindi naman bir ve bu cok jest sie nie det och som att hat pessimo pesimo"
)
_MORA = re.compile(
    r"(?:(?:[kgsztdnhbpmr]?y?|sh|ch|j|ts|f|w|kk|tt|pp|ss|ssh|tch|cch)(?:[aiueo]|ou|uu|ii|aa|ee)|n(?![aiueoy]))+"
)
_SYLLABLE = re.compile(
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:iang|uang|iong|ang|eng|ing|ong|ian|iao|uan|uai|ai|ei|ao|ou|an|en|in|un|ia|ie|iu"
    r"|ua|ue|ui|uo|a|e|i|o|u|er)"
)


@dataclass(frozen=True, slots=True)
class _Lists:
    odds: dict[str, float]
    triples: NDArray[np.float32]
    """(27, 27, 27): log-odds of English against the others for three letters, 0 being the border of a word."""


def english(rows: Sequence[str], texts: Sequence[str], hints: Sequence[str | None]) -> list[bool]:
    """Whether each post in Latin letters is English.

    `rows` are normalised and hold nothing but letters and spaces, `texts` are as given, `hints` base codes.
    """
    known = _lists()
    found = []
    for row, text, hint in zip(rows, texts, hints, strict=True):
        words = row.split(None, _GLANCE)[:_GLANCE]
        lean = _lean(words, known)
        if lean <= _CLEAR and len(words) == _GLANCE:
            words = row.split(None, _READ)[:_READ]
            lean = _lean(words, known)
        if not text.isascii():
            lean -= _ACCENT_ODDS * len(_ACCENT.findall(text[:400].lower()))
        if hint is not None:
            lean += _HINT if hint == "en" else -_HINT
        found.append(bool(words) and lean > _LEAST)
    return found


def _lean(words: Sequence[str], known: _Lists) -> float:
    odds = [known.odds.get(word) for word in words]
    strange = [word for word, found in zip(words, odds, strict=True) if found is None]
    lean = sum(found for found in odds if found is not None)
    if lean > _CLEAR:
        return lean
    if 2 * len(strange) > len(words):
        read = sum(len(word) > 1 and bool(_MORA.fullmatch(word) or _SYLLABLE.fullmatch(word)) for word in strange)
        if read >= 2 and 2 * read > len(words):
            return lean + _TRANSCRIBED * read
    spelling = sum(_spelling(word, known.triples) for word in strange)
    return lean + max(-_MOST_STRANGE, min(_MOST_STRANGE, spelling))


def _spelling(word: str, triples: NDArray[np.float32]) -> float:
    """Between -_MOST_ODDS and _MOST_ODDS: how English a word looks."""
    letters = [0, *(ord(char) - 96 for char in word if "a" <= char <= "z"), 0]
    if len(letters) < 4:
        return 0.0
    total = sum(float(triples[a, b, c]) for a, b, c in zip(letters, letters[1:], letters[2:], strict=False))
    return max(-_MOST_ODDS, min(_MOST_ODDS, total / 4))


@cache
def _lists() -> _Lists:
    lists = json.loads(files("listener.text").joinpath("words.json").read_text(encoding="utf-8"))
    ours, theirs = lists["english"].split(), lists["foreign"].split()
    odds = dict.fromkeys(theirs, _FOREIGN) | dict.fromkeys(ours, _VOCABULARY)
    odds |= dict.fromkeys(lists["function"].split(), _FUNCTION) | dict.fromkeys(_SLANG.split(), _FUNCTION)
    odds |= dict.fromkeys(lists["shared"].split(), _SHARED) | dict.fromkeys(_TELLING.split(), _FOREIGN)
    return _Lists(odds, _triples(ours) - _triples(theirs))


def _triples(words: Sequence[str]) -> NDArray[np.float32]:
    """Logarithms of smoothed shares of letter triples (27, 27, 27)."""
    joined = np.frombuffer(f" {' '.join(words)} ".encode("ascii", "replace"), dtype=np.uint8).astype(np.int64)
    letters = np.where((joined >= 97) & (joined <= 122), joined - 96, 0)
    where = (letters[:-2] * 27 + letters[1:-1]) * 27 + letters[2:]
    counts = np.bincount(where, minlength=27**3).astype(np.float64) + 0.5
    return np.asarray(np.log(counts / counts.sum()).reshape(27, 27, 27), dtype=np.float32)
