"""Follow-ups that are planned, and what we wrote to customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from listener.store.desk_tables import followups, replies
from listener.store.tables import alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRow:
    """A look whether the customer is well. `result` once it is done: well, unhappy, no_answer, moot."""

    id: int
    alert_id: int
    due_at: datetime
    owner: str | None
    told_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRow:
    """What somebody wrote to a customer, or means to."""

    id: int
    alert_id: int
    person: str
    state: str
    text: str
    link: str | None
    at: datetime


class Aftercare:
    """Statements on the tables `followups` and `replies`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, alert_id: int, due_at: datetime, owner: str | None) -> int:
        """One that is not done yet is moved, not doubled; its id."""
        waiting = (followups.c.alert_id == alert_id, followups.c.done_at.is_(None))
        if known := self._connection.execute(select(followups.c.id).where(*waiting)).scalar():
            self._connection.execute(update(followups).where(*waiting).values(due_at=due_at, owner=owner, told_at=None))
            return int(known)
        values = {"alert_id": alert_id, "due_at": due_at, "owner": owner}
        return int(self._connection.execute(insert(followups).returning(followups.c.id), values).scalar_one())

    def cancel(self, alert_id: int) -> int:
        """Drop what is planned for a case; how many there were."""
        waiting = (followups.c.alert_id == alert_id, followups.c.done_at.is_(None))
        return self._connection.execute(delete(followups).where(*waiting)).rowcount

    def finish(self, alert_id: int, by: str, result: str, now: datetime) -> bool:
        """What came of the one that is planned; False if none is."""
        statement = update(followups).where(followups.c.alert_id == alert_id, followups.c.done_at.is_(None))
        return self._connection.execute(statement.values(done_at=now, done_by=by, result=result)).rowcount > 0

    def of(self, alert_id: int) -> tuple[FollowUpRow, ...]:
        statement = select(followups).where(followups.c.alert_id == alert_id).order_by(followups.c.id)
        return tuple(FollowUpRow(**row._mapping) for row in self._connection.execute(statement))

    def due(self, moment: datetime, *, untold_only: bool = False) -> list[FollowUpRow]:
        """Those due by then and not done, soonest first."""
        statement = select(followups).where(followups.c.done_at.is_(None), followups.c.due_at <= moment)
        if untold_only:
            statement = statement.where(followups.c.told_at.is_(None))
        return [FollowUpRow(**row._mapping) for row in self._connection.execute(statement.order_by(followups.c.due_at))]

    def told(self, followup_id: int, now: datetime) -> None:
        self._connection.execute(update(followups).where(followups.c.id == followup_id).values(told_at=now))

    # -------------------------------------------------------------- replies

    def draft(self, alert_id: int, person: str) -> ReplyRow | None:
        mine = (replies.c.alert_id == alert_id, replies.c.person == person, replies.c.state == "draft")
        row = self._connection.execute(select(replies).where(*mine)).one_or_none()
        return None if row is None else ReplyRow(**row._mapping)

    def keep_draft(self, alert_id: int, person: str, text: str, now: datetime) -> None:
        """One draft a person and case; an empty one is dropped."""
        mine = (replies.c.alert_id == alert_id, replies.c.person == person, replies.c.state == "draft")
        if not text:
            self._connection.execute(delete(replies).where(*mine))
        elif self._connection.execute(update(replies).where(*mine).values(text=text, at=now)).rowcount == 0:
            values = {"alert_id": alert_id, "person": person, "state": "draft", "text": text, "at": now}
            self._connection.execute(insert(replies), values)

    def send(self, alert_id: int, person: str, text: str, link: str | None, now: datetime) -> int:
        """Keep what was sent; the person's draft becomes it. Its id."""
        self.keep_draft(alert_id, person, "", now)
        values = {"alert_id": alert_id, "person": person, "state": "sent", "text": text, "link": link, "at": now}
        return int(self._connection.execute(insert(replies).returning(replies.c.id), values).scalar_one())

    def mark_answered(self, alert_id: int, now: datetime) -> None:
        """The first answer that anybody gave, if none is known yet."""
        unanswered = (alerts.c.id == alert_id, alerts.c.first_response_at.is_(None))
        self._connection.execute(update(alerts).where(*unanswered).values(first_response_at=now))

    def sent(self, alert_id: int) -> tuple[ReplyRow, ...]:
        statement = select(replies).where(replies.c.alert_id == alert_id, replies.c.state == "sent")
        return tuple(ReplyRow(**row._mapping) for row in self._connection.execute(statement.order_by(replies.c.id)))
