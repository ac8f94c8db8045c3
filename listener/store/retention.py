"""Which posts are old enough to be let go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from listener.store import dialect
from listener.store.mentions import Mentions
from listener.store.rows import MentionRow
from listener.store.tables import alerts, mentions


class Place(NamedTuple):
    """Where in the order of age a batch ended."""

    posted_at: datetime
    mention_id: int


class Retention:
    """Statements on `mentions` by age."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def older(
        self, source: str, before: datetime, limit: int, after: Place | None = None
    ) -> tuple[list[MentionRow], Place | None]:
        """Posts of a source written before a time that still have their text, oldest first, and where they end."""
        columns = (mentions.c.posted_at, mentions.c.id)
        old = [mentions.c.source == source, mentions.c.text_id.is_not(None), mentions.c.posted_at < before]
        if after is not None:
            old.append(tuple_(*columns) > after)
        found = self._connection.execute(select(*columns).where(*old).order_by(*columns).limit(limit)).all()
        if not found:
            return [], None
        rows = Mentions(self._connection).by_ids([row.id for row in found])
        return list(rows.values()), Place(*found[-1])

    def in_work(self, mention_ids: Collection[int]) -> set[int]:
        """Those of these mentions that have a case nobody closed."""
        statement = select(alerts.c.mention_id).where(
            dialect.one_of(alerts.c.mention_id, mention_ids), alerts.c.closed_at.is_(None)
        )
        return set(self._connection.scalars(statement))

    def sources(self) -> Sequence[str]:
        """All sources that have posts."""
        return list(self._connection.scalars(select(mentions.c.source).distinct()))
