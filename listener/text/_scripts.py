"""The languages that there are (ISO 639-1), and the scripts of those that are not written in Latin letters."""

from __future__ import annotations

import unicodedata
from typing import Final

_READ: Final = 400


def _by_script(lines: str) -> dict[str, frozenset[str]]:
    """`SCRIPT[+SCRIPT]: codes`, one line each, as a code's scripts."""
    found: dict[str, frozenset[str]] = {}
    for line in lines.strip().splitlines():
        scripts, codes = line.split(":")
        found |= dict.fromkeys(codes.split(), frozenset(scripts.strip().split("+")))
    return found


_SCRIPTS: Final = _by_script(
    """
    LATIN: aa af ak an ay bi bm br bs ca ch co cs cy da de ee eo es et eu ff fi fil fj fo fr fy ga gd gl gn gv ha ho hr
    LATIN: ht hu hz ia id ie ig ik io is it jv kg ki kj kl kr kw la lb lg li ln lt lu lv mg mh mi ms mt na nb nd ng nl
    LATIN: nn no nr nv ny oc oj om pl pt qu rm rn ro rw sc se sg sk sl sm sn so sq ss st su sv sw tk tl tn to tr ts tw
    LATIN: ty uz ve vi vo wa wo xh yo za zu
    CYRILLIC+LATIN: ab av az ba be bg ce cu cv kk kv ky mk mn os ru sr tg tt uk
    ARABIC+LATIN: ar fa ks ku ps sd ug ur
    DEVANAGARI: bh hi mr ne pi sa
    BENGALI: as bn
    HEBREW: he yi
    ETHIOPIC: am ti
    TIBETAN: bo dz
    CANADIAN: cr iu
    THAANA: dv
    GREEK: el
    GUJARATI: gu
    ARMENIAN: hy
    YI: ii
    CJK+HIRAGANA+KATAKANA: ja
    GEORGIAN: ka
    KHMER: km
    KANNADA: kn
    HANGUL: ko
    LAO: lo
    MALAYALAM: ml
    MYANMAR: my
    ORIYA: or
    GURMUKHI: pa
    SINHALA: si
    TAMIL: ta
    TELUGU: te
    THAI: th
    CJK: zh
    LATIN: en
    """
)


def in_its_script(code: str, text: str) -> bool:
    """Whether there is a language of this code and the text has a letter of a script that it is written in."""
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in text[:_READ] if char.isalpha()}
    return not scripts.isdisjoint(_SCRIPTS.get(code, frozenset()))
