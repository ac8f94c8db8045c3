"""Hashed character n-grams and words of a whole batch, without a Python loop over posts.

A batch is one array of code points (`listener.text.normalise`). A polynomial hash rolls over it: the hashes of all
n-grams follow from those of all (n-1)-grams by one multiplication and one addition (Karp & Rabin 1987); the top bits,
after a multiplicative mix (Knuth, TAOCP 3, 6.4), are the slot in a table of weights. Words are hashed first and then
roll the same way. A row's score is the sum of its weights (`reduceat`) over the square root of its number of n-grams.
The same windows make the sparse matrix on which scikit-learn trains: one code path, equal scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from listener.text import normalise
from listener.text.normalise import EDGE, Codes, Index

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]
Spaced: TypeAlias = Callable[[str], str]
"""A tokeniser: a normalised text with one space between its words."""

_BASE: Final = np.uint32(50_331_653)
_MIX: Final = np.uint32(0x9E3779B1)
_LETTER: Final = np.uint32(0x01000193)
_LONGEST_WORD: Final = 64


@dataclass(frozen=True, slots=True)
class Spec:
    """Which features are made; part of a model's card. Tables have 2**bits slots."""

    char_sizes: tuple[int, int] = (1, 5)
    char_bits: int = 19
    word_sizes: tuple[int, int] = (1, 2)
    word_bits: int = 18
    simplify: bool = True
    """Traditional and simplified Chinese are one; models from before that was known say no."""

    @property
    def slots(self) -> int:
        """Slots of both tables together; those of words follow those of characters."""
        return (1 << self.char_bits) + (1 << self.word_bits)


@dataclass(frozen=True, slots=True)
class Units:
    """A batch as units to be windowed: code points, or hashed words. Row r is ``ids[starts[r]:starts[r + 1]]``."""

    ids: Codes
    starts: Index
    sizes: tuple[int, int]
    bits: int
    offset: int

    def counts(self) -> Index:
        """Number of windows of each row."""
        lengths = np.diff(self.starts)
        low, high = self.sizes
        return sum((np.maximum(lengths - size + 1, 0) for size in range(low, high + 1)), np.zeros_like(lengths))

    def windows(self) -> Iterator[tuple[int, NDArray[np.uint32], Index]]:
        """For each size: (size, slot of the window starting at each unit, the starts that would cross two rows)."""
        low, high = self.sizes
        shift = np.uint32(32 - self.bits)
        rolling = self.ids
        for size in range(1, min(high, len(self.ids)) + 1):
            if size > 1:
                rolling = rolling[:-1] * _BASE + self.ids[size - 1 :]
            if size >= low:
                slots = (rolling * _MIX) >> shift
                if self.offset:
                    slots += np.uint32(self.offset)
                yield size, slots, self._crossing(size, len(rolling))

    def _crossing(self, size: int, limit: int) -> Index:
        ends = self.starts[1:, None] - np.arange(1, size, dtype=np.int64)
        crossing = ends.ravel()
        return crossing[(crossing >= 0) & (crossing < limit)]


def characters(batch: normalise.Batch, spec: Spec) -> Units:
    """The code points of a batch as units."""
    return Units(batch.codes, batch.starts, spec.char_sizes, spec.char_bits, 0)


def words(texts: Sequence[str], spaced: Spaced, spec: Spec) -> Units:
    """The words of normalised texts as units, each row framed by an EDGE word."""
    edge = chr(EDGE)
    joined = "".join([f"{edge} {spaced(text)} {edge} " for text in texts])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    ends = np.flatnonzero(codes == 0x20)
    begins = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    real = ends > begins
    begins, ends = begins[real], ends[real]
    ids = _word_ids(codes, begins, ends)
    is_edge = (ends - begins == 1) & (codes[begins] == EDGE)
    starts = np.append(np.flatnonzero(is_edge)[::2], len(ids)).astype(np.int64)
    return Units(ids, starts, spec.word_sizes, spec.word_bits, 1 << spec.char_bits)


def _word_ids(codes: Codes, begins: Index, ends: Index) -> Codes:
    if not len(begins):
        return np.zeros(0, np.uint32)
    lengths = ends - begins
    place = np.arange(len(codes), dtype=np.int64)[: ends[-1]]
    # Every unit before a word's end belongs to the last word that began at or before it; spaces count as nothing.
    owner = np.repeat(begins, np.diff(np.append(begins, ends[-1])))
    letters = codes[: ends[-1]] * _powers()[np.minimum(place - owner, _LONGEST_WORD - 1)]
    letters[codes[: ends[-1]] == 0x20] = 0
    hashed = np.add.reduceat(letters, begins).astype(np.uint32)
    return hashed * _MIX + lengths.astype(np.uint32)


@cache
def _powers() -> Codes:
    powers = np.ones(_LONGEST_WORD, dtype=np.uint32)
    powers[1:] = _LETTER
    return np.cumprod(powers, dtype=np.uint32)


def units(texts: Sequence[str], spaced: Spaced | None, spec: Spec, *, simplify: bool = False) -> list[Units]:
    """All units of texts as given: characters, then words where there is a tokeniser."""
    batch = normalise.batch(texts, simplify=simplify)
    made = [characters(batch, spec)]
    if spaced is not None and spec.word_sizes[1]:
        made.append(words(batch.strings(), spaced, spec))
    return made


def scores(made: Sequence[Units], weights: NDArray[Any], *, coarse: int = 0) -> Doubles:
    """Sum over units of (sum of weights of a row's windows) / sqrt(number of windows).

    `weights` is (slots >> coarse,) or (slots >> coarse, heads); the result (rows,) or (rows, heads).
    """
    total = np.zeros((len(made[0].starts) - 1, *weights.shape[1:]), dtype=np.float64)
    if not len(total):
        return total
    for one in made:
        gathered = np.zeros((len(one.ids), *weights.shape[1:]), dtype=np.float32)
        for _, slots, crossing in one.windows():
            part = weights.take(slots >> np.uint32(coarse) if coarse else slots, axis=0)
            part[crossing] = 0
            gathered[: len(part)] += part
        sums = np.add.reduceat(gathered, one.starts[:-1], axis=0, dtype=np.float64)
        total += (sums.T / np.sqrt(one.counts())).T
    return total


def matrix(made: Sequence[Units], spec: Spec) -> Any:
    """The same features as a scipy CSR matrix (rows, spec.slots), for training; float32, duplicates summed."""
    import scipy.sparse

    rows: list[Index] = []
    columns: list[Any] = []
    values: list[Floats] = []
    for one in made:
        row_of = np.repeat(np.arange(len(one.starts) - 1), np.diff(one.starts))
        scale = (1 / np.sqrt(one.counts())).astype(np.float32)
        for _, slots, crossing in one.windows():
            inside = np.ones(len(slots), dtype=bool)
            inside[crossing] = False
            rows.append(row_of[: len(slots)][inside])
            columns.append(slots[inside])
            values.append(scale[rows[-1]])
    shape = (len(made[0].starts) - 1, spec.slots)
    where = (np.concatenate(rows), np.concatenate(columns).astype(np.int32))
    return scipy.sparse.coo_matrix((np.concatenate(values), where), shape=shape).tocsr()


def contributions(
    text: str, spaced: Spaced, spec: Spec, weights: Floats, mix: Doubles, *, simplify: bool = False
) -> Doubles:
    """What each code point of one text as given adds to its score under ``weights @ mix``, (len(text),).

    The weight of a window is shared out evenly among the code points that it covers; marks for URLs and users give
    their share to their first code point.
    """
    batch = normalise.batch([text], simplify=simplify)
    made = [characters(batch, spec), words(batch.strings(), spaced, spec)]
    place = np.arange(len(batch.codes))
    spans = [(place, place + 1), word_spans(batch.strings()[0], spaced)]
    shares = np.zeros(len(batch.codes) + 1)
    for one, (begins, ends) in zip(made, spans, strict=True):
        scale = 1 / np.sqrt(one.counts()[0])
        for size, slots, crossing in one.windows():
            part = (weights.take(slots, axis=0) @ mix) * scale
            part[crossing] = 0
            first, last = begins[: len(part)], ends[size - 1 :]
            share = part / (last - first)
            np.add.at(shares, first, share)
            np.subtract.at(shares, last, share)
    by_code = np.cumsum(shares)[:-1]
    given = np.zeros(len(text))
    inside = (batch.codes != EDGE).nonzero()[0]
    np.add.at(given, batch.origin[inside], by_code[inside])
    return given


def word_spans(text: str, spaced: Spaced) -> tuple[Index, Index]:
    """Where each unit of `words` begins and ends in the framed text."""
    begins, ends, at = [0], [1], 0
    for word in spaced(text).split(" "):
        if word:
            at = text.index(word, at)
            begins.append(at + 1)
            at += len(word)
            ends.append(at + 1)
    begins.append(len(text) + 1)
    ends.append(len(text) + 2)
    return np.asarray(begins, dtype=np.int64), np.asarray(ends, dtype=np.int64)
