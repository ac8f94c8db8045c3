"""Near-copies: what is left of a text when dressing is taken off, and keys by which similar texts find each other.

Two texts are near-copies if their normalised forms are equal, or if both have at least `MIN_SIMILAR` characters and
their sets of character 4-grams overlap by a Jaccard index of at least `THRESHOLD`. Candidates are found by MinHash
(Broder 1997) with banding: of `BANDS` bands of `ROWS` minima each, two texts of similarity s share one with probability
1 - (1 - s^ROWS)^BANDS: 98.6% at 0.8, 4% at 0.27. A candidate is then compared exactly.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

GRAM: Final = 4
BANDS: Final = 8
ROWS: Final = 4
THRESHOLD: Final = 0.8
MIN_SIMILAR: Final = 20
"""Normalised characters below which only equal texts are copies."""
MIN_GROUP: Final = 40
"""Normalised characters from which texts by different authors are put into one copy group."""
MAX_CHARACTERS: Final = 4000
"""Only the beginning of a longer text is compared."""

_DRESSING = re.compile(r"https?://[^\s\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+|www\.[^\s\u3000-\u9fff]+|@[\w.\-]+")
_ANONYMOUS: Final = frozenset(
    {
        *("", "anonymous", "anon", "guest", "unknown", "deleted", "[deleted]", "[removed]", "user", "customer"),
        *("a google user", "google user", "amazon customer", "google ユーザー", "googleユーザー", "google 用户"),
        *(
            "匿名",
            "匿名希望",
            "匿名用户",
            "匿名用戶",
            "匿名ユーザー",
            "名無し",
            "名無しさん",
            "ゲスト",
            "游客",
            "訪客",
            "网友",
        ),
    }
)

Signature = tuple[int, ...]
"""Signed 64-bit keys; texts that share one are candidates. Empty for a short text."""


def handle(author: str) -> str:
    """A handle without what varies in writing it: width, case, a leading @."""
    return unicodedata.normalize("NFKC", author).casefold().strip().lstrip("@")


def author_key(author: str | None) -> int | None:
    """A signed 64-bit number by which an author is known again; None for names that many people share."""
    if author is None or handle(author) in _ANONYMOUS:
        return None
    return exact_key(handle(author))


def normalise(text: str) -> str:
    """NFKC and casefold, without addresses, @mentions, spaces, punctuation and invisible characters."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold()
    return _DRESSING.sub("", folded).translate(_BARE)


class _Bare(dict[int, int | None]):
    """A table for `str.translate` that drops spaces, punctuation and invisible characters, filled as they come."""

    def __missing__(self, point: int) -> int | None:
        kept = point if unicodedata.category(chr(point))[0] not in "PZC" else None
        self[point] = kept
        return kept


_BARE: Final = _Bare()


def grams(text: str) -> frozenset[str]:
    """The set of a normalised text's character 4-grams; a shorter text is one by itself."""
    if len(text) < GRAM:
        return frozenset({text} if text else ())
    return frozenset(text[i : i + GRAM] for i in range(len(text) - GRAM + 1))


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard index of two sets of grams, 0..1."""
    shared = len(one & other)
    union = len(one) + len(other) - shared
    return shared / union if union else 0.0


def are_copies(one: str, other: str, grams: Callable[[str], frozenset[str]] = grams) -> bool:
    """Whether two normalised texts are equal or near-copies; an empty one is a copy of nothing.

    Who compares the same texts again and again passes a `grams` that remembers.
    """
    if not one or not other:
        return False
    if one == other:
        return True
    if min(len(one), len(other)) < MIN_SIMILAR:
        return False
    first, second = grams(one), grams(other)
    fewer, more = sorted((len(first), len(second)))
    return fewer >= THRESHOLD * more and similarity(first, second) >= THRESHOLD


def exact_key(normalised: str) -> int:
    """A signed 64-bit number equal for equal normalised texts."""
    return int.from_bytes(
        hashlib.blake2b(normalised.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True
    )


def signatures(normalised: Sequence[str]) -> list[Signature]:
    """The keys of each normalised text: its exact key and one per band; none below MIN_GROUP characters."""
    result: list[Signature] = [(exact_key(text),) if len(text) >= MIN_GROUP else () for text in normalised]
    long = [index for index, text in enumerate(normalised) if len(text) >= MIN_GROUP]
    if long:
        for index, keys in zip(long, _band_keys([normalised[i] for i in long]), strict=True):
            result[index] += tuple(keys)
    return result


def _constant(number: int) -> int:
    """Arbitrary odd numbers, the same everywhere: the keys are stored."""
    return int.from_bytes(hashlib.blake2b(b"listener copies %d" % number, digest_size=8).digest()) | 1


_PERMUTATIONS: Final = np.array([_constant(n) for n in range(BANDS * ROWS)], dtype=np.uint64)
_POSITIONS: Final = np.array([_constant(1000 + n) for n in range(GRAM)], dtype=np.uint64)


def _band_keys(texts: Sequence[str]) -> list[list[int]]:
    """MinHash over all texts at once: hash the joined 4-grams, permute, take minima per text, hash each band."""
    lengths = np.array([len(text) - GRAM + 1 for text in texts])
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    starts = np.concatenate(([0], np.cumsum(lengths + GRAM - 1)))[:-1]
    inside = np.concatenate([np.arange(s, s + n) for s, n in zip(starts, lengths, strict=True)])
    hashes = np.zeros(len(inside), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for offset in range(GRAM):
            hashes = _mix(hashes + points[inside + offset] * _POSITIONS[offset])
        firsts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
        keys = np.zeros((BANDS, len(texts)), dtype=np.uint64)
        for number in range(BANDS * ROWS):
            minima = np.minimum.reduceat(_mix(hashes ^ _PERMUTATIONS[number]), firsts)
            band = number // ROWS
            keys[band] = _mix(keys[band] * np.uint64(31) + minima + np.uint64(band))
    return [[int(key) for key in column] for column in keys.view(np.int64).T]


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele et al. 2014): every input bit reaches every output bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
