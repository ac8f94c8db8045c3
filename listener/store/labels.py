"""Labels that people gave: what training learns from. They are keyed by a text's hash and outlive the text."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, delete, func, insert, select

from listener.store.tables import labels
from listener.types import Label

_FIELDS = (
    *("text_sha256", "who", "at", "origin", "complaint", "severity", "cause", "churn", "selection_probability"),
    "source",
)


class Labels:
    """Statements on the table `labels`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, label: Label) -> int:
        """Write one label; its id."""
        values = {name: getattr(label, name) for name in _FIELDS}
        return int(self._connection.execute(insert(labels).returning(labels.c.id), values).scalar_one())

    def withdraw(self, label_id: int) -> bool:
        """Take a label back; False if it is not there."""
        return self._connection.execute(delete(labels).where(labels.c.id == label_id)).rowcount == 1

    def count(self) -> int:
        return int(self._connection.execute(select(func.count()).select_from(labels)).scalar_one())

    def all(self) -> Iterator[Label]:
        """All labels in the order in which they were given."""
        for row in self._connection.execute(select(*(labels.c[name] for name in _FIELDS)).order_by(labels.c.id)):
            yield Label(**row._mapping)
