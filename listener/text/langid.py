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

from listener.text._folds import replaced
from listener.text._latin import english
from listener.text._scripts import in_its_script
from listener.text.normalise import Batch, batch, pieces
from listener.types import LANGUAGES

Lang: TypeAlias = Literal["ja", "zh", "en", "und"]

_KANA, _HAN, _LATIN, _OTHER = 0, 16, 32, 48
"""Where the counter of each script lies in one number of 64 bits; a text holds at most 20,000 of any."""
_PRIOR: Final = 5.5
_KANA_ODDS: Final = 3.0
_REPLACED_ODDS: Final = 2.0
"""Against Japanese, for a form that it has replaced (國 by 国) and keeps in names only."""
_NO_KANA_ODDS: Final = 0.4
"""Against Japanese, for each Han character beyond the fourth of a text without kana: few sentences do without."""
_PAIR_BITS: Final = 16
_CJK_LETTERS: Final = 3
"""One kana or Han character counts as that many Latin letters: it holds about as much."""


@dataclass(frozen=True, slots=True)
class _Tables:
    script: NDArray[np.int64]
    odds: NDArray[np.float32]
    """Log-odds of Japanese against Chinese by code point."""
    traditional: NDArray[np.float32]
    """+1 for characters of Big5 that GB 2312 lacks, -1 the other way round."""
    pair_odds: NDArray[np.float32]
    pair_keys: NDArray[np.uint32]
    """By `_slot`: log-odds of two characters in a row beyond those of each, and which two they are."""
    letters: NDArray[np.uint32]
    """Small Latin letters as they are, all else a space."""


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
    heads = made.starts[:-1]
    counts = np.add.reduceat(tables.script[made.codes], heads)
    kana, han, latin, other = (((counts >> shift) & 0xFFFF).tolist() for shift in (_KANA, _HAN, _LATIN, _OTHER))
    odds = np.add.reduceat(_odds(made.codes), heads, dtype=np.float64).tolist()
    found: list[Lang] = []
    in_latin: list[int] = []
    hints = [base(prior) for prior in priors]
    for row, hint in enumerate(hints):
        cjk = (kana[row] + han[row]) * _CJK_LETTERS
        if cjk + latin[row] == 0 or other[row] > max(cjk, latin[row]):
            found.append("und")
        elif cjk >= latin[row]:
            found.append(_cjk(odds[row] - (0 if kana[row] else _without_kana(han[row])), hint))
        else:
            found.append("und")
            in_latin.append(row)
    for row, lang in zip(in_latin, _read_latin(made, texts, in_latin, hints), strict=True):
        found[row] = lang
    return found


def declared(code: str | None, text: str) -> str | None:
    """The base of a declared language if there is such a language and this text is in its script, else None.

    For texts that `identify` calls `und`: ja, zh and en are known by sight, so their being declared proves nothing.
    """
    main = base(code)
    return main if main and main not in LANGUAGES and in_its_script(main, text) else None


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


def _odds(codes: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Log-odds of the character at each place, and of the pair that begins there."""
    tables = _tables()
    found: NDArray[np.float32] = tables.odds[codes]
    places = np.flatnonzero((codes[:-1] >= 0x3400) & (codes[1:] >= 0x3400))
    keys = (codes[places] << np.uint32(16)) | (codes[places + 1] & np.uint32(0xFFFF))
    slots = _slot(keys)
    found[places] += np.where(tables.pair_keys[slots] == keys, tables.pair_odds[slots], np.float32(0))
    return found


def _slot(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (keys * np.uint32(0x9E3779B1)) >> np.uint32(32 - _PAIR_BITS)


def _without_kana(han: int) -> float:
    """What the lack of kana says against Japanese in so many characters."""
    return min(_NO_KANA_ODDS * max(han - 4, 0), 3.0)


def _cjk(odds: float, hint: str | None) -> Lang:
    lean = odds + (_PRIOR if hint == "ja" else -_PRIOR if hint == "zh" else 0.0)
    return "ja" if lean > 0 else "zh"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _read_latin(made: Batch, texts: Sequence[str], rows: Sequence[int], hints: Sequence[str | None]) -> list[Lang]:
    """English or `und` for each of these rows."""
    letters = _tables().letters[made.codes]
    joined = letters.tobytes().decode("utf-32-le")
    bounds = made.starts.tolist()
    plain = [joined[bounds[row] : bounds[row + 1]] for row in rows]
    found = english(plain, [texts[row] for row in rows], [hints[row] for row in rows])
    return ["en" if is_english else "und" for is_english in found]


@cache
def _tables() -> _Tables:
    script = np.zeros(0x110000, dtype=np.int64)
    script[0x41:0x5B] = script[0x61:0x7B] = script[0xC0:0x250] = 1 << _LATIN
    script[0x250:0x2000] = script[0xA000:0xD7FF] = 1 << _OTHER
    script[0x3041:0x3097] = script[0x30A1:0x30FB] = script[0x31F0:0x3200] = 1 << _KANA
    script[0x3400:0xA000] = script[0xF900:0xFB00] = script[0x20000:0x32000] = 1 << _HAN
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
    odds[[ord(char) for char in replaced()]] -= _REPLACED_ODDS
    counted = _counted()
    for weight, chars in counted["one"].items():
        odds[[ord(char) for char in chars]] += float(weight)
    pair_odds, pair_keys = np.zeros(1 << _PAIR_BITS, np.float32), np.zeros(1 << _PAIR_BITS, np.uint32)
    for weight, chars in counted["two"].items():
        codes = np.frombuffer(chars.encode("utf-32-le"), dtype="<u4").reshape(-1, 2)
        keys = (codes[:, 0] << np.uint32(16)) | codes[:, 1]
        pair_keys[_slot(keys)], pair_odds[_slot(keys)] = keys, float(weight)
    odds[script == 1 << _KANA] = _KANA_ODDS
    # Written by Chinese authors too, for charm: alone it proves little.
    odds[ord("の")] = 1.0
    letters = np.full(0x110000, 0x20, dtype=np.uint32)
    letters[0x61:0x7B] = np.arange(0x61, 0x7B)
    return _Tables(script, odds, traditional, pair_odds, pair_keys, letters)


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
    """Characters and pairs by their log-odds, counted on our own corpus by `listener.lab.characters`."""
    table: dict[str, Any] = json.loads(files("listener.text").joinpath("langid.json").read_text(encoding="utf-8"))
    return table
