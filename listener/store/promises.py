"""What was promised for each alert, what is due next, and who was told; the arithmetic is in triage/clocks.py."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select, update

from listener.store import dialect
from listener.store.alerts import alert_row
from listener.store.desk_tables import promises
from listener.store.rows import AlertRow
from listener.store.state import State
from listener.store.tables import alerts

_STATE: Final = "policies"
ACTIVE: Final = ("open", "claimed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """An active alert and the code of the promise that was last noted for it; `answered`: somebody answered it."""

    alert_id: int
    mention_id: int
    brand: str | None
    source: str
    severity: int
    posted_at: datetime
    policy: str | None
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCall:
    """An alert of which somebody may have to be told; `called`: how many were."""

    id: int
    due_at: datetime
    due_kind: str | None
    policy: str
    called: int
    snoozed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """An alert that waits for somebody who can answer."""

    id: int
    lang: str
    cause: str
    uncovered: bool
    held: bool


class PromisesKept:
    """Statements on the table `promises` and on those columns of `alerts` that say what is due."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._state = State(connection)

    # -------------------------------------------------------------- the promises

    def policies(self) -> Mapping[str, Any]:
        """Every promise that was ever noted, as JSON by its code."""
        found: dict[str, Any] = self._state.get(_STATE) or {}
        return found

    def keep_policies(self, new: Mapping[str, Any], now: datetime) -> None:
        known = self.policies()
        if not new.keys() <= known.keys():
            self._state.put(_STATE, {**known, **new}, now)

    def active(self, *, without_only: bool) -> Iterator[Promised]:
        """Active alerts; with `without_only` those for which nothing was noted yet."""
        columns = (alerts.c[name] for name in ("mention_id", "brand", "source", "severity", "posted_at", "policy"))
        answered = alerts.c.first_response_at.is_not(None).label("answered")
        statement = select(alerts.c.id.label("alert_id"), *columns, answered).where(alerts.c.state.in_(ACTIVE))
        if without_only:
            statement = statement.where(alerts.c.policy.is_(None))
        for row in self._connection.execute(statement.order_by(alerts.c.id)).all():
            yield Promised(**row._mapping)

    def periods(self, alert_id: int) -> list[tuple[datetime, str]]:
        """Since when which promise held, where it changed; empty while the first one does."""
        statement = select(promises.c.since, promises.c.policy).where(promises.c.alert_id == alert_id)
        return [(row.since, row.policy) for row in self._connection.execute(statement.order_by(promises.c.since))]

    def note(self, alert_id: int, code: str, now: datetime) -> None:
        """Another promise holds from now on; what held before is kept."""
        row = self._connection.execute(select(alerts.c.policy, alerts.c.posted_at).where(alerts.c.id == alert_id)).one()
        if row.policy is not None:
            both = [
                {"alert_id": alert_id, "since": row.posted_at, "policy": row.policy},
                {"alert_id": alert_id, "since": now, "policy": code},
            ]
            self._connection.execute(dialect.insert_new(promises), both[:1])
            self._connection.execute(dialect.upsert(promises, replace=("policy",)), both[1:])
        self._connection.execute(update(alerts).where(alerts.c.id == alert_id).values(policy=code))

    def note_first(self, found: Collection[tuple[int, str, datetime | None]]) -> None:
        """(alert, promise, when a first answer is due) of alerts that nobody has answered and that had no promise."""
        if found:
            due = bindparam("due", type_=alerts.c.due_at.type)
            values = {"policy": bindparam("code"), "due_at": due, "first_due_at": due, "due_kind": "first"}
            statement = update(alerts).where(alerts.c.id == bindparam("alert")).values(**values)
            self._connection.execute(statement, [{"alert": one, "code": code, "due": at} for one, code, at in found])

    # -------------------------------------------------------------- what is due

    def set_due(self, before: AlertRow, *, due_at: datetime | None, kind: str | None, waiting: datetime | None) -> bool:
        """What we owe next; False if it is the same as before. Whoever was told of the last one is told anew."""
        same = (before.due_at, before.due_kind, before.waiting_since) == (due_at, kind, waiting)
        first = before.first_due_at or (due_at if kind == "first" else None)
        if same and first == before.first_due_at:
            return False
        told = before.called if (before.due_at, before.due_kind) == (due_at, kind) else 0
        values = {"due_at": due_at, "due_kind": kind, "waiting_since": waiting, "first_due_at": first, "called": told}
        self._update(before.id, values)
        return True

    def due_by(self, moment: datetime, limit: int | None = None) -> list[AlertRow]:
        """Active alerts with something due by then, soonest first; no more than `limit`."""
        statement = select(alerts).where(alerts.c.state.in_(ACTIVE), alerts.c.due_at <= moment)
        return [alert_row(row) for row in self._connection.execute(statement.order_by(alerts.c.due_at).limit(limit))]

    def to_call(self, moment: datetime, most: int) -> list[ToCall]:
        """Active alerts with something due by then of which fewer than `most` people were told, soonest first."""
        names = ("id", "due_at", "due_kind", "policy", "called")
        statement = (
            select(*(alerts.c[name] for name in names), alerts.c.snoozed_until.is_not(None).label("snoozed"))
            .where(alerts.c.state.in_(ACTIVE), alerts.c.due_at <= moment)
            .where(alerts.c.called < most, alerts.c.policy.is_not(None))
            .order_by(alerts.c.due_at)
        )
        return [ToCall(**row._mapping) for row in self._connection.execute(statement)]

    def told(self, alert_id: int, calls: int) -> None:
        self._update(alert_id, {"called": calls})

    def uncovered(self, alert_ids: Collection[int], *, now_covered: Collection[int] = ()) -> None:
        """Say of these that nobody on shift can answer them, of the others that somebody can again."""
        for ids, value in ((alert_ids, True), (now_covered, False)):
            if ids:
                wanted = dialect.one_of(alerts.c.id, ids)
                self._connection.execute(update(alerts).where(wanted).values(uncovered=value))

    def unanswered(self, opened_since: datetime | None) -> list[Unanswered]:
        """Open alerts that nobody has answered (opened since then, if given), and all that are marked as uncovered."""
        nobody = alerts.c.first_response_at.is_(None) & (alerts.c.state == "open")
        if opened_since is not None:
            nobody = nobody & (alerts.c.opened_at >= opened_since)
        columns = (
            *(alerts.c[name] for name in ("id", "lang", "cause", "uncovered")),
            alerts.c.owner.is_not(None).label("held"),
        )
        statement = select(*columns).where(alerts.c.state.in_(ACTIVE), or_(nobody, alerts.c.uncovered.is_(True)))
        return [Unanswered(**row._mapping) for row in self._connection.execute(statement)]

    def _update(self, alert_id: int, values: Mapping[str, Any]) -> None:
        statement = update(alerts).where(alerts.c.id == alert_id)
        self._connection.execute(statement.values(**values, version=alerts.c.version + 1))
