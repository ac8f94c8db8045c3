"""The tables as SQLAlchemy sees them. The migrations make them; a test holds the two together.

`mentions.stage` is the work left on a mention: 0 to be scored, 1 to be triaged, 2 nothing. Staff, folded and deleted
mentions are always at 2. `text_id` is the row of `mention_texts` with what it says now, none once it is deleted.
`author_key` is a number by which an author's mentions are found, so that the name lies in one place only.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from listener.store.columns import Moment

TO_SCORE, TO_TRIAGE, DONE = 0, 1, 2

metadata = MetaData()

mentions = Table(
    "mentions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("native_id", String, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("collected_at", Moment, nullable=False),
    Column("updated_at", Moment),
    Column("deleted_at", Moment),
    Column("revision", Integer, nullable=False),
    Column("folded_into", Integer, ForeignKey("mentions.id")),
    Column("copy_group", Integer),
    Column("own", Boolean, nullable=False),
    Column("author_key", BigInteger),
    Column("channel", String),
    Column("lang_hint", String),
    Column("parent_id", String),
    Column("thread_id", String),
    Column("repost_of", String),
    Column("text_sha256", String, nullable=False),
    Column("text_id", Integer),
    UniqueConstraint("source", "native_id", name="uq_mentions_source_native_id"),
    Index("ix_mentions_todo", "stage", "id", sqlite_where=text("stage < 2")),
    Index(
        "ix_mentions_author", "author_key", "id", sqlite_where=text("author_key IS NOT NULL AND folded_into IS NULL")
    ),
    Index("ix_mentions_parent", "source", "parent_id", sqlite_where=text("parent_id IS NOT NULL")),
    Index("ix_mentions_thread", "source", "thread_id", sqlite_where=text("thread_id IS NOT NULL")),
    Index("ix_mentions_copy_group", "copy_group", sqlite_where=text("copy_group IS NOT NULL")),
    Index("ix_mentions_age", "source", "posted_at", sqlite_where=text("text_id IS NOT NULL")),
    Index("ix_mentions_folded_into", "folded_into", sqlite_where=text("folded_into IS NOT NULL")),
    sqlite_autoincrement=True,
)

mention_brands = Table(
    "mention_brands",
    metadata,
    Column("mention_id", Integer, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True),
    Column("brand", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Index("ix_mention_brands_brand", "brand", "mention_id"),
    sqlite_with_rowid=False,
)

mention_texts = Table(
    "mention_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mention_id", Integer, ForeignKey("mentions.id", ondelete="CASCADE"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("author", Text),
    Column("url", Text),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Index("ix_mention_texts_mention", "mention_id"),
    sqlite_autoincrement=True,
)
"""What mentions say (`mentions.text_id`) and said before: rows are only ever added, or overwritten in their place by as
many blanks. SQLite moves rows that grow or shrink, and leaves copies of them in the free space of pages; here nothing
moves, so that what is wiped is nowhere.
"""

engagements = Table(
    "engagements",
    metadata,
    Column("mention_id", Integer, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("replies", BigInteger),
    Column("shares", BigInteger),
    Column("likes", BigInteger),
    Column("views", BigInteger),
    Column("followers", BigInteger),
    sqlite_with_rowid=False,
)

copies = Table(
    "copies",
    metadata,
    Column("key", BigInteger, primary_key=True),
    Column("mention_id", Integer, primary_key=True),
    sqlite_with_rowid=False,
)
"""Keys of near-copies (text/copies.py) to the mentions that have them; a hint, always checked against the texts."""

verdicts = Table(
    "verdicts",
    metadata,
    Column("mention_id", Integer, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True),
    Column("complaint", Float, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("churn", Float, nullable=False),
    Column("lang", String, nullable=False),
    Column("model", String, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("scored_at", Moment, nullable=False),
    Column("causes", LargeBinary),
    Column("watched", Boolean, nullable=False, server_default="0"),
)
"""`evidence`: [[start, end, weight], …] in the composed text; the words themselves are never copied here. `causes`: the
probability of each of types.CAUSES in 255ths. `watched`: early detection has counted this mention.
"""

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mention_id", Integer, ForeignKey("mentions.id"), nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("owner", String),
    Column("priority", Float, nullable=False),
    Column("brand", String),
    Column("lang", String, nullable=False),
    Column("source", String, nullable=False),
    Column("channel", String),
    Column("cause", String, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("churn", Float, nullable=False),
    Column("complaint", Float, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("claimed_at", Moment),
    Column("first_response_at", Moment),
    Column("closed_at", Moment),
    Column("outcome", String),
    Column("reason", String),
    Column("cause_fixed", Boolean),
    Column("version", Integer, nullable=False),
    Column("factors", JSON, nullable=False),
    # What we owe next (`due_at` is its time), and what was promised; see desk/promises.py.
    Column("due_kind", String),
    Column("first_due_at", Moment),
    Column("waiting_since", Moment),
    Column("policy", String),
    Column("called", Integer, nullable=False, server_default="0"),
    Column("uncovered", Boolean, nullable=False, server_default="0"),
    # Whose it should be by the routes, and who holds it how.
    Column("team", String),
    Column("assignee", String),
    Column("route", String),
    Column("handovers", Integer, nullable=False, server_default="0"),
    Column("offered_to", String),
    Column("offered_at", Moment),
    Column("touched_at", Moment),
    Column("kept_until", Moment),
    Column("snoozed_until", Moment),
    Column("reopened", Integer, nullable=False, server_default="0"),
    # Where it stands in the queue (triage/priority.py), the lane it is shown in, the incident it belongs to.
    Column("rank", Float, nullable=False, server_default="0"),
    Column("lane", String),
    Column("incident_id", Integer),
    Index("ix_alerts_rank", "state", "rank", "snoozed_until"),
    Index("ix_alerts_lane", "lane", "state", "rank", sqlite_where=text("lane IS NOT NULL")),
    Index("ix_alerts_incident", "incident_id", sqlite_where=text("incident_id IS NOT NULL")),
    Index("ix_alerts_posted", "state", "posted_at"),
    # Holds all that the queue filters by and counts, so that it need not read the wide rows.
    Index("ix_alerts_filters", "state", "lang", "source", "cause", "severity", "owner", "snoozed_until", "mention_id"),
    Index("ix_alerts_owner", "owner", sqlite_where=text("owner IS NOT NULL")),
    Index("ix_alerts_due", "state", "due_at"),
    sqlite_autoincrement=True,
)

alert_events = Table(
    "alert_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", Integer, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("data", JSON, nullable=False),
    Column("undone", Boolean, nullable=False),
    Index("ix_alert_events_alert", "alert_id", "id"),
    sqlite_autoincrement=True,
)

alert_notes = Table(
    "alert_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", Integer, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", String, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_alert_notes_alert", "alert_id"),
)

labels = Table(
    "labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text_sha256", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("origin", String, nullable=False),
    Column("complaint", Integer),
    Column("severity", Integer),
    Column("cause", String),
    Column("churn", Integer),
    Column("selection_probability", Float),
    Column("source", String),
    Index("ix_labels_text", "text_sha256"),
    sqlite_autoincrement=True,
)

sources = Table(
    "sources",
    metadata,
    Column("source", String, primary_key=True),
    Column("kind", String),
    Column("state", String, nullable=False),
    Column("last_item_at", Moment),
    Column("last_ok_at", Moment),
    Column("blind_since", Moment),
    Column("error_code", String),
    Column("error", Text),
    Column("hint", Text),
    Column("failures", Integer, nullable=False),
    Column("next_poll_at", Moment),
    Column("new", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("deleted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("folded", BigInteger, nullable=False),
    Column("lag_s", Float),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("source", String, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("saved_at", Moment, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("saved_at", Moment, nullable=False),
)
"""Small values that a stage carries from batch to batch."""

WITH_TEXT = mentions.outerjoin(mention_texts, mention_texts.c.id == mentions.c.text_id)
"""Mentions with what they say now; nothing but NULL for deleted ones."""
