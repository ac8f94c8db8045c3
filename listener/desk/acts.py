"""What all verbs share: the alert before an act, and the act's line in its history and in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from listener.desk.authorise import Actor, Verb, audit
from listener.desk.promises import renew
from listener.errors import NoSuchAlertError
from listener.store.cases import RESTORED
from listener.store.rows import AlertRow
from listener.store.store import Tx

UNDOABLE: Final = ("claimed", "released", "resolved", "dismissed", "offered", "kept", "snoozed")
"""Acts that one can take back alone."""

ACTS: Final = (*UNDOABLE, "accepted", "declined", "assigned", "returned", "reopened", "woken")
"""Steps of a history that changed the alert's state: after one of these nothing before it can be taken back."""

_MOMENTS: Final = ("claimed_at", "touched_at", "offered_at", "kept_until", "snoozed_until", "closed_at")

MAX_ID: Final = 2**63 - 1
"""No database has a row of a higher number, and asking for one is an error."""


def present(tx: Tx, alert_id: int) -> AlertRow:
    """The alert as it is now. Raises NoSuchAlertError."""
    alert = tx.alerts.get(alert_id) if 0 < alert_id <= MAX_ID else None
    if alert is None:
        raise NoSuchAlertError(alert_id)
    return alert


def record(
    tx: Tx,
    before: AlertRow,
    actor: Actor,
    verb: Verb,
    kind: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> AlertRow:
    """Write an act into history and audit, with what it takes to undo it; the alert after the act, its clocks read."""
    write_event(tx, before, actor.name, kind, now, data)
    told = {"to": to} if (to := (data or {}).get("to")) else {}
    codes = {key: value for key, value in (data or {}).items() if key in _CODES}
    audit(tx, actor, verb, now, before.id, {**codes, **told})
    renew(tx, before.id, now)
    return present(tx, before.id)


_CODES: Final = (
    "outcome",
    "cause_fixed",
    "reason",
    "note",
    "label",
    "step",
    "state",
    "event",
    "until",
    "result",
    "waiting",
)


def write_event(
    tx: Tx, before: AlertRow, actor: str, kind: str, now: datetime, data: Mapping[str, Any] | None = None
) -> int:
    """A step of the history that changed the alert, with how it was before; its id."""
    was = {name: _plain(getattr(before, name)) for name in RESTORED}
    return tx.events.add(before.id, now, actor, kind, {**(data or {}), "was": was})


def was_before(data: Mapping[str, Any], now: AlertRow) -> dict[str, Any]:
    """How the alert was before an act, from the act's line; what an older listener did not note stays as it is."""
    was: Mapping[str, Any] = data["was"]
    found = {name: was[name] if name in was else getattr(now, name) for name in RESTORED}
    if "closed_at" not in was:  # an older listener's acts were all on alerts that were not closed
        found.update(closed_at=None, outcome=None, reason=None, cause_fixed=None)
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and isinstance(value, str) else value
        for name, value in found.items()
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
