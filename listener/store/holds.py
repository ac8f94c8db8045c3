"""Legal holds: what must not be purged or erased, who said so and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from listener.store import dialect
from listener.store.keeping_tables import holds
from listener.store.mentions import Mentions
from listener.store.rows import MentionRow
from listener.store.state import State
from listener.store.tables import alerts
from listener.text.copies import handle

_DEFERRED: Final = "holds.deferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """One hold: on the post of an alert, on a post, or on all posts of an author (in one source, or in all)."""

    id: int
    kind: str
    alert_id: int | None
    mention_id: int | None
    author: str | None
    source: str | None
    reason: str
    who: str
    at: datetime
    lifted_at: datetime | None
    lifted_by: str | None


class Holds:
    """Statements on the table `holds`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._state = State(connection)

    def add(
        self,
        kind: str,
        reason: str,
        who: str,
        now: datetime,
        *,
        alert_id: int | None = None,
        mention_id: int | None = None,
        author: str | None = None,
        source: str | None = None,
    ) -> int:
        """Hold something from now on; the hold's id."""
        what = {"alert_id": alert_id, "mention_id": mention_id, "author": author, "source": source}
        values = {"kind": kind, "reason": reason, "who": who, "at": now, **what}
        return int(self._connection.execute(insert(holds).returning(holds.c.id), values).scalar_one())

    def lift(self, hold_id: int, who: str, now: datetime) -> bool:
        """End a hold; False if there is none of this id that still holds."""
        statement = update(holds).where(holds.c.id == hold_id, holds.c.lifted_at.is_(None))
        return self._connection.execute(statement.values(lifted_at=now, lifted_by=who)).rowcount == 1

    def all(self, *, lifted: bool = False) -> list[HoldRow]:
        """Those that hold, oldest first; with `lifted` the others too."""
        statement = select(holds).order_by(holds.c.id)
        if not lifted:
            statement = statement.where(holds.c.lifted_at.is_(None))
        return [_hold(row) for row in self._connection.execute(statement)]

    def of(self, rows: Collection[MentionRow]) -> dict[int, int]:
        """The hold of each of these mentions (ids) that is held."""
        active = self.all()
        if not active:
            return {}
        by_mention = self._by_mention(active)
        by_author = {(handle(one.author), one.source): one.id for one in active if one.author is not None}
        found: dict[int, int] = {}
        for row in rows:
            hold = by_mention.get(row.id)
            if hold is None and row.author is not None:
                name = handle(row.author)
                hold = by_author.get((name, None)) or by_author.get((name, row.source))
            if hold is not None:
                found[row.id] = hold
        return found

    def defer(self, mention_ids: Collection[int], now: datetime) -> None:
        """Their platform deleted these, and a hold keeps them: they go when nothing holds them any more."""
        if mention_ids:
            waiting = set(self._state.get(_DEFERRED) or ())
            self._state.put(_DEFERRED, sorted(waiting | set(mention_ids)), now)

    def take_deferred(self, now: datetime) -> list[MentionRow]:
        """Those deferred that nothing holds any more, as they are stored; they are no longer deferred."""
        waiting = self._state.get(_DEFERRED) or ()
        rows = Mentions(self._connection).by_ids(waiting) if waiting else {}
        held = self.of(rows.values())
        self._state.put(_DEFERRED, sorted(held), now)
        return [row for row in rows.values() if row.id not in held and row.deleted_at is None]

    def forget_author(self, author: str) -> int:
        """Take an erased author's name out of holds that were lifted."""
        lifted = [one for one in self.all(lifted=True) if one.author is not None and one.lifted_at is not None]
        ids = [one.id for one in lifted if handle(one.author or "") == handle(author)]
        return self._connection.execute(
            update(holds).where(dialect.one_of(holds.c.id, ids)).values(author=None)
        ).rowcount

    def _by_mention(self, active: Collection[HoldRow]) -> dict[int, int]:
        by_alert = {one.alert_id: one.id for one in active if one.alert_id is not None}
        statement = select(alerts.c.id, alerts.c.mention_id).where(dialect.one_of(alerts.c.id, by_alert))
        found = {row.mention_id: by_alert[row.id] for row in self._connection.execute(statement)}
        return {**found, **{one.mention_id: one.id for one in active if one.mention_id is not None}}


def _hold(row: Row[Any]) -> HoldRow:
    return HoldRow(**row._mapping)
