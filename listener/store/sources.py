"""Health, counts and checkpoints of the sources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, case, delete, func, literal, or_, select, update

from listener.store.dialect import insert_new, upsert
from listener.store.rows import SourceRow, SourceState
from listener.store.tables import checkpoints, sources

COUNTS = ("new", "updated", "deleted", "rejected", "folded")
_HEALTHY: Final[dict[str, Any]] = {
    "state": "listening",
    **dict.fromkeys(("blind_since", "error_code", "error", "hint")),
    "failures": 0,
}


class Sources:
    """Statements on the tables `sources` and `checkpoints`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def register(self, source: str, kind: str | None, state: SourceState = "new") -> None:
        """Make sure that a source has a row, with this kind; `off` is a state that only this sets and takes away."""
        self._ensure(source)
        self._connection.execute(
            update(sources)
            .where(sources.c.source == source)
            .values(
                kind=kind,
                state=case(((sources.c.state == "off") | (state == "off"), state), else_=sources.c.state),
            )
        )

    def ok(self, source: str, now: datetime, *, next_poll_at: datetime | None = None) -> None:
        """The source answered: it is listening, whatever was wrong before is over."""
        self._ensure(source)
        self._connection.execute(
            update(sources)
            .where(sources.c.source == source)
            .values(
                **_HEALTHY,
                last_ok_at=now,
                next_poll_at=next_poll_at,
            )
        )

    def heard(self, source: str, now: datetime) -> None:
        """Something came from it: it is listening; when it is polled next is for others to say."""
        self._ensure(source)
        self._connection.execute(update(sources).where(sources.c.source == source).values(**_HEALTHY, last_ok_at=now))

    def failed(
        self, source: str, now: datetime, *, code: str, error: str, hint: str = "", next_poll_at: datetime | None = None
    ) -> None:
        """The source could not be heard: blind since the first failure in a row."""
        self._ensure(source)
        self._connection.execute(
            update(sources)
            .where(sources.c.source == source)
            .values(
                state="blind",
                blind_since=func.coalesce(sources.c.blind_since, literal(now, sources.c.blind_since.type)),
                error_code=code,
                error=error,
                hint=hint or None,
                failures=sources.c.failures + 1,
                next_poll_at=next_poll_at,
            )
        )

    def count(
        self,
        source: str,
        counts: Mapping[str, int],
        *,
        last_item_at: datetime | None = None,
        lag_s: float | None = None,
    ) -> None:
        """Add to the counts (keys of COUNTS); `last_item_at` only moves forward."""
        self._ensure(source)
        values: dict[str, Any] = {name: sources.c[name] + counts.get(name, 0) for name in COUNTS}
        if last_item_at is not None:
            later = or_(sources.c.last_item_at.is_(None), sources.c.last_item_at < last_item_at)
            values["last_item_at"] = case(
                (later, literal(last_item_at, sources.c.last_item_at.type)), else_=sources.c.last_item_at
            )
        if lag_s is not None:
            values["lag_s"] = lag_s
        self._connection.execute(update(sources).where(sources.c.source == source).values(**values))

    def get(self, source: str) -> SourceRow | None:
        row = self._connection.execute(select(sources).where(sources.c.source == source)).one_or_none()
        return None if row is None else SourceRow(**row._mapping)

    def all(self) -> list[SourceRow]:
        """Every source ever heard or registered, by name."""
        return [SourceRow(**row._mapping) for row in self._connection.execute(select(sources).order_by("source"))]

    def checkpoint(self, source: str) -> Mapping[str, Any] | None:
        """Where the source's collector goes on; None if it never saved one."""
        statement = select(checkpoints.c.value).where(checkpoints.c.source == source)
        value: Mapping[str, Any] | None = self._connection.execute(statement).scalar_one_or_none()
        return value

    def save_checkpoint(self, source: str, value: Mapping[str, Any], now: datetime) -> None:
        """To be called in the transaction that stores what the checkpoint covers."""
        self._connection.execute(
            upsert(checkpoints, replace=("value", "saved_at")),
            {"source": source, "value": dict(value), "saved_at": now},
        )

    def forget_checkpoint(self, source: str) -> None:
        """Let the collector begin anew."""
        self._connection.execute(delete(checkpoints).where(checkpoints.c.source == source))

    def _ensure(self, source: str) -> None:
        zeros = dict.fromkeys(COUNTS, 0)
        self._connection.execute(insert_new(sources), {"source": source, "state": "new", "failures": 0, **zeros})
