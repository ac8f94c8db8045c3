"""What triage lets go of when a post is deleted: its words and its author. That there was one, and when, stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from listener.triage.incidents.incident import Incident
from listener.triage.incidents.marks import NOBODY, Mark, Marks
from listener.triage.surges.brand import Brand


def forget(brand: Brand, keys: Collection[str]) -> tuple[Brand, tuple[Incident, ...]]:
    """The brand without a word of these mentions, and its incidents that may be called otherwise now."""
    mine = brand.copy()
    gone = [mark for table in (mine.recent, mine.ordinary, mine.crowd) for mark in _marks(table, keys)]
    mine.recent, mine.ordinary, mine.crowd = (
        _without(table, keys) for table in (mine.recent, mine.ordinary, mine.crowd)
    )
    changed = []
    for incident in mine.incidents:
        words = [word for mark in gone if mark.incident == incident.number and mark.flagged for word in mark.words]
        if words:
            changed.append(replace(incident, words=_fewer(incident.words, words)))
    for incident in changed:
        mine.put(incident)
    return mine, tuple(changed)


def _marks(table: Marks, keys: Collection[str]) -> Iterable[Mark]:
    return (table.mark(row) for row in _rows(table, keys))


def _without(table: Marks, keys: Collection[str]) -> Marks:
    for row in _rows(table, keys):
        table = table.put(row, replace(table.mark(row), words=(), author=NOBODY))
    return table


def _rows(table: Marks, keys: Collection[str]) -> list[int]:
    return [int(row) for row in np.flatnonzero([key in keys for key in table.keys])]


def _fewer(counts: Iterable[tuple[str, int]], gone: Iterable[str]) -> tuple[tuple[str, int], ...]:
    less = Counter(gone)
    return tuple((word, count - less[word]) for word, count in counts if count > less[word])
