"""Tables of hearing: what came hour by hour, what was dropped and why, when each post is looked at again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from listener.store.columns import Moment
from listener.store.tables import metadata

hearing = Table(
    "hearing",
    metadata,
    Column("source", String, primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("new", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""By the hour of arrival (UTC); an hour in which nothing came has no row."""

drops = Table(
    "drops",
    metadata,
    Column("source", String, primary_key=True),
    Column("day", Moment, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)

rechecks = Table(
    "rechecks",
    metadata,
    Column("mention_id", Integer, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True),
    Column("source", String, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("ix_rechecks_due", "source", "due_at"),
)
