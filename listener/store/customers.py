"""What customers and we ourselves posted since somebody last looked, and the cases that it concerns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from listener.store import dialect
from listener.store.alerts import alert_row
from listener.store.rows import AlertRow
from listener.store.tables import DONE, alerts, mentions, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A mention that triage is done with. `flagged`: it is a complaint."""

    id: int
    source: str
    native_id: str
    own: bool
    author_key: int | None
    parent_id: str | None
    thread_id: str | None
    posted_at: datetime
    flagged: bool


@dataclass(frozen=True, slots=True)
class Concerned:
    """A case and the post that it is about."""

    alert: AlertRow
    native_id: str
    thread_id: str | None


class Customers:
    """Read-only statements on mentions and the alerts of their authors."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last_id(self) -> int:
        return int(self._connection.execute(select(func.max(mentions.c.id))).scalar() or 0)

    def since(self, last_id: int, limit: int) -> list[Heard]:
        """Mentions stored after that one, in order, up to the first that is not triaged yet; repeats left out."""
        names = ("id", "source", "native_id", "own", "author_key", "parent_id", "thread_id", "posted_at")
        statement = (
            select(*(mentions.c[name] for name in names), mentions.c.stage, verdicts.c.flagged)
            .outerjoin(verdicts, verdicts.c.mention_id == mentions.c.id)
            .where(mentions.c.id > last_id)
            .order_by(mentions.c.id)
            .limit(limit)
        )
        found: list[Heard] = []
        for row in self._connection.execute(statement):
            if row.stage != DONE:
                break
            found.append(Heard(**{name: getattr(row, name) for name in names}, flagged=bool(row.flagged)))
        return found

    def of_author(self, source: str, author_key: int, before_id: int) -> list[Concerned]:
        """The cases about what this author posted before, the last first."""
        return self._cases(mentions.c.author_key == author_key, mentions.c.source == source, mentions.c.id < before_id)

    def about(self, source: str, native_ids: Collection[str]) -> list[Concerned]:
        """The cases about these posts."""
        return self._cases(mentions.c.source == source, dialect.one_of(mentions.c.native_id, native_ids))

    def _cases(self, *conditions: object) -> list[Concerned]:
        statement = (
            select(alerts, mentions.c.native_id, mentions.c.thread_id)
            .join(mentions, mentions.c.id == alerts.c.mention_id)
            .where(*conditions)  # type: ignore[arg-type]
            .order_by(alerts.c.id.desc())
            .limit(50)
        )
        return [Concerned(alert_row(row), row.native_id, row.thread_id) for row in self._connection.execute(statement)]
