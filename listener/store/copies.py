"""Which mentions hold a near-copy key (text/copies.py); a hint only, the texts decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, select, true

from listener.store import dialect
from listener.store.state import State
from listener.store.tables import copies, mentions

KEYS_KEPT: Final = timedelta(days=31)
"""A little longer than repeats are looked for (pipeline/folding.py)."""

_PRUNED = "copies.pruned"


class Copies:
    """Statements on the table `copies`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def holders(self, keys: Collection[int]) -> dict[int, tuple[int, int]]:
        """For each key that is known: the first and the last mention that has it."""
        if not keys:
            return {}
        key = dialect.each(keys)
        first = select(func.min(copies.c.mention_id)).where(copies.c.key == key.c.value).scalar_subquery()
        last = select(func.max(copies.c.mention_id)).where(copies.c.key == key.c.value).scalar_subquery()
        rows = self._connection.execute(select(key.c.value, first, last))
        return {int(value): (one, other) for value, one, other in rows if one is not None}

    def add(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Write (key, mention id) pairs; those already there stay."""
        values = [{"key": key, "mention_id": mention_id} for key, mention_id in pairs]
        if values:
            self._connection.execute(dialect.insert_new(copies), values)

    def remove(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Delete (key, mention id) pairs."""
        for key, mention_id in pairs:
            self._connection.execute(delete(copies).where(copies.c.key == key, copies.c.mention_id == mention_id))

    def was_pruned_since(self, moment: datetime) -> bool:
        """Whether `prune` ran after this time."""
        last = State(self._connection).get(_PRUNED)
        return last is not None and datetime.fromisoformat(last) >= moment

    def prune(self, before: datetime, now: datetime) -> int:
        """Drop the keys of mentions collected before a time; how many."""
        State(self._connection).put(_PRUNED, now.isoformat(), now)
        young = select(mentions.c.id).where(mentions.c.collected_at >= before).order_by(mentions.c.id).limit(1)
        first = self._connection.execute(young).scalar_one_or_none()
        wanted = copies.c.mention_id < first if first is not None else true()
        return self._connection.execute(delete(copies).where(wanted)).rowcount
