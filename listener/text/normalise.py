"""Writing variants folded away for a whole batch of posts at once, every code point still traced to where it stood.

A batch becomes one UTF-32 array. Each step maps code points, drops some, or repeats one that becomes several, so
`origin` (the place in the text as given) comes for free and evidence can point at what people wrote:

* NFKC: half-width kana, full-width, circled, small-capital and mathematical letters, ㌔ ㈱ ‼ written out; voiced
  marks are composed with their kana, other combining marks dropped with the accent they carry (é = e);
* lower case; Cyrillic and Greek letters that are drawn like Latin ones, in texts that are mostly Latin; quotes, dashes
  and wave dashes in one form each; a wave after kana is a long vowel (すご〜い = すごーい);
* zero-width characters, invisible letters, variation selectors and skin tones dropped; control characters are spaces;
* URLs, mail addresses and @users become one mark each, also where they were masked before (<user>, HTTPURL); drawn
  faces (´；ω；`) :-) one of three; numbers of two and more digits become ``00``;
* a character repeated more than three times in a row is cut to three (soooo, ーーーー, 哈哈哈哈哈), a pair to three
  pairs (hahaha); spaces to one;
* if asked, traditional Chinese characters and variants become simplified ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from listener.text._folds import DROP, MANY, SEMI_VOICED, SPACE, VOICED, Codes, folds, lookalikes, simplified
from listener.text._masks import FACE, GLAD, MARKS, SAD, URL, USER, mask

__all__ = [
    "EDGE", "FACE", "GLAD", "MARKS", "MAX_CODE_POINTS", "SAD", "URL", "USER", "Batch", "Codes", "Index", "batch",
    "normalise", "pieces",
]  # fmt: skip

Index: TypeAlias = NDArray[np.int64]

EDGE: Final = 0x02
"""Stands before and after every text; no normalised text contains it."""
MAX_CODE_POINTS: Final = 20_000
"""Only so much of a text is read: enough for any post, and one hostile text costs no more than a few long ones."""

_MOST_TEXTS: Final = 1024
_MOST_CODE_POINTS: Final = 400_000
_RUN: Final = 3
_WAVE: Final = 0x7E
_LONG_VOWEL: Final = 0x30FC


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts as one array: row r is ``codes[starts[r]:starts[r + 1]]``, framed by EDGE on both sides.

    `origin[i]` is the index of code i in its own text as given; an EDGE has -1 in front and the text's length behind.
    """

    codes: Codes
    origin: Index
    starts: Index

    def __len__(self) -> int:
        return len(self.starts) - 1

    def strings(self) -> list[str]:
        """The normalised texts without their frames."""
        joined = self.codes.tobytes().decode("utf-32-le", "surrogatepass")
        bounds = self.starts.tolist()
        return [joined[a + 1 : b - 1] for a, b in pairwise(bounds)]


def batch(texts: Sequence[str], *, simplify: bool = False) -> Batch:
    """Normalise many texts at once; never fails, whatever the texts hold. `simplify` is for Chinese."""
    cut = [text if len(text) <= MAX_CODE_POINTS else text[:MAX_CODE_POINTS] for text in texts]
    joined = "\0" + "\0\0".join(cut) + "\0" if cut else ""
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut)) + 2
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    codes = folds().one[raw]
    _unmask_lookalikes(raw, codes, bounds)
    codes[bounds[:-1]] = EDGE
    codes[bounds[1:] - 1] = EDGE
    mask(joined, codes)
    origin = np.arange(len(raw), dtype=np.int64) - np.repeat(bounds[:-1], lengths) - 1
    codes, origin = _kept(codes, origin, codes != DROP)
    codes, origin = _expand(codes, origin)
    codes, origin = _compose(codes, origin)
    codes, origin = _numbers(codes, origin)
    codes, origin = _runs(codes, origin)
    if simplify:
        codes = simplified()[codes]
    starts = np.append(np.flatnonzero(codes == EDGE)[::2], len(codes))
    return Batch(codes, origin, starts.astype(np.int64))


def pieces(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Consecutive parts, each with the index of its first text: so few that a batch stays at tens of megabytes."""
    start = size = 0
    for at, text in enumerate(texts):
        length = min(len(text), MAX_CODE_POINTS)
        if at > start and (at - start >= _MOST_TEXTS or size + length > _MOST_CODE_POINTS):
            yield start, texts[start:at]
            start, size = at, 0
        size += length
    if start < len(texts):
        yield start, texts[start:]


def normalise(text: str, *, simplify: bool = False) -> str:
    """One text normalised; see the module for what is folded."""
    return batch([text], simplify=simplify).strings()[0]


def _kept(codes: Codes, origin: Index, keep: NDArray[np.bool_]) -> tuple[Codes, Index]:
    return (codes, origin) if keep.all() else (codes[keep], origin[keep])


def _unmask_lookalikes(raw: Codes, codes: Codes, bounds: Index) -> None:
    """Latin letters for those drawn like them, in texts with more Latin letters than others of their own script."""
    table = lookalikes()
    if not ((raw >= 0x370) & (raw < len(table))).any():
        return
    alphabet = (raw >= 0x370) & (raw < len(table))
    alike = alphabet & (table[np.minimum(raw, len(table) - 1)] != 0)
    latin = (codes >= 0x61) & (codes <= 0x7A)
    lead = latin.astype(np.int64) - (alphabet & ~alike)
    mostly_latin = np.add.reduceat(lead, bounds[:-1]) > 0
    chosen = alike & np.repeat(mostly_latin, np.diff(bounds))
    codes[chosen] = table[raw[chosen]]


def _expand(codes: Codes, origin: Index) -> tuple[Codes, Index]:
    """Code points that stand for several are written out; all of them came from one place."""
    places = np.flatnonzero(codes >= MANY)
    if not len(places):
        return codes, origin
    rows = folds().many[codes[places] - MANY]
    sizes = np.ones(len(codes), dtype=np.int64)
    sizes[places] = (rows != 0).sum(axis=1)
    wide = np.repeat(codes, sizes)
    wide[wide >= MANY] = rows[rows != 0]
    return wide, np.repeat(origin, sizes)


def _compose(codes: Codes, origin: Index) -> tuple[Codes, Index]:
    """Kana followed by a voiced mark (half-width, or decomposed as some systems write) become one kana."""
    marks = np.flatnonzero((codes == VOICED) | (codes == SEMI_VOICED))
    if not len(marks):
        return codes, origin
    for at in marks.tolist():
        whole = unicodedata.normalize("NFC", chr(codes[at - 1]) + chr(codes[at]))
        if len(whole) == 1:
            codes[at - 1] = ord(whole)
    keep = np.ones(len(codes), dtype=bool)
    keep[marks] = False
    return codes[keep], origin[keep]


def _numbers(codes: Codes, origin: Index) -> tuple[Codes, Index]:
    """Digits that stand together become 00; a single digit keeps its value (1 star is not 5 stars)."""
    digit = (codes >= 0x30) & (codes <= 0x39)
    before = np.zeros_like(digit)
    before[1:] = digit[:-1]
    after = np.zeros_like(digit)
    after[:-1] = digit[1:]
    together = digit & (before | after)
    if not together.any():
        return codes, origin
    codes[together] = 0x30
    third = together & before
    third[1:] &= before[:-1]
    third[:1] = False
    return _kept(codes, origin, ~third)


def _runs(codes: Codes, origin: Index) -> tuple[Codes, Index]:
    """At most three of the same character or pair in a row, at most one space; waves after kana are long vowels."""
    same = np.zeros(len(codes), dtype=bool)
    same[1:] = codes[1:] == codes[:-1]
    drop = _repeated(same, _RUN) & (codes != EDGE)
    drop |= same & (codes == SPACE)
    codes, origin = _kept(codes, origin, ~drop)
    _lengthen(codes)
    pair = np.zeros(len(codes), dtype=bool)
    pair[2:] = codes[2:] == codes[:-2]
    return _kept(codes, origin, ~(_repeated(pair, 2 * _RUN - 1) & (codes != EDGE)))


def _repeated(same: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Where `same` has been true more than `most` - 1 times in a row."""
    long = same.copy()
    for back in range(1, most):
        long[back:] &= same[:-back]
        long[:back] = False
    return long


def _lengthen(codes: Codes) -> None:
    waves = np.flatnonzero(codes == _WAVE)
    for _ in range(_RUN if len(waves) else 0):
        before = codes[waves - 1]
        codes[waves[(before >= 0x3041) & (before <= _LONG_VOWEL)]] = _LONG_VOWEL
