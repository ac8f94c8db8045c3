"""Who looks at which case just now, or writes on it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select

from listener.store import dialect
from listener.store.desk_tables import presence


class Presence:
    """Statements on the table `presence`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, alert_id: int, person: str, doing: str, now: datetime) -> None:
        """They are there now, doing `looking` or `writing`."""
        self._connection.execute(
            dialect.upsert(presence, replace=("doing", "at")),
            {"alert_id": alert_id, "person": person, "doing": doing, "at": now},
        )

    def since(self, alert_ids: Collection[int], moment: datetime) -> dict[int, tuple[tuple[str, str], ...]]:
        """(person, doing) of everybody seen since `moment`, by alert."""
        statement = (
            select(presence.c.alert_id, presence.c.person, presence.c.doing)
            .where(dialect.one_of(presence.c.alert_id, alert_ids), presence.c.at >= moment)
            .order_by(presence.c.alert_id, presence.c.person)
        )
        found: dict[int, tuple[tuple[str, str], ...]] = {}
        for row in self._connection.execute(statement):
            found[row.alert_id] = (*found.get(row.alert_id, ()), (row.person, row.doing))
        return found

    def drop_before(self, moment: datetime) -> int:
        return self._connection.execute(delete(presence).where(presence.c.at < moment)).rowcount
