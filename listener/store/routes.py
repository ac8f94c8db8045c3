"""Whose alerts should be; the rules are in triage/routing.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, or_, select, update

from listener.store.tables import alerts

_NAMES: Final = (
    *("mention_id", "brand", "lang", "cause", "severity", "source", "incident_id"),
    *("due_at", "route", "team", "assignee"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routable:
    """An alert that nobody holds, and whose it should be so far."""

    alert_id: int
    mention_id: int
    brand: str | None
    lang: str
    cause: str
    severity: int
    source: str
    incident_id: int | None
    due_at: datetime | None
    route: str | None
    team: str | None
    assignee: str | None


class Routes:
    """Statements on the columns of `alerts` that say whose they should be."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, *, new_only: bool) -> list[Routable]:
        """Open alerts, the soonest due first; with `new_only` those that no rule led anywhere yet."""
        statement = select(alerts.c.id.label("alert_id"), *(alerts.c[name] for name in _NAMES))
        statement = statement.where(alerts.c.state == "open")
        if new_only:
            statement = statement.where(alerts.c.route.is_(None))
        ordered = statement.order_by(alerts.c.due_at.is_(None), alerts.c.due_at, alerts.c.id)
        return [Routable(**row._mapping) for row in self._connection.execute(ordered)]

    def put(self, alert_id: int, *, route: str | None, team: str | None, assignee: str | None) -> None:
        statement = update(alerts).where(alerts.c.id == alert_id)
        values = {"route": route, "team": team, "assignee": assignee, "version": alerts.c.version + 1}
        self._connection.execute(statement.values(**values))

    def loads(self) -> dict[str, int]:
        """How many active alerts each person holds or should have."""
        person = func.coalesce(alerts.c.owner, alerts.c.assignee)
        statement = (
            select(person, func.count())
            .where(or_(alerts.c.state == "claimed", alerts.c.state == "open"), person.is_not(None))
            .group_by(person)
        )
        return {row[0]: row[1] for row in self._connection.execute(statement)}
