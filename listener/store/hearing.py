"""What each source brought, hour by hour, and what was dropped of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from listener.store.columns import to_micros
from listener.store.dialect import add_up
from listener.store.ear_tables import drops, hearing
from listener.store.tables import alerts, mentions, verdicts

MAX_REASON = 200
BACKFILLED_S = 86_400.0


class Lag(NamedTuple):
    """Seconds from posted to collected, to scored, to shown (an alert opened); None where it did not come so far."""

    collected: float
    scored: float | None
    shown: float | None


class Hearing:
    """Statements on the tables `hearing` and `drops`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, source: str, now: datetime, *, new: int, rejected: int) -> None:
        """Add to the hour of `now`."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        values = {"source": source, "hour": hour, "new": new, "rejected": rejected}
        self._connection.execute(add_up(hearing, ("new", "rejected")), values)

    def drop(self, source: str, now: datetime, reasons: Mapping[str, int]) -> None:
        """Add to the day of `now` what was dropped, by reason."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for reason, count in reasons.items():
            values = {"source": source, "day": day, "reason": reason[:MAX_REASON], "count": count}
            self._connection.execute(add_up(drops, ("count",)), values)

    def hours(self, source: str, since: datetime) -> dict[datetime, int]:
        """New posts by hour; hours in which nothing came are not there."""
        statement = select(hearing.c.hour, hearing.c.new).where(hearing.c.source == source, hearing.c.hour >= since)
        return {row.hour: row.new for row in self._connection.execute(statement)}

    def dropped(self, source: str, since: datetime) -> dict[str, int]:
        """How many were dropped, by reason, the most frequent first."""
        total = func.sum(drops.c.count).label("total")
        statement = (
            select(drops.c.reason, total)
            .where(drops.c.source == source, drops.c.day >= since)
            .group_by(drops.c.reason)
            .order_by(total.desc(), drops.c.reason)
            .limit(20)
        )
        return {row.reason: row.total for row in self._connection.execute(statement)}

    def lags(self, source: str, limit: int = 200) -> list[Lag]:
        """Of the latest posts of a source; what was older than a day when it came was reached back for."""
        statement = (
            select(mentions.c.posted_at, mentions.c.collected_at, verdicts.c.scored_at, alerts.c.opened_at)
            .select_from(
                mentions.outerjoin(verdicts, verdicts.c.mention_id == mentions.c.id).outerjoin(
                    alerts, alerts.c.mention_id == mentions.c.id
                )
            )
            # The latest rows of all sources: one that was silent long ago has no lag to tell.
            .where(mentions.c.id > self._newest() - 100_000, mentions.c.source == source)
            .order_by(mentions.c.id.desc())
            .limit(limit)
        )
        found = [_lag(*row) for row in self._connection.execute(statement)]
        return [lag for lag in found if lag.collected <= BACKFILLED_S]

    def forget(self, before: datetime) -> int:
        """Drop what is older; how many rows."""
        gone = self._connection.execute(delete(hearing).where(hearing.c.hour < before)).rowcount
        return gone + self._connection.execute(delete(drops).where(drops.c.day < before)).rowcount

    def _newest(self) -> int:
        return self._connection.execute(select(func.max(mentions.c.id))).scalar() or 0


def _lag(posted: datetime, collected: datetime, scored: datetime | None, shown: datetime | None) -> Lag:
    def since(moment: datetime | None) -> float | None:
        return None if moment is None else max(0.0, (to_micros(moment) - to_micros(posted)) / 1e6)

    return Lag(since(collected) or 0.0, since(scored), since(shown))
