"""Tables of early detection: incidents with their members and history, and what triage remembers of each brand."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from listener.store.columns import Moment
from listener.store.tables import metadata

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("brand", String, nullable=False),
    Column("number", Integer),
    Column("title", Text, nullable=False),
    Column("named", Boolean, nullable=False),
    Column("cause", String, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String),
    Column("claimed_at", Moment),
    Column("opened_at", Moment, nullable=False),
    Column("alarm_at", Moment),
    Column("ended_at", Moment),
    Column("level", Integer, nullable=False),
    Column("surge", JSON),
    Column("merged_into", Integer, ForeignKey("incidents.id")),
    Column("version", Integer, nullable=False),
    UniqueConstraint("brand", "number", name="uq_incidents_brand_number"),
    Index("ix_incidents_state", "state", "id"),
    sqlite_autoincrement=True,
)
"""`number` is triage's own, none for one that triage never knew. `named`: a person gave the title. `surge`: why the
alarm rang. One that was merged into another stays, so that what triage says of it finds its way."""

incident_members = Table(
    "incident_members",
    metadata,
    Column("incident_id", Integer, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("mention_id", Integer, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True),
    Column("joined_at", Moment, nullable=False),
    Index("ix_incident_members_mention", "mention_id"),
    sqlite_with_rowid=False,
)

incident_events = Table(
    "incident_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", Integer, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_incident_events_incident", "incident_id", "id"),
    sqlite_autoincrement=True,
)
"""Alarms (rang, escalated, ended, reopened) and people's acts, in ids, codes and numbers."""

triage_states = Table(
    "triage_states",
    metadata,
    Column("brand", String, primary_key=True),
    Column("serial", Integer, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("saved_at", Moment, nullable=False),
)
"""What triage remembers of a brand, as compressed JSON; `serial` grows with every change, whoever makes it."""
