"""Tables of what must be kept and what was let go: legal holds, exports, erased posts, samples of unflagged posts."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from listener.store.columns import Moment
from listener.store.tables import metadata

holds = Table(
    "holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("alert_id", Integer),
    Column("mention_id", Integer),
    Column("author", String),
    Column("source", String),
    Column("reason", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", String),
    sqlite_autoincrement=True,
)
"""Legal holds: what they name is neither purged nor erased until somebody lifts them."""

exports = Table(
    "exports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("file", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What was handed out, where it went, and how much."""

erased = Table(
    "erased",
    metadata,
    Column("key", String, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Hashes of the names of erased posts, so that they are not taken again; the names themselves may tell the author."""

samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("week", String, nullable=False),
    Column("mention_id", Integer, ForeignKey("mentions.id", ondelete="CASCADE"), nullable=False),
    Column("text_sha256", String, nullable=False),
    Column("stratum", String, nullable=False),
    Column("probability", Float, nullable=False),
    Column("complaint", Integer),
    Column("labelled_at", Moment),
    UniqueConstraint("week", "mention_id", name="uq_samples_week_mention_id"),
    Index("ix_samples_text", "text_sha256"),
    sqlite_autoincrement=True,
)
"""Posts drawn at random in a week to be labelled; `complaint` is the latest label."""

sample_sizes = Table(
    "sample_sizes",
    metadata,
    Column("week", String, primary_key=True),
    Column("stratum", String, primary_key=True),
    Column("posts", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
)
"""How many posts each stratum had, and how many were drawn of them."""
