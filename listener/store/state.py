"""Small values that a stage carries from batch to batch, by name, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from listener.store.dialect import upsert
from listener.store.tables import state


class State:
    """Statements on the table `state`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Any:
        """The value saved under `name`; None if there is none."""
        return self._connection.execute(select(state.c.value).where(state.c.name == name)).scalar_one_or_none()

    def put(self, name: str, value: Any, now: datetime) -> None:
        """Save a JSON value, replacing the one before."""
        self._connection.execute(
            upsert(state, replace=("value", "saved_at")), {"name": name, "value": value, "saved_at": now}
        )

    def drop(self, name: str) -> None:
        self._connection.execute(delete(state).where(state.c.name == name))
