"""Counts of a mention over time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from listener.store import dialect
from listener.store.tables import DONE, TO_TRIAGE, alerts, engagements, mentions
from listener.types import Engagement

COUNTS = ("replies", "shares", "likes", "views", "followers")


class Engagements:
    """Statements on the table `engagements`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self, mention_ids: Collection[int]) -> dict[int, Engagement]:
        """The last counts of each mention that has any."""
        last = (
            select(engagements.c.mention_id, func.max(engagements.c.at).label("at"))
            .where(dialect.one_of(engagements.c.mention_id, mention_ids))
            .group_by(engagements.c.mention_id)
            .subquery()
        )
        return {row.mention_id: _engagement(row) for row in self._rows(last)}

    def series(self, mention_id: int) -> tuple[Engagement, ...]:
        """All counts of one mention, oldest first."""
        own = select(engagements.c.mention_id, engagements.c.at).where(engagements.c.mention_id == mention_id)
        return tuple(_engagement(row) for row in self._rows(own.subquery()))

    def histories(self, mention_ids: Collection[int]) -> dict[int, tuple[Engagement, ...]]:
        """All counts of each mention that has any, oldest first."""
        own = select(engagements.c.mention_id, engagements.c.at).where(
            dialect.one_of(engagements.c.mention_id, mention_ids)
        )
        found: dict[int, tuple[Engagement, ...]] = {}
        for row in self._rows(own.subquery()):
            found[row.mention_id] = (*found.get(row.mention_id, ()), _engagement(row))
        return found

    def add(self, counts: Sequence[tuple[int, Engagement]]) -> int:
        """Keep counts of mentions (ids); the same mention at the same time is kept once. How many were new."""
        values = [
            {"mention_id": mention_id, "at": count.at, **{name: getattr(count, name) for name in COUNTS}}
            for mention_id, count in counts
        ]
        return self._connection.execute(dialect.insert_new(engagements), values).rowcount if values else 0

    def triage_again(self, mention_ids: Collection[int]) -> int:
        """Let triage look again at those that have an alert nobody closed: their reach has changed. How many."""
        active = select(alerts.c.mention_id).where(
            dialect.one_of(alerts.c.mention_id, mention_ids), alerts.c.closed_at.is_(None)
        )
        statement = update(mentions).where(mentions.c.id.in_(active), mentions.c.stage == DONE)
        return self._connection.execute(
            statement.where(mentions.c.deleted_at.is_(None)).values(stage=TO_TRIAGE)
        ).rowcount

    def _rows(self, wanted: Any) -> list[Row[Any]]:
        joined = (engagements.c.mention_id == wanted.c.mention_id) & (engagements.c.at == wanted.c.at)
        statement = (
            select(engagements, mentions.c.source, mentions.c.native_id)
            .join(wanted, joined)
            .join(mentions, mentions.c.id == engagements.c.mention_id)
            .order_by(engagements.c.at)
        )
        return list(self._connection.execute(statement))


def _engagement(row: Row[Any]) -> Engagement:
    counts = {name: getattr(row, name) for name in COUNTS}
    return Engagement(source=row.source, native_id=row.native_id, at=row.at, **counts)
