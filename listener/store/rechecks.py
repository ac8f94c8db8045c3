"""Which posts are to be looked at again on their platform, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from listener.store import dialect
from listener.store.ear_tables import rechecks
from listener.store.tables import mentions


class Due(NamedTuple):
    """A post that is to be looked at."""

    mention_id: int
    native_id: str
    posted_at: datetime


class Rechecks:
    """Statements on the table `rechecks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enrol(self, source: str, due_at: datetime, *, after: int) -> int:
        """Give every post of a source that was stored after the mention `after` its first time. How many."""
        # Written so that only the new rows are gone through, not all of the source's.
        own = mentions.c.source.op("||")("") == source
        new = select(mentions.c.id, mentions.c.source, literal(due_at, rechecks.c.due_at.type)).where(
            mentions.c.id > after, own, mentions.c.deleted_at.is_(None)
        )
        return self._connection.execute(insert(rechecks).from_select(["mention_id", "source", "due_at"], new)).rowcount

    def due(self, source: str, now: datetime, limit: int) -> list[Due]:
        """Those whose time has come, the longest waiting first; posts that are deleted are not."""
        statement = (
            select(mentions.c.id, mentions.c.native_id, mentions.c.posted_at)
            .join(rechecks, rechecks.c.mention_id == mentions.c.id)
            .where(rechecks.c.source == source, rechecks.c.due_at <= now, mentions.c.deleted_at.is_(None))
            .order_by(rechecks.c.due_at)
            .limit(limit)
        )
        return [Due(*row) for row in self._connection.execute(statement)]

    def put_off(self, until: Mapping[int, datetime]) -> int:
        """Set the next time of these; how many were there."""
        moved = 0
        for mention_id, due_at in until.items():
            statement = update(rechecks).where(rechecks.c.mention_id == mention_id).values(due_at=due_at)
            moved += self._connection.execute(statement).rowcount
        return moved

    def drop(self, mention_ids: Collection[int]) -> int:
        """These are gone: nothing is left to look at. How many were there."""
        statement = delete(rechecks).where(dialect.one_of(rechecks.c.mention_id, mention_ids))
        return self._connection.execute(statement).rowcount

    def overdue(self, source: str, before: datetime) -> int:
        """How many should have been looked at by then."""
        statement = select(func.count()).where(rechecks.c.source == source, rechecks.c.due_at < before)
        return self._connection.execute(statement).scalar_one()
