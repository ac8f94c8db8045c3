"""Mentions as columns of numbers, so that one is compared with hundreds at once.

Columns are replaced, never changed in place: states that share them cost nothing to copy.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
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
    """Columns of n marks, oldest first; `features` padded with 0."""

    keys: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    at: NDArray[np.float64]
    clock: NDArray[np.float64]
    complaint: NDArray[np.float32]
    share: NDArray[np.float32]
    belief: NDArray[np.float32]
    flagged: NDArray[np.bool_]
    learnt: NDArray[np.bool_]
    cause: NDArray[np.int8]
    place: NDArray[np.int8]
    source: NDArray[np.int64]
    author: NDArray[np.int64]
    copies: NDArray[np.int64]
    incident: NDArray[np.int64]
    causes: NDArray[np.float32]
    features: NDArray[np.uint32]

    @classmethod
    def empty(cls) -> Self:
        """No marks."""
        return cls((), (), **{name: np.zeros((0, *shape), kind) for name, (kind, shape) in _TYPES.items()})

    def __len__(self) -> int:
        return len(self.keys)

    def insert(self, mark: Mark) -> Marks:
        """With one more, at its place in time; among equal times by key, so that order of arrival does not matter."""
        place = int(np.searchsorted(self.at, mark.at, side="left"))
        while place < len(self) and self.at[place] == mark.at and self.keys[place] < mark.key:
            place += 1
        columns = {
            name: np.insert(getattr(self, name), place, _cell(name, mark), axis=0)
            if place < len(self)
            else _append(getattr(self, name), _cell(name, mark))
            for name in _TYPES
        }
        return Marks(
            (*self.keys[:place], mark.key, *self.keys[place:]),
            (*self.words[:place], mark.words, *self.words[place:]),
            **columns,
        )

    def put(self, row: int, mark: Mark) -> Marks:
        """With this row replaced."""
        columns = {}
        for name in _TYPES:
            column = getattr(self, name).copy()
            column[row] = _cell(name, mark)
            columns[name] = column
        return Marks(
            (*self.keys[:row], mark.key, *self.keys[row + 1 :]),
            (*self.words[:row], mark.words, *self.words[row + 1 :]),
            **columns,
        )

    def take(self, rows: NDArray[Any]) -> Marks:
        """These rows; indexes or a mask."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Marks(
            tuple(self.keys[row] for row in index),
            tuple(self.words[row] for row in index),
            **{name: getattr(self, name)[index] for name in _TYPES},
        )

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
            cause=int(self.cause[row]),
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
        columns = {name: getattr(self, name) for name in _TYPES}
        columns["incident"], columns["belief"] = self.incident.copy(), self.belief.copy()
        columns["incident"][row], columns["belief"][row] = incident, belief
        return Marks(self.keys, self.words, **columns)

    def all_learnt(self, rows: NDArray[np.bool_]) -> Marks:
        """With these noted as learnt."""
        columns = {name: getattr(self, name) for name in _TYPES}
        columns["learnt"] = self.learnt | rows
        return Marks(self.keys, self.words, **columns)

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        plain: dict[str, Any] = {name: getattr(self, name).tolist() for name in _TYPES}
        return {"keys": list(self.keys), "words": [list(words) for words in self.words], **plain}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The same again. Raises KeyError or ValueError if it is not what `to_plain` gave."""
        columns = {
            name: np.array(plain[name], dtype=kind).reshape(len(plain["keys"]), *shape)
            for name, (kind, shape) in _TYPES.items()
        }
        return cls(tuple(plain["keys"]), tuple(tuple(words) for words in plain["words"]), **columns)


def number(name: str) -> int:
    """The name of a source as a positive number; the same everywhere."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) + 1


def _cell(name: str, mark: Mark) -> Any:
    value = getattr(mark, name)
    if name == "features":
        return [*value, *[0] * (MAX_FEATURES - len(value))]
    return value


def _append(column: NDArray[Any], cell: Any) -> NDArray[Any]:
    return np.concatenate([column, np.array([cell], dtype=column.dtype)])


def columns_of(marks: Sequence[Mark]) -> Marks:
    """Marks in the order given."""
    if not marks:
        return Marks.empty()
    return Marks(
        tuple(mark.key for mark in marks),
        tuple(mark.words for mark in marks),
        **{name: np.array([_cell(name, mark) for mark in marks], dtype=kind) for name, (kind, _) in _TYPES.items()},
    )


assert {one.name for one in fields(Marks)} == {"keys", "words", *_TYPES}  # a column without a type would be lost
