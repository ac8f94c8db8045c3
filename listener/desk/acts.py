"""What all verbs share: the alert before an act, and the act's line in its history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from listener.errors import NoSuchAlertError
from listener.store.rows import AlertRow
from listener.store.store import Tx

ACTS: Final = ("claimed", "released", "resolved", "dismissed")
"""Steps of a history that are a person's acts on the alert's state, so that they can be taken back."""

MAX_ID: Final = 2**63 - 1
"""No database has a row of a higher number, and asking for one is an error."""


def present(tx: Tx, alert_id: int) -> AlertRow:
    """The alert as it is now. Raises NoSuchAlertError."""
    alert = tx.alerts.get(alert_id) if 0 < alert_id <= MAX_ID else None
    if alert is None:
        raise NoSuchAlertError(alert_id)
    return alert


def record(
    tx: Tx, before: AlertRow, actor: str, kind: str, now: datetime, data: Mapping[str, Any] | None = None
) -> AlertRow:
    """Write an act into the history, with what it takes to undo it; the alert after the act."""
    was = {
        "state": before.state,
        "owner": before.owner,
        "claimed_at": before.claimed_at.isoformat() if before.claimed_at else None,
    }
    tx.events.add(before.id, now, actor, kind, {**(data or {}), "was": was})
    return present(tx, before.id)
