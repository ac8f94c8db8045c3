"""What people did, in ids and codes: rows that are only ever added, each sealed with the hash of all before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from listener.store import dialect
from listener.store.columns import to_micros
from listener.store.desk_tables import audit
from listener.store.rows import AuditRow

_COLUMNS: Final = tuple(audit.c[field.name] for field in fields(AuditRow))
_BEGINNING: Final = ""


class Audit:
    """Statements on the table `audit`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, at: datetime, actor: str, role: str, verb: str, alert_id: int | None, data: Mapping[str, Any]) -> int:
        """Write one act; its id. Only within a write transaction, so that nobody comes between."""
        last = select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)
        before = self._connection.execute(last).scalar_one_or_none() or _BEGINNING
        number = dialect.next_id(self._connection, audit)
        values: dict[str, Any] = {
            "at": at,
            "actor": actor,
            "role": role,
            "verb": verb,
            "alert_id": alert_id,
            "data": dict(data),
        }
        digest = _seal(before, AuditRow(id=number, digest="", **values))
        self._connection.execute(insert(audit), {"id": number, "digest": digest, **values})
        return number

    def last(self, limit: int, *, alert_id: int | None = None) -> tuple[AuditRow, ...]:
        """The last acts, newest first."""
        statement = select(*_COLUMNS).order_by(audit.c.id.desc()).limit(limit)
        if alert_id is not None:
            statement = statement.where(audit.c.alert_id == alert_id)
        return tuple(AuditRow(**row._mapping) for row in self._connection.execute(statement))

    def broken_at(self) -> int | None:
        """The id of the first row that was changed, taken out or put in afterwards; None if there is none.

        Rows missing from the end are seen too, by the number that the next one would get.
        """
        before, expected = _BEGINNING, 1
        for found in self._connection.execute(select(*_COLUMNS).order_by(audit.c.id)):
            row = AuditRow(**found._mapping)
            if row.id != expected or row.digest != _seal(before, row):
                return expected
            before, expected = row.digest, expected + 1
        return expected if dialect.next_id(self._connection, audit) != expected else None


def _seal(before: str, row: AuditRow) -> str:
    content = [row.id, to_micros(row.at), row.actor, row.role, row.verb, row.alert_id, dict(row.data)]
    told = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{told}".encode()).hexdigest()
