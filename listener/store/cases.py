"""What people do to an alert: each act is one UPDATE whose condition says from where it may happen.

Whether it happened is its row count; nobody looks first and writes after.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from listener.store.alerts import alert_row
from listener.store.rows import AlertRow, NoteRow
from listener.store.tables import alert_notes, alerts

_CLOSED_NOT: Final[dict[str, Any]] = {"closed_at": None, "outcome": None, "reason": None, "cause_fixed": None}
_NOT_OFFERED: Final[dict[str, Any]] = {"offered_to": None, "offered_at": None}
_FREE: Final[dict[str, Any]] = {
    **{"state": "open", "owner": None, "claimed_at": None, "touched_at": None, "kept_until": None},
    **_NOT_OFFERED,
}

RESTORED: Final = (
    *("state", "owner", "claimed_at", "touched_at", "offered_to", "offered_at", "kept_until", "snoozed_until"),
    *("handovers", "reopened", "closed_at", "outcome", "reason", "cause_fixed"),
)
"""What an act may change, and its undoing puts back."""


class Cases:
    """Statements on `alerts` for the desk's verbs, and on `alert_notes`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, alert_id: int, owner: str, now: datetime) -> bool:
        """Open and free: now held by `owner`. False if it was neither."""
        free = [alerts.c.id == alert_id, alerts.c.owner.is_(None), alerts.c.state == "open"]
        return self._act(free, **_taken(owner, now))

    def release(self, alert_id: int, owner: str) -> bool:
        """Held by `owner`: open again. False if they do not hold it."""
        return self._act(self._held_by(alert_id, owner), **_FREE)

    def resolve(self, alert_id: int, owner: str, now: datetime, *, outcome: str, cause_fixed: bool) -> bool:
        """Held by `owner`: closed with an outcome. False if they do not hold it."""
        return self._act(
            self._held_by(alert_id, owner),
            state="resolved",
            closed_at=now,
            outcome=outcome,
            cause_fixed=cause_fixed,
            snoozed_until=None,
            **_NOT_OFFERED,
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
            snoozed_until=None,
            **_NOT_OFFERED,
        )

    def reopen(self, alert_id: int, owner: str | None, now: datetime) -> bool:
        """Closed: held by `owner` again, or free. False if it was not closed."""
        state = _taken(owner, now) if owner else _FREE
        closed = [alerts.c.id == alert_id, alerts.c.state.in_(("resolved", "dismissed"))]
        return self._act(closed, **{**state, **_CLOSED_NOT, "reopened": alerts.c.reopened + 1})

    # -------------------------------------------------------------- from one to another

    def offer(self, alert_id: int, owner: str, to: str, now: datetime) -> bool:
        """Held by `owner`: offered to another, who has to accept. False if they do not hold it."""
        return self._act(self._held_by(alert_id, owner), offered_to=to, offered_at=now, touched_at=now)

    def accept(self, alert_id: int, by: str, now: datetime) -> bool:
        """Offered to `by`: now theirs, and counted. False if it was not offered to them."""
        offered = [alerts.c.id == alert_id, alerts.c.state == "claimed", alerts.c.offered_to == by]
        return self._act(offered, **_taken(by, now), handovers=alerts.c.handovers + 1)

    def end_offer(self, alert_id: int, by: str) -> bool:
        """The one it was offered to declines, or its holder withdraws. False if it was not offered."""
        theirs = (alerts.c.offered_to == by) | (alerts.c.owner == by)
        offered = [alerts.c.id == alert_id, alerts.c.state == "claimed", alerts.c.offered_to.is_not(None), theirs]
        return self._act(offered, **_NOT_OFFERED)

    def assign(self, alert_id: int, to: str, now: datetime, *, counted: bool) -> bool:
        """Give it to somebody whoever has it. `counted`: another held it. False if it is closed."""
        active = [alerts.c.id == alert_id, alerts.c.state.in_(("open", "claimed"))]
        return self._act(active, **_taken(to, now), handovers=alerts.c.handovers + int(counted))

    def put_back(self, held: AlertRow) -> bool:
        """Held and silent: open again. False if it changed since `held` was read."""
        return self._act(
            [alerts.c.id == held.id, alerts.c.version == held.version, alerts.c.state == "claimed"], **_FREE
        )

    def keep(self, alert_id: int, owner: str, until: datetime | None, now: datetime) -> bool:
        """Held by `owner`, who keeps it until then although they are away. False if they do not hold it."""
        return self._act(self._held_by(alert_id, owner), kept_until=until, touched_at=now)

    def snooze(self, alert_id: int, actor: str, until: datetime | None) -> bool:
        """Out of sight until then (None: in sight again): free, or held by `actor`. False if it is neither."""
        mine = alerts.c.owner.is_(None) | (alerts.c.owner == actor)
        active = [alerts.c.id == alert_id, alerts.c.state.in_(("open", "claimed")), mine]
        return self._act(active, snoozed_until=until)

    def wake(self, alert_id: int) -> bool:
        """In sight again, whoever put it out of it. False if it was in sight."""
        return self._act([alerts.c.id == alert_id, alerts.c.snoozed_until.is_not(None)], snoozed_until=None)

    def touch(self, alert_id: int, owner: str, now: datetime) -> bool:
        """The holder did something on it. False if they do not hold it."""
        statement = update(alerts).where(*self._held_by(alert_id, owner)).values(touched_at=now)
        return self._connection.execute(statement).rowcount == 1

    def held(self) -> list[AlertRow]:
        """Everything that somebody holds."""
        return [alert_row(row) for row in self._connection.execute(select(alerts).where(alerts.c.state == "claimed"))]

    def snoozed(self) -> list[AlertRow]:
        """Active alerts that are out of sight."""
        out = [alerts.c.snoozed_until.is_not(None), alerts.c.state.in_(("open", "claimed"))]
        statement = select(alerts).where(*out).order_by(alerts.c.snoozed_until)
        return [alert_row(row) for row in self._connection.execute(statement)]

    def restore(self, now: AlertRow, was: Mapping[str, Any]) -> bool:
        """Back to what `was` says of RESTORED; False if it changed since `now` was read."""
        return self._act([alerts.c.id == now.id, alerts.c.version == now.version], **was)

    # -------------------------------------------------------------- notes

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


def _taken(owner: str, now: datetime) -> dict[str, Any]:
    held = {"state": "claimed", "owner": owner, "claimed_at": now, "touched_at": now, "kept_until": None}
    return {**held, **_NOT_OFFERED}
