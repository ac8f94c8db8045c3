"""What people do to an alert: each act is one UPDATE whose condition says from where it may happen.

Whether it happened is its row count; nobody looks first and writes after.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from listener.store.rows import AlertRow, NoteRow
from listener.store.tables import alert_notes, alerts


class Cases:
    """Statements on `alerts` for the desk's verbs, and on `alert_notes`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, alert_id: int, owner: str, now: datetime) -> bool:
        """Open and free: now held by `owner`. False if it was neither."""
        return self._act(
            [alerts.c.id == alert_id, alerts.c.owner.is_(None), alerts.c.state == "open"],
            state="claimed",
            owner=owner,
            claimed_at=now,
        )

    def release(self, alert_id: int, owner: str) -> bool:
        """Held by `owner`: open again. False if they do not hold it."""
        return self._act(self._held_by(alert_id, owner), state="open", owner=None, claimed_at=None)

    def resolve(self, alert_id: int, owner: str, now: datetime, *, outcome: str, cause_fixed: bool | None) -> bool:
        """Held by `owner`: closed with an outcome. False if they do not hold it."""
        return self._act(
            self._held_by(alert_id, owner), state="resolved", closed_at=now, outcome=outcome, cause_fixed=cause_fixed
        )

    def dismiss(self, alert_id: int, actor: str, now: datetime, *, reason: str) -> bool:
        """Free, or held by `actor`: put aside. False if it is closed or somebody else's."""
        mine = alerts.c.owner.is_(None) | (alerts.c.owner == actor)
        return self._act(
            [alerts.c.id == alert_id, alerts.c.state.in_(("open", "claimed")), mine],
            state="dismissed",
            owner=actor,
            closed_at=now,
            reason=reason,
        )

    def restore(self, now: AlertRow, *, state: str, owner: str | None, claimed_at: datetime | None) -> bool:
        """Back to where it was before its last act; False if it changed since `now` was read."""
        return self._act(
            [alerts.c.id == now.id, alerts.c.version == now.version],
            state=state,
            owner=owner,
            claimed_at=claimed_at,
            closed_at=None,
            outcome=None,
            reason=None,
            cause_fixed=None,
        )

    def add_note(self, alert_id: int, author: str, text: str, now: datetime) -> int:
        """Keep what a person wrote; its id."""
        values = {"alert_id": alert_id, "author": author, "text": text, "at": now}
        return int(self._connection.execute(insert(alert_notes).returning(alert_notes.c.id), values).scalar_one())

    def notes(self, alert_id: int) -> tuple[NoteRow, ...]:
        """All notes on an alert, oldest first."""
        statement = select(alert_notes).where(alert_notes.c.alert_id == alert_id).order_by(alert_notes.c.id)
        return tuple(NoteRow(**row._mapping) for row in self._connection.execute(statement))

    @staticmethod
    def _held_by(alert_id: int, owner: str) -> list[Any]:
        return [alerts.c.id == alert_id, alerts.c.owner == owner, alerts.c.state == "claimed"]

    def _act(self, conditions: list[Any], **values: Any) -> bool:
        statement = update(alerts).where(*conditions).values(**values, version=alerts.c.version + 1)
        return self._connection.execute(statement).rowcount == 1
