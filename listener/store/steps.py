"""Steps of a case's recovery that are behind it; each reopening begins anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from listener.store.desk_tables import steps
from listener.store.rows import AlertRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """`state` is done or skipped; `evidence` ids of a note and of an answer."""

    step: str
    state: str
    at: datetime
    by: str
    due_at: datetime | None
    evidence: Mapping[str, Any]


class Steps:
    """Statements on the table `steps`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        alert: AlertRow,
        step: str,
        state: str,
        by: str,
        now: datetime,
        *,
        due_at: datetime | None,
        evidence: Mapping[str, Any],
    ) -> None:
        values = {"alert_id": alert.id, "round": alert.reopened, "step": step, "state": state, "owner": alert.owner}
        when = {"due_at": due_at, "done_at": now, "done_by": by, "evidence": dict(evidence)}
        self._connection.execute(insert(steps), {**values, **when})

    def of(self, alert: AlertRow) -> tuple[StepRow, ...]:
        """Those since it was last reopened, in order."""
        wanted = (steps.c.alert_id == alert.id, steps.c.round == alert.reopened)
        rows = self._connection.execute(select(steps).where(*wanted).order_by(steps.c.id))
        return tuple(
            StepRow(
                step=row.step,
                state=row.state,
                at=row.done_at,
                by=row.done_by,
                due_at=row.due_at,
                evidence=row.evidence,
            )
            for row in rows
        )
