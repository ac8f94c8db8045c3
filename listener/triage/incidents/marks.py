"""Mentions as rows of numbers, so that one is compared with hundreds at once.

Tables are replaced, never changed in place: states that share them cost nothing to copy.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from listener.triage.incidents.words import MAX_FEATURES
from listener.types import CAUSES, LANGUAGES

CODES: Final = (*CAUSES, "none")
PLACES: Final = (*LANGUAGES, "und")
NOBODY: Final = 0
"""Author or copy group that is not known."""
FREE: Final = -1
"""Belongs to no incident."""

_TYPES: Final[Mapping[str, tuple[type[np.generic], tuple[int, ...]]]] = {
    "at": (np.float64, ()),
    "clock": (np.float64, ()),
    "complaint": (np.float32, ()),
    "share": (np.float32, ()),
    "belief": (np.float32, ()),
    "flagged": (np.bool_, ()),
    "learnt": (np.bool_, ()),
    "cause": (np.int8, ()),
    "place": (np.int8, ()),
    "source": (np.int64, ()),
    "author": (np.int64, ()),
    "copies": (np.int64, ()),
    "incident": (np.int64, ()),
    "causes": (np.float32, (len(CAUSES),)),
    "features": (np.uint32, (MAX_FEATURES,)),
}
_ROW: Final = np.dtype([(name, kind, shape) for name, (kind, shape) in _TYPES.items()], align=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """One mention as triage compares it.

    `at` in seconds since 1970, `clock` in operational time; `share` (0..1): how much it counts, since copies of a text
    and repeated posts of an author count less; `belief`: the probability that it belongs to its incident; `learnt`:
    whether it is in the sample of ordinary mentions. `cause` is an index into CODES, `place` into PLACES, `source` a
    number of its source; `causes` the probabilities of CAUSES. `author` and `copies` are NOBODY where unknown,
    `incident` FREE or an incident's number.
    """

    key: str
    words: tuple[str, ...]
    at: float
    clock: float
    complaint: float
    share: float
    belief: float
    flagged: bool
    learnt: bool
    cause: int
    place: int
    source: int
    author: int
    copies: int
    incident: int
    causes: tuple[float, ...]
    features: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """n marks, oldest first: keys, words, and all numbers as one array of records; `features` padded with 0."""

    keys: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    table: NDArray[np.void]

    @property
    def at(self) -> NDArray[np.float64]:
        return self.table["at"]

    @property
    def clock(self) -> NDArray[np.float64]:
        return self.table["clock"]

    @property
    def complaint(self) -> NDArray[np.float32]:
        return self.table["complaint"]

    @property
    def share(self) -> NDArray[np.float32]:
        return self.table["share"]

    @property
    def belief(self) -> NDArray[np.float32]:
        return self.table["belief"]

    @property
    def flagged(self) -> NDArray[np.bool_]:
        return self.table["flagged"]

    @property
    def learnt(self) -> NDArray[np.bool_]:
        return self.table["learnt"]

    @property
    def place(self) -> NDArray[np.int8]:
        return self.table["place"]

    @property
    def source(self) -> NDArray[np.int64]:
        return self.table["source"]

    @property
    def author(self) -> NDArray[np.int64]:
        return self.table["author"]

    @property
    def copies(self) -> NDArray[np.int64]:
        return self.table["copies"]

    @property
    def incident(self) -> NDArray[np.int64]:
        return self.table["incident"]

    @property
    def causes(self) -> NDArray[np.float32]:
        return self.table["causes"]

    @property
    def features(self) -> NDArray[np.uint32]:
        return self.table["features"]

    @classmethod
    def empty(cls) -> Self:
        """No marks."""
        return cls((), (), np.zeros(0, _ROW))

    def __len__(self) -> int:
        return len(self.keys)

    def insert(self, mark: Mark) -> Marks:
        """With one more, at its place in time; among equal times by key, so that order of arrival does not matter."""
        first, last = (int(np.searchsorted(self.at, mark.at, side=side)) for side in ("left", "right"))
        place = bisect_left(self.keys, mark.key, first, last)
        table = np.empty(len(self) + 1, _ROW)
        table[:place], table[place], table[place + 1 :] = self.table[:place], _row(mark), self.table[place:]
        return Marks(
            (*self.keys[:place], mark.key, *self.keys[place:]),
            (*self.words[:place], mark.words, *self.words[place:]),
            table,
        )

    def put(self, row: int, mark: Mark) -> Marks:
        """With this row replaced."""
        table = self.table.copy()
        table[row] = _row(mark)
        return Marks(
            (*self.keys[:row], mark.key, *self.keys[row + 1 :]),
            (*self.words[:row], mark.words, *self.words[row + 1 :]),
            table,
        )

    def take(self, rows: NDArray[Any]) -> Marks:
        """These rows; indexes or a mask."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        chosen = index.tolist()
        keys, words = self.keys, self.words
        return Marks(tuple(keys[row] for row in chosen), tuple(words[row] for row in chosen), self.table[index])

    def mark(self, row: int) -> Mark:
        """One row as a value."""
        features = tuple(int(value) for value in self.features[row] if value)
        return Mark(
            key=self.keys[row],
            words=self.words[row],
            at=float(self.at[row]),
            clock=float(self.clock[row]),
            complaint=float(self.complaint[row]),
            share=float(self.share[row]),
            belief=float(self.belief[row]),
            flagged=bool(self.flagged[row]),
            learnt=bool(self.learnt[row]),
            cause=int(self.table["cause"][row]),
            place=int(self.place[row]),
            source=int(self.source[row]),
            author=int(self.author[row]),
            copies=int(self.copies[row]),
            incident=int(self.incident[row]),
            causes=tuple(float(value) for value in self.causes[row]),
            features=features,
        )

    def assigned(self, row: int, incident: int, belief: float) -> Marks:
        """With one mention in another incident."""
        table = self.table.copy()
        table["incident"][row], table["belief"][row] = incident, belief
        return Marks(self.keys, self.words, table)

    def believed(self, beliefs: NDArray[np.float64]) -> Marks:
        """With these beliefs (n,)."""
        table = self.table.copy()
        table["belief"] = beliefs
        return Marks(self.keys, self.words, table)

    def all_learnt(self, rows: NDArray[np.bool_]) -> Marks:
        """With these noted as learnt."""
        table = self.table.copy()
        table["learnt"] |= rows
        return Marks(self.keys, self.words, table)

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        plain: dict[str, Any] = {name: self.table[name].tolist() for name in _TYPES}
        return {"keys": list(self.keys), "words": [list(words) for words in self.words], **plain}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The same again. Raises KeyError or ValueError if it is not what `to_plain` gave."""
        count = len(plain["keys"])
        table = np.zeros(count, _ROW)
        for name, (_, shape) in _TYPES.items():
            table[name] = np.reshape(plain[name], (count, *shape))
        return cls(tuple(plain["keys"]), tuple(tuple(words) for words in plain["words"]), table)


def number(name: str) -> int:
    """The name of a source as a positive number; the same everywhere."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) + 1


def _row(mark: Mark) -> tuple[Any, ...]:
    features = (*mark.features, *(0,) * (MAX_FEATURES - len(mark.features)))
    return tuple(features if name == "features" else getattr(mark, name) for name in _TYPES)
