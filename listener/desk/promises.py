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
from listener.triage.sla import Promise, Promises, due_after, from_json, to_json

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
    changes = tx.promises.periods(alert.id) or [(alert.posted_at, alert.policy)]
    return [Period(since, promise_of(tx, code)) for since, code in changes]


def promise_of(tx: Tx, code: str) -> Promise:
    """A promise by its code; the code is a hash of it, so what was read once stays true."""
    if code not in _read:
        _read.update({name: from_json(stored) for name, stored in tx.promises.policies().items()})
    return _read[code]


_read: Final[dict[str, Promise]] = {}


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


def keep_promises(tx: Tx, settings: Settings, now: datetime, *, new_only: bool, limit: int | None = None) -> int:
    """Note for active alerts which promise holds, where none was noted or another one does now; for how many.

    No more than `limit` at once.
    """
    promises = Promises.of(settings)
    active = list(tx.promises.active(without_only=new_only))
    if not active:
        return 0
    brands = (
        tx.mentions.brands([one.mention_id for one in active]) if any(p.brand for p, _ in promises.policies) else {}
    )
    changed: dict[int, Promise] = {}
    fresh: list[tuple[int, str, datetime | None]] = []
    codes: dict[Promise, str] = {}
    for one in active:
        if limit is not None and len(changed) >= limit:
            break
        promise = _fitting(promises, one, brands.get(one.mention_id, ()))
        if codes.setdefault(promise, promise.code) != one.policy:
            changed[one.alert_id] = promise
            if one.policy is None and not one.answered and _first_is_first(promise):
                fresh.append((one.alert_id, codes[promise], due_after(promise.hours, promise.first, one.posted_at)))
    tx.promises.keep_policies({codes[promise]: to_json(promise) for promise in changed.values()}, now)
    tx.promises.note_first(fresh)  # most alerts by far: nothing has happened yet that a clock would have to be read for
    done = {alert_id for alert_id, _, _ in fresh}
    for alert_id, promise in changed.items():
        if alert_id in done:
            continue
        tx.promises.note(alert_id, codes[promise], now)
        renew(tx, alert_id, now)
    return len(changed)


def _first_is_first(promise: Promise) -> bool:
    """Whether a first answer is what is owed first, whatever else is."""
    settled, first = promise.resolution.worked, promise.first.worked
    return settled is None or (first is not None and first <= settled)


def _fitting(promises: Promises, one: Promised, brands: Iterable[str]) -> Promise:
    named = tuple(brands) or ((one.brand,) if one.brand else ())
    return promises.fitting(brands=named, source=one.source, severity=one.severity)
