"""The register of what was handed out: who, when, what kind, how many rows, to which file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from listener.store.keeping_tables import exports


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One export; `kind` is a code (`labels`, `sample`, `backup`, …)."""

    id: int
    at: datetime
    who: str
    kind: str
    rows: int
    file: str


class Exports:
    """Statements on the table `exports`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, at: datetime, who: str, kind: str, rows: int, file: str) -> int:
        """Note one; its id."""
        values = {"at": at, "who": who, "kind": kind, "rows": rows, "file": file}
        return int(self._connection.execute(insert(exports).returning(exports.c.id), values).scalar_one())

    def all(self, since: datetime | None = None) -> list[ExportRow]:
        """All of them, or those from a time on; oldest first."""
        statement = select(exports).order_by(exports.c.id)
        if since is not None:
            statement = statement.where(exports.c.at >= since)
        return [ExportRow(**row._mapping) for row in self._connection.execute(statement)]
