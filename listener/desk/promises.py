"""What is due on each alert: which promise holds, what happened so far, and so what we owe next.

The arithmetic is pure (triage/clocks.py); here the case's history is read and the answer written beside the alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from listener.settings import Settings
from listener.store.promises import Promised
from listener.store.rows import AlertRow, EventRow
from listener.store.store import Tx
from listener.triage.clocks import Clocks, Happening, HappeningKind, Period, clocks
from listener.triage.sla import Promise, Promises, from_json, to_json

_MEANS: Final[dict[str, HappeningKind]] = {
    "first_response": "answered",
    "answered": "answered",
    "waiting": "waiting",
    "customer": "customer",
    "resolved": "resolved",
    "dismissed": "resolved",
    "reopened": "reopened",
}
"""What a step of the history means for the clocks; `replied` says it in its data."""


def happenings(history: Sequence[EventRow]) -> list[Happening]:
    """What of a history bears on the clocks; what was undone does not."""
    found: list[Happening] = []
    for event in history:
        kind = _MEANS.get(event.kind)
        if event.kind == "replied":
            kind = "waiting" if event.data.get("waiting") else "answered"
        if kind is not None and not event.undone:
            found.append(Happening(event.at, kind))
    return found


def periods(tx: Tx, alert: AlertRow) -> list[Period]:
    """Since when which promise holds for an alert; empty if none was noted yet."""
    if alert.policy is None:
        return []
    known = tx.promises.policies()
    changes = tx.promises.periods(alert.id) or [(alert.posted_at, alert.policy)]
    return [Period(since, from_json(known[code])) for since, code in changes]


def read_clocks(tx: Tx, alert: AlertRow, now: datetime) -> Clocks | None:
    """The alert's clocks as they stand; None if no promise was noted yet."""
    held = periods(tx, alert)
    return clocks(alert.posted_at, happenings(tx.events.of(alert.id)), held, now) if held else None


def renew(tx: Tx, alert_id: int, now: datetime) -> None:
    """Write what is owed next beside the alert; a closed one keeps what it had."""
    alert = tx.alerts.get(alert_id)
    if alert is None or alert.state in ("resolved", "dismissed"):
        return
    found = read_clocks(tx, alert, now)
    if found is not None:
        owed = found.owed()
        tx.promises.set_due(
            alert,
            due_at=owed.due_at if owed else None,
            kind=owed.kind if owed else None,
            waiting=found.waiting_since,
        )


def keep_promises(tx: Tx, settings: Settings, now: datetime, *, new_only: bool) -> int:
    """Note for active alerts which promise holds, where none was noted or another one does now; for how many."""
    promises = Promises.of(settings)
    active = list(tx.promises.active(without_only=new_only))
    if not active:
        return 0
    brands = (
        tx.mentions.brands([one.mention_id for one in active]) if any(p.brand for p, _ in promises.policies) else {}
    )
    changed: dict[int, Promise] = {}
    codes: dict[Promise, str] = {}
    for one in active:
        promise = _fitting(promises, one, brands.get(one.mention_id, ()))
        if codes.setdefault(promise, promise.code) != one.policy:
            changed[one.alert_id] = promise
    tx.promises.keep_policies({codes[promise]: to_json(promise) for promise in changed.values()}, now)
    for alert_id, promise in changed.items():
        tx.promises.note(alert_id, codes[promise], now)
        renew(tx, alert_id, now)
    return len(changed)


def _fitting(promises: Promises, one: Promised, brands: Iterable[str]) -> Promise:
    named = tuple(brands) or ((one.brand,) if one.brand else ())
    return promises.fitting(brands=named, source=one.source, severity=one.severity)
