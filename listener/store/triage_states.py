"""What triage remembers of each brand, saved in the transaction that writes its decisions."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from listener.store import dialect
from listener.store.incident_tables import triage_states


class TriageStates:
    """Statements on the table `triage_states`; a value is JSON."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def serials(self) -> dict[str, int]:
        """How often each brand's state was saved: whoever holds one of this serial holds the latest."""
        rows = self._connection.execute(select(triage_states.c.brand, triage_states.c.serial))
        return {row.brand: row.serial for row in rows}

    def load(self, brands: Collection[str]) -> dict[str, Any]:
        """The values of these brands, of those that have one."""
        columns = (triage_states.c.brand, triage_states.c.value)
        rows = self._connection.execute(select(*columns).where(dialect.one_of(triage_states.c.brand, brands)))
        return {row.brand: json.loads(zlib.decompress(row.value)) for row in rows}

    def save(self, brand: str, value: Mapping[str, Any], now: datetime) -> int:
        """Replace a brand's state; its new serial. NaN is no JSON: ValueError."""
        serial = self.serials().get(brand, 0) + 1
        packed = zlib.compress(json.dumps(value, allow_nan=False, separators=(",", ":")).encode(), 1)
        self._connection.execute(
            dialect.upsert(triage_states, replace=("serial", "value", "saved_at")),
            {"brand": brand, "serial": serial, "value": packed, "saved_at": now},
        )
        return serial
