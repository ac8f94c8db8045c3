"""The history of alerts: who did what and when, in ids, codes and numbers; never a word of a post or a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from listener.store.rows import EventRow
from listener.store.tables import alert_events

_COLUMNS = tuple(alert_events.c[field.name] for field in fields(EventRow))


class Events:
    """Statements on the table `alert_events`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, alert_id: int, at: datetime, actor: str, kind: str, data: Mapping[str, Any]) -> int:
        """Write one step; its id."""
        values = {"alert_id": alert_id, "at": at, "actor": actor, "kind": kind, "data": dict(data), "undone": False}
        return int(self._connection.execute(insert(alert_events).returning(alert_events.c.id), values).scalar_one())

    def add_all(self, steps: Sequence[tuple[int, Mapping[str, Any]]], at: datetime, actor: str, kind: str) -> None:
        """Write one step each for several alerts, with its data."""
        fixed = {"at": at, "actor": actor, "kind": kind, "undone": False}
        self._connection.execute(
            insert(alert_events), [{"alert_id": alert_id, "data": dict(data), **fixed} for alert_id, data in steps]
        )

    def of(self, alert_id: int) -> tuple[EventRow, ...]:
        """The whole history, oldest first."""
        statement = select(*_COLUMNS).where(alert_events.c.alert_id == alert_id).order_by(alert_events.c.id)
        return tuple(EventRow(**row._mapping) for row in self._connection.execute(statement))

    def last_act(self, alert_id: int, kinds: tuple[str, ...]) -> EventRow | None:
        """The last step of these kinds that was not taken back."""
        statement = (
            select(*_COLUMNS)
            .where(alert_events.c.alert_id == alert_id, alert_events.c.kind.in_(kinds))
            .where(alert_events.c.undone.is_(False))
            .order_by(alert_events.c.id.desc())
            .limit(1)
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else EventRow(**row._mapping)

    def mark_undone(self, event_id: int) -> bool:
        """Say that a step was taken back; False if it already was."""
        statement = update(alert_events).where(alert_events.c.id == event_id, alert_events.c.undone.is_(False))
        return self._connection.execute(statement.values(undone=True)).rowcount == 1
