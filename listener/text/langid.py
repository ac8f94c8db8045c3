"""Which language a short post is in: scripts first, then the kanji that only one side writes, then what is usual.

Kana make a text Japanese. Han alone are weighed character by character: the character sets people typed with (JIS X
0208, GB 2312, Big5) tell simplified, traditional and Japanese forms apart, and for characters that all share, a table
of log-odds counted on our own corpus says who writes them more. Latin text is English unless its words or accents say
otherwise. A prior (what the platform declares) decides what is near. Everything else is `und`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from listener.text.normalise import Batch, batch, pieces

Lang: TypeAlias = Literal["ja", "zh", "en", "und"]

_KANA, _HAN, _LATIN, _OTHER = 1, 2, 3, 4
_PRIOR: Final = 4.0
_KANA_ODDS: Final = 3.0
_CJK_LETTERS: Final = 3
"""One kana or Han character counts as that many Latin letters: it holds about as much."""


@dataclass(frozen=True, slots=True)
class _Tables:
    script: NDArray[np.uint8]
    odds: NDArray[np.float32]
    """Log-odds of Japanese against Chinese by code point."""
    traditional: NDArray[np.float32]
    """+1 for characters of Big5 that GB 2312 lacks, -1 the other way round."""


def identify(text: str, prior: str | None = None) -> Lang:
    """`ja`, `zh`, `en`, or `und` where nothing tells or it is another language. `prior`: any code such as `zh-TW`."""
    return identify_all([text], [prior])[0]


def identify_all(texts: Sequence[str], priors: Sequence[str | None] | None = None) -> list[Lang]:
    """`identify` for a batch."""
    hints = priors or [None] * len(texts)
    found: list[Lang] = []
    for start, part in pieces(texts):
        found += _identify(batch(part), part, hints[start : start + len(part)])
    return found


def _identify(made: Batch, texts: Sequence[str], priors: Sequence[str | None]) -> list[Lang]:
    tables = _tables()
    script = tables.script[made.codes]
    heads = made.starts[:-1]
    kana, han, latin, other = (
        np.add.reduceat(script == which, heads, dtype=np.int64).tolist() for which in (_KANA, _HAN, _LATIN, _OTHER)
    )
    odds = np.add.reduceat(tables.odds[made.codes], heads, dtype=np.float64).tolist()
    found: list[Lang] = []
    for row, text in enumerate(texts):
        hint = base(priors[row])
        cjk = (kana[row] + han[row]) * _CJK_LETTERS
        if cjk + latin[row] == 0 or other[row] > max(cjk, latin[row]):
            found.append("und")
        elif cjk >= latin[row]:
            found.append(_cjk(odds[row], hint))
        else:
            found.append(_latin(text, hint))
    return found


def variant(text: str) -> Literal["hans", "hant", ""]:
    """The script of a Chinese text: simplified, traditional, or not to be told."""
    made = batch([text])
    lean = float(_tables().traditional[made.codes].sum())
    return "hant" if lean > 0 else "hans" if lean < 0 else ""


def base(code: str | None) -> str | None:
    """The language of a code: `zh` of `zh-Hant-TW`, `ja_JP` and the like."""
    if not code:
        return None
    main = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    return {"jp": "ja", "cn": "zh", "yue": "zh", "cmn": "zh", "eng": "en", "jpn": "ja", "zho": "zh"}.get(main, main)


def _cjk(odds: float, hint: str | None) -> Lang:
    lean = odds + (_PRIOR if hint == "ja" else -_PRIOR if hint == "zh" else 0.0)
    return "ja" if lean > 0 else "zh"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that only function in one language, so that one or two of them tell. Written for this file.
_ENGLISH: Final = _words(
    "the a an and or but is are was were be been i i'm i've you your it it's my me we our us they them he she this that"
    " these those to of in on at for from with by as if so not no don't can't won't didn't doesn't isn't just have has"
    " had do does did will would can could should get got how what when where why who all any some more very too again"
    " still never always out up down after before than then there here one good bad worst best new time day please"
    " thanks thank service app order love hate great"
)
_FOREIGN: Final = _words(
    "el los las un una y ha he hay nadie esta este todo"
    " que de del en por para con es está muy pero como más mi su lo se le la les des et est une dans"
    " pour pas avec sur qui je tu il vous nous ce cette mais ou der die das und ist nicht ein eine ich mit auf für von"
    " zu den dem sich auch noch wird uma não com os ao da dos em seu sua isso muito il di che non per sono gli della"
    " het een niet van voor maar ook zijn wel yang dan tidak ini itu untuk dengan saya ada nggak gak sudah bisa ang ng"
    " mga sa ko ka na po hindi ako naman bir ve bu için çok değil och det att är inte som jag wa desu ga wo kara masu"
    " nai deshita kore sore arigatou sumimasen totemo hidoi yo zhe ge shi bu wo ni hao tai le ma ba hen zhen mei you"
    " dui xie"
)
_ACCENT = re.compile(r"[à-öø-ÿāăąćčďđēęěğģīįıķļłńňōőœřśşšťūůűųźżžơưạ-ỹ¿¡]")
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MASK = re.compile(r"https?://\S+|@\w+")
_READ: Final = 400


def _latin(text: str, hint: str | None) -> Lang:
    """English or not, by the words that make sentences and by accents; nothing told means English."""
    plain = _MASK.sub(" ", text[: 2 * _READ])[:_READ].replace("’", "'").lower()
    words = _LATIN_WORD.findall(plain)
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words) + 0.5 * len(_ACCENT.findall(plain))
    lean = english - foreign
    if hint is not None:
        lean += 1.0 if hint == "en" else -1.0
    if lean == 0 and words and not english:
        return "en" if hint is None or hint == "en" else "und"
    return "en" if words and lean >= 0 else "und"


@cache
def _tables() -> _Tables:
    script = np.zeros(0x110000, dtype=np.uint8)
    script[0x41:0x5B] = script[0x61:0x7B] = script[0xC0:0x250] = _LATIN
    script[0x250:0x2000] = script[0xA000:0xD7FF] = _OTHER
    script[0x3041:0x3097] = script[0x30A1:0x30FB] = script[0x31F0:0x3200] = _KANA
    script[0x3400:0xA000] = script[0xF900:0xFB00] = script[0x20000:0x32000] = _HAN
    odds = np.zeros(0x110000, dtype=np.float32)
    traditional = np.zeros(0x110000, dtype=np.float32)
    jis, gb, big5 = _repertoire("shift_jis"), _repertoire("gb2312"), _repertoire("big5")
    for chars, lean in (
        (jis - gb - big5, 4.0),
        (gb - jis - big5, -5.0),
        (big5 - jis - gb, -4.0),
        (gb & big5 - jis, -4.0),
    ):
        odds[[ord(char) for char in chars]] = lean
    traditional[[ord(char) for char in big5 - gb]] = 1
    traditional[[ord(char) for char in gb - big5]] = -1
    for weight, chars in _counted().items():
        odds[[ord(char) for char in chars]] += float(weight)
    odds[script == _KANA] = _KANA_ODDS
    # Written by Chinese authors too, for charm: alone it proves little.
    odds[ord("の")] = 1.0
    return _Tables(script, odds, traditional)


def _repertoire(codec: str) -> set[str]:
    """The Han characters that two bytes of this encoding can write (of Shift_JIS: levels 1 and 2)."""
    pairs = bytes(b for high in range(0x81, 0xFF) for low in range(0x40, 0xFF) for b in (high, low))
    chars: set[str] = set()
    for at in range(0, len(pairs), 2):
        try:
            chars.add(pairs[at : at + 2].decode(codec))
        except UnicodeDecodeError:
            continue
    return {char for char in chars if len(char) == 1 and 0x3400 <= ord(char) < 0xA000}


def _counted() -> dict[str, Any]:
    """Characters by their log-odds, counted on our own corpus by `listener.lab.characters`."""
    table: dict[str, Any] = json.loads(files("listener.text").joinpath("langid.json").read_text(encoding="utf-8"))
    return table
