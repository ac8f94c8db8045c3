"""Writing variants folded away for a whole batch of posts at once, every code point still traced to where it stood.

A batch becomes one UTF-32 array. Each step maps code points one to one or drops some, so `origin` (the place in the
text as given) comes for free and evidence can point at what people wrote:

* NFKC of single code points: half-width kana, full-width letters, compatibility ideographs, mathematical letters;
  voiced marks are composed with their kana, other combining marks dropped with the accent they carry (é = e);
* lower case; Cyrillic and Greek look-alikes of Latin letters; quotes, dashes and wave dashes in one form each;
* zero-width characters, variation selectors and skin tones dropped; control characters are spaces;
* URLs, mail addresses and @users become one mark each; numbers of two and more digits become ``00``;
* a character repeated more than three times in a row is cut to three (soooo, ーーーー, 哈哈哈哈哈); spaces to one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.uint32]
Index: TypeAlias = NDArray[np.int64]

EDGE: Final = 0x02
"""Stands before and after every text; no normalised text contains it."""
USER: Final = 0xE000
URL: Final = 0xE001
"""Marks in the private use area, whose own code points are folded to U+FFFD first."""
MAX_CODE_POINTS: Final = 20_000
"""Only so much of a text is read: enough for any post, and one hostile text costs no more than a few long ones."""

_MOST_TEXTS: Final = 1024
_MOST_CODE_POINTS: Final = 400_000
_RUN: Final = 3
_DROP: Final = 0
_SPACE: Final = 0x20
_VOICED, _SEMI_VOICED = 0x3099, 0x309A
_ADDRESS = re.compile(r"[^\s\x00<>「」『』、。，（）]+")
_HANDLE = re.compile(r"[@＠][A-Za-z0-9_]{1,40}(?:@[A-Za-z0-9.-]{3,80})?")
_DOMAIN = re.compile(r"@[A-Za-z0-9-]{1,63}\.[A-Za-z0-9.-]{1,63}")
_LOCAL: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")
_LONGEST_LOCAL: Final = 64
_LOOKALIKES: Final = dict(
    zip("аеорсухіјѕԁһꞵοαν‚‘’‛“”„‟′‐‑‒–—―−─━〜～‥", "aeopcyxijsdhβoav,'''\"\"\"\"'---------~~…", strict=True)
)


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


def batch(texts: Sequence[str]) -> Batch:
    """Normalise many texts at once; never fails, whatever the texts hold."""
    cut = [text if len(text) <= MAX_CODE_POINTS else text[:MAX_CODE_POINTS] for text in texts]
    joined = "\0" + "\0\0".join(cut) + "\0" if cut else ""
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut)) + 2
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    codes = _table()[np.minimum(raw, 0x10FFFF)]
    codes[bounds[:-1]] = EDGE
    codes[bounds[1:] - 1] = EDGE
    _mask(joined, codes)
    origin = np.arange(len(raw), dtype=np.int64) - np.repeat(bounds[:-1], lengths) - 1
    codes, origin = _kept(codes, origin, codes != _DROP)
    codes, origin = _compose(codes, origin)
    codes, origin = _numbers(codes, origin)
    codes, origin = _runs(codes, origin)
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


def normalise(text: str) -> str:
    """One text normalised; see the module for what is folded."""
    return batch([text]).strings()[0]


def _kept(codes: Codes, origin: Index, keep: NDArray[np.bool_]) -> tuple[Codes, Index]:
    return (codes, origin) if keep.all() else (codes[keep], origin[keep])


def _mask(joined: str, codes: Codes) -> None:
    """One mark for each URL, address and user; the code points behind the mark are dropped.

    Only the places of ``://``, ``www.`` and ``@`` are looked at: a pattern tried everywhere is ten times slower.
    """
    for at in _places(joined, "://"):
        scheme = 5 if joined[at - 5 : at].lower() == "https" else 4 if joined[at - 4 : at].lower() == "http" else 0
        if scheme and codes[at] != _DROP and (found := _ADDRESS.match(joined, at + 3)):
            _mark(codes, at - scheme, found.end(), URL)
    for at in _places(joined, "www."):
        if codes[at] != _DROP and (found := _ADDRESS.match(joined, at + 4)):
            _mark(codes, at, found.end(), URL)
    for sign in "@＠":
        for at in _places(joined, sign):
            if codes[at] not in (_DROP, USER):
                _mask_user(joined, codes, at)


def _mask_user(joined: str, codes: Codes, at: int) -> None:
    """The mail address around an @, or the handle behind it."""
    start = at
    while start > 0 and at - start < _LONGEST_LOCAL and joined[start - 1] in _LOCAL:
        start -= 1
    if start < at and (found := _DOMAIN.match(joined, at)):
        _mark(codes, start, found.end(), USER)
    elif found := _HANDLE.match(joined, at):
        _mark(codes, at, found.end(), USER)


def _mark(codes: Codes, start: int, end: int, mark: int) -> None:
    codes[start] = mark
    codes[start + 1 : end] = _DROP


def _places(joined: str, sign: str) -> Iterator[int]:
    at = joined.find(sign)
    while at >= 0:
        yield at
        at = joined.find(sign, at + len(sign))


def _compose(codes: Codes, origin: Index) -> tuple[Codes, Index]:
    """Kana followed by a voiced mark (half-width, or decomposed as some systems write) become one kana."""
    marks = np.flatnonzero((codes == _VOICED) | (codes == _SEMI_VOICED))
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
    """At most three of the same character in a row, at most one space."""
    same = np.zeros(len(codes), dtype=bool)
    same[1:] = codes[1:] == codes[:-1]
    drop = same & (codes == _SPACE)
    long = same.copy()
    for back in range(1, _RUN):
        long[back:] &= same[:-back]
        long[:back] = False
    drop |= long & (codes != EDGE)
    return _kept(codes, origin, ~drop)


@cache
def _table() -> Codes:
    """Code point -> normalised code point, for all of Unicode; _DROP for what is invisible."""
    table = np.arange(0x110000, dtype=np.uint32)
    for code in _foldable():
        table[code] = _fold(chr(code))
    for source, target in _LOOKALIKES.items():
        table[ord(source)] = ord(target)
    table[0xD800:0xE000] = 0xFFFD
    table[0xE000:0xF900] = 0xFFFD
    table[0x1F3FB:0x1F400] = _DROP
    table[0xE0000:0xE0200] = _DROP
    return table


def _foldable() -> Iterable[int]:
    """Every block whose code points can change; ideographs and Hangul syllables are left out for speed."""
    for first, last in ((0, 0x3400), (0xA000, 0xAC00), (0xF900, 0x10000), (0x1D400, 0x1D800), (0x1F100, 0x1F200)):
        yield from range(first, last)


def _fold(char: str) -> int:
    category = unicodedata.category(char)
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return _SPACE
    if category in ("Cf", "Mn", "Me") and ord(char) not in (_VOICED, _SEMI_VOICED):
        return _DROP
    folded = unicodedata.normalize("NFKC", char).lower()
    if len(folded) != 1:
        folded = char
    base = unicodedata.normalize("NFD", folded)[0]
    # Kana keep their voiced marks (が is not か); Latin, Greek and Cyrillic letters lose their accents.
    return ord(folded if 0x3000 <= ord(folded) < 0x3400 else base)
