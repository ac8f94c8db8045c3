"""Tables of the desk beside `alerts`: accounts, sessions, audit, presence, promises, recovery steps, follow-ups."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from listener.store.columns import Moment
from listener.store.tables import metadata

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password", String),
    Column("must_change", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("seen_at", Moment),
)
"""Accounts. `password` is an argon2 hash; none for one that cannot sign in with one (the owner of this machine)."""

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String, primary_key=True),
    Column("name", String, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_sessions_name", "name"),
)
"""Who is signed in; the token itself is only in their browser."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("role", String, nullable=False),
    Column("verb", String, nullable=False),
    Column("alert_id", Integer),
    Column("data", JSON, nullable=False),
    Column("digest", String, nullable=False),
    sqlite_autoincrement=True,
)
"""What people did, in ids and codes. `digest` is the hash of the row together with the digest before it."""

presence = Table(
    "presence",
    metadata,
    Column("alert_id", Integer, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("person", String, primary_key=True),
    Column("doing", String, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

promises = Table(
    "promises",
    metadata,
    Column("alert_id", Integer, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("since", Moment, primary_key=True),
    Column("policy", String, nullable=False),
    sqlite_with_rowid=False,
)
"""The answer times that held for an alert, from when on."""

steps = Table(
    "steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", Integer, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("step", String, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String),
    Column("due_at", Moment),
    Column("done_at", Moment),
    Column("done_by", String),
    Column("evidence", JSON, nullable=False),
    Index("ix_steps_alert", "alert_id", "round", "id"),
    sqlite_autoincrement=True,
)
"""Recovery: a row a step of the playbook that was begun; `evidence` holds ids and codes."""

followups = Table(
    "followups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", Integer, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("owner", String),
    Column("told_at", Moment),
    Column("done_at", Moment),
    Column("done_by", String),
    Column("result", String),
    Index("ix_followups_alert", "alert_id"),
    Index("ix_followups_due", "done_at", "due_at"),
    sqlite_autoincrement=True,
)

replies = Table(
    "replies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", Integer, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("person", String, nullable=False),
    Column("state", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", Text),
    Column("at", Moment, nullable=False),
    Index("ix_replies_alert", "alert_id"),
    sqlite_autoincrement=True,
)
"""What we wrote to a customer: `draft` (one a person and alert), or `sent`, with the address of the answer."""
