"""What each code point becomes: a table for all of Unicode, the few that become several, look-alikes, Chinese variants.

Made once, from Python's own Unicode data, when the first text comes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.uint32]

DROP: Final = 0
SPACE: Final = 0x20
VOICED, SEMI_VOICED = 0x3099, 0x309A
MANY: Final = 0x200000
"""Beyond Unicode: from here on the table holds numbers of expansions."""
_UNKNOWN: Final = 0xFFFD
_SIZE: Final = 0x110000

_SIGNS: Final = dict(zip("‚‘’‛“”„‟′‐‑‒–—―−─━〜～‥…", ",'''\"\"\"\"'---------~~……", strict=True))
"""The ellipsis stays one sign: as common in Japanese and Chinese as three dots are rare."""
_CYRILLIC_GREEK: Final = dict(
    zip(
        "аеорсухіјѕԁһкмтѵԛԝАВЕЗІЈКМНОРСТУХЅαορνικτχυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijsdhkmtvqwabe3ijkmhopctyxsaopviktxuabezhikmnoptyx",
        strict=True,
    )
)
"""Letters that are drawn like Latin ones, in lower and upper case (В is B, yet в is not)."""
_INVISIBLE: Final = frozenset((0x115F, 0x1160, 0x3164, 0xFFA0))
"""Fillers that Unicode calls letters."""
_LATIN_IN_DISGUISE: Final = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER"
    r"|LATIN SMALL LETTER (?:DOTLESS|SCRIPT)) ([A-Z])"
)


class Folds(NamedTuple):
    """`one`: code point -> code point, DROP, or MANY + number of a row in `many` (0 behind its end)."""

    one: Codes
    many: Codes


@cache
def folds() -> Folds:
    """The table of single code points; see `normalise` for what is folded."""
    table = np.arange(_SIZE, dtype=np.uint32)
    rows: list[list[int]] = []
    for code in _foldable():
        folded = _fold(chr(code))
        if len(folded) == 1:
            table[code] = folded[0]
        else:
            table[code] = MANY + len(rows)
            rows.append(folded)
    for source, target in _SIGNS.items():
        table[ord(source)] = ord(target)
    table[list(_INVISIBLE)] = DROP
    table[0x2800] = SPACE
    table[0xD800:0xF900] = _UNKNOWN
    table[0x1F3FB:0x1F400] = DROP
    table[0xE0000:0xE0200] = DROP
    many = np.zeros((len(rows), max(map(len, rows))), dtype=np.uint32)
    for at, row in enumerate(rows):
        many[at, : len(row)] = row
    return Folds(table, many)


@cache
def lookalikes() -> Codes:
    """Cyrillic and Greek letters as the Latin ones that they are drawn like; 0 for all other code points."""
    table = np.zeros(0x530, dtype=np.uint32)
    for source, target in _CYRILLIC_GREEK.items():
        table[ord(source)] = ord(target)
    return table


@cache
def simplified() -> Codes:
    """Traditional characters and their variants as the simplified one, by code point.

    The pairs are OpenCC's (TSCharacters 1.4.2, Apache-2.0), the first choice of each.
    """
    pairs = _variants()
    table = np.arange(_SIZE, dtype=np.uint32)
    table[[ord(char) for char in pairs["traditional"]]] = [ord(char) for char in pairs["simplified"]]
    return table


def replaced() -> str:
    """The old forms that Japanese has replaced by others (OpenCC's JPShinjitaiCharacters)."""
    return str(_variants()["replaced"])


def _variants() -> dict[str, str]:
    pairs: dict[str, str] = json.loads(files("listener.text").joinpath("variants.json").read_text(encoding="utf-8"))
    return pairs


def _foldable() -> Iterator[int]:
    """Every block whose code points can change; ideographs and Hangul syllables are left out for speed."""
    blocks = (
        (0, 0x3400),
        (0xA000, 0xAC00),
        (0xF900, 0x10000),
        (0x1D400, 0x1D800),
        (0x1F100, 0x1F300),
        (0x2F800, 0x2FA20),
    )
    for first, last in blocks:
        yield from range(first, last)


def _fold(char: str) -> list[int]:
    category = unicodedata.category(char)
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return [SPACE]
    if _invisible(char):
        return [DROP]
    if ord(char) > 0xFF and (disguised := _LATIN_IN_DISGUISE.fullmatch(unicodedata.name(char, ""))):
        return [ord(disguised[1].lower())]
    plain = unicodedata.normalize("NFKC", char).lower()
    # What would become a space with an accent is a sign in its own right (´ ¨), mostly a part of a drawn face.
    kept = char if " " in plain else "".join(part for part in plain if not _invisible(part)) or char
    return [ord(part) for part in map(_bare, kept)]


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Mn", "Me") and ord(char) not in (VOICED, SEMI_VOICED)


def _bare(char: str) -> str:
    """Kana keep their voiced marks (が is not か); Latin, Greek and Cyrillic letters lose their accents."""
    char = _SIGNS.get(char, char)
    return char if 0x3000 <= ord(char) < 0x3400 else unicodedata.normalize("NFD", char)[0]
