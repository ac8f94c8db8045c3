"""Labels that people gave: what training learns from. They are keyed by a text's hash and outlive the text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from listener.store import dialect
from listener.store.mentions import Mentions
from listener.store.rows import MentionRow
from listener.store.samples import Samples
from listener.store.tables import labels, mentions
from listener.types import Label

_FIELDS = (
    *("text_sha256", "who", "at", "origin", "complaint", "severity", "cause", "churn", "selection_probability"),
    "source",
)
_CHUNK = 500


class Labels:
    """Statements on the table `labels`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._samples = Samples(connection)

    def add(self, label: Label) -> int:
        """Write one label; its id. One of a post that was drawn at random says with which probability."""
        values = {name: getattr(label, name) for name in _FIELDS}
        if label.selection_probability is None:
            values["selection_probability"] = self._samples.probability(label.text_sha256)
        number = int(self._connection.execute(insert(labels).returning(labels.c.id), values).scalar_one())
        self._settle(label.text_sha256, label.at)
        return number

    def withdraw(self, label_id: int) -> bool:
        """Take a label back; False if it is not there."""
        statement = delete(labels).where(labels.c.id == label_id).returning(labels.c.text_sha256, labels.c.at)
        gone = self._connection.execute(statement).one_or_none()
        if gone is not None:
            self._settle(gone.text_sha256, gone.at)
        return gone is not None

    def _settle(self, text_sha256: str, now: datetime) -> None:
        last = (
            select(labels.c.complaint)
            .where(labels.c.text_sha256 == text_sha256, labels.c.complaint.is_not(None))
            .order_by(labels.c.id.desc())
            .limit(1)
        )
        self._samples.settle(text_sha256, self._connection.execute(last).scalar_one_or_none(), now)

    def sources(self, hashes: Collection[str]) -> dict[str, str]:
        """Where these texts were posted, of those that are stored."""
        statement = select(mentions.c.text_sha256, mentions.c.source).where(
            dialect.one_of(mentions.c.text_sha256, hashes)
        )
        return {row.text_sha256: row.source for row in self._connection.execute(statement)}

    def texts(self, hashes: Collection[str]) -> Iterator[MentionRow]:
        """The stored posts with these texts; of several with the same text one."""
        first = (
            select(func.min(mentions.c.id))
            .where(dialect.one_of(mentions.c.text_sha256, hashes), mentions.c.text_id.is_not(None))
            .group_by(mentions.c.text_sha256)
        )
        ids = list(self._connection.scalars(first))
        for at in range(0, len(ids), _CHUNK):
            yield from Mentions(self._connection).by_ids(ids[at : at + _CHUNK]).values()

    def latest(self, hashes: Collection[str]) -> dict[str, Label]:
        """The last label of each of these texts that has any."""
        statement = select(*(labels.c[name] for name in _FIELDS)).where(dialect.one_of(labels.c.text_sha256, hashes))
        rows = self._connection.execute(statement.order_by(labels.c.id))
        return {row.text_sha256: Label(**row._mapping) for row in rows}

    def count(self) -> int:
        return int(self._connection.execute(select(func.count()).select_from(labels)).scalar_one())

    def all(self) -> Iterator[Label]:
        """All labels in the order in which they were given."""
        for row in self._connection.execute(select(*(labels.c[name] for name in _FIELDS)).order_by(labels.c.id)):
            yield Label(**row._mapping)
