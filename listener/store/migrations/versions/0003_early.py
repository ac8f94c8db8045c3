"""Early detection: incidents, members, history, triage's memory; the queue sorted by value at stake; lanes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("alarm_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("surge", sa.JSON(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand", "number", name="uq_incidents_brand_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incidents_state", "incidents", ["state", "id"], unique=False)
    op.create_table(
        "incident_members",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mention_id"], ["mentions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident_id", "mention_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_incident_members_mention", "incident_members", ["mention_id"], unique=False)
    op.create_table(
        "incident_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incident_events_incident", "incident_events", ["incident_id", "id"], unique=False)
    op.create_table(
        "triage_states",
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("brand"),
    )
    op.add_column("verdicts", sa.Column("causes", sa.LargeBinary()))
    op.add_column("verdicts", sa.Column("watched", sa.Boolean(), nullable=False, server_default="0"))
    op.add_column("alerts", sa.Column("rank", sa.Float(), nullable=False, server_default="0"))
    op.add_column("alerts", sa.Column("lane", sa.String()))
    op.add_column("alerts", sa.Column("incident_id", sa.Integer()))
    op.create_index("ix_alerts_rank", "alerts", ["state", "rank", "snoozed_until"], unique=False)
    op.drop_index("ix_alerts_priority", "alerts")
    op.drop_index("ix_alerts_filters", "alerts")
    op.create_index(
        "ix_alerts_filters",
        "alerts",
        ["state", "lang", "source", "cause", "severity", "owner", "snoozed_until", "mention_id"],
        unique=False,
    )
    op.create_index(
        "ix_alerts_lane", "alerts", ["lane", "state", "rank"], unique=False, sqlite_where=sa.text("lane IS NOT NULL")
    )
    op.create_index(
        "ix_alerts_incident", "alerts", ["incident_id"], unique=False, sqlite_where=sa.text("incident_id IS NOT NULL")
    )
    # What was counted before is no news to triage; alerts that nobody closed get their priority anew.
    op.execute("UPDATE verdicts SET watched = 1 WHERE mention_id IN (SELECT id FROM mentions WHERE stage = 2)")
    op.execute(
        "UPDATE mentions SET stage = 1 WHERE stage = 2 AND deleted_at IS NULL AND folded_into IS NULL AND own = 0"
        " AND id IN (SELECT mention_id FROM alerts WHERE closed_at IS NULL)"
    )
