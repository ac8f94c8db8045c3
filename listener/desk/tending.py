"""What the desk does by itself, every few seconds: hears what was said since, keeps the promises' clocks, calls people
before and after something is due, takes back what nobody works on, and wakes what was put aside.

Everything it does is a line in the alert's history, by `listener`. Each step is one transaction; a step that is
repeated changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from listener.desk import routing
from listener.desk.acts import present, write_event
from listener.desk.customers import BATCH, hear
from listener.desk.people import roster
from listener.desk.promises import keep_promises, promise_of, renew
from listener.settings import Settings
from listener.store import Store, Tx
from listener.store.rows import AlertRow
from listener.triage.clocks import calls
from listener.triage.holding import goes_back
from listener.triage.people import Roster

EVERY_S: Final = 3.0
WHOLE_EVERY_S: Final = 60.0
"""Everything that is active is looked at again this often: the settings, a severity or a shift may have changed."""

CHUNK: Final = 100
"""Alerts changed in one transaction: whoever wants to claim meanwhile waits for a fraction of a second only."""

_MACHINE: Final = "listener"
_SEEN: Final = timedelta(minutes=5)
_NEW: Final = timedelta(minutes=10)


class Tending:
    """The desk's own work on one store; `do` is called often and looks itself whether it is time."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._last = self._whole = float("-inf")

    def do(self, now: datetime) -> None:
        """Raises StoreError; what was not done is done the next time."""
        clock = time.monotonic()
        if clock - self._last < EVERY_S:
            return
        whole = clock - self._whole >= WHOLE_EVERY_S
        tend(self._store, self._settings, now, whole=whole)
        self._last = clock
        self._whole = clock if whole else self._whole


def tend(store: Store, settings: Settings, now: datetime, *, whole: bool = True) -> None:
    """One round. `whole`: all active alerts are looked at, not only those that are new or due."""
    with store.read() as tx:
        people = roster(tx, settings)
    while True:
        with store.write() as tx:
            if hear(tx, settings, people, now) < BATCH:
                break
    chunked: tuple[Callable[[Tx], int], ...] = (
        lambda tx: keep_promises(tx, settings, now, new_only=not whole, limit=CHUNK),
        lambda tx: routing.apply(tx, settings, people, now, whole=whole, limit=CHUNK),
        lambda tx: _call(tx, now),
    )
    for chunk in chunked:
        more = True
        while more:
            with store.write() as tx:
                more = chunk(tx) >= CHUNK
    steps: tuple[Callable[[Tx], object], ...] = (
        lambda tx: _cover(tx, people, now, None if whole else now - _NEW),
        lambda tx: _take_back(tx, settings, people, now),
        lambda tx: _wake(tx, now),
        lambda tx: _remind(tx, now),
        lambda tx: tx.presence.drop_before(now - _SEEN),
    )
    for step in steps:
        with store.write() as tx:
            step(tx)


def _call(tx: Tx, now: datetime) -> int:
    """Warn before something is due, say when it was not done, and go up the ladder; for up to CHUNK alerts."""
    told = 0
    known = [promise_of(tx, code) for code in tx.promises.policies()]
    earliest = max((one.warn_before for one in known), default=timedelta(0))
    most = max((2 + len(one.ladder) for one in known), default=0)
    for alert in tx.promises.to_call(now + earliest, most):
        found = calls(alert.due_at, promise_of(tx, alert.policy), now)
        for call in found[alert.called :]:
            kind = {"warning": "warned", "breach": "overdue"}.get(call.kind, "escalated")
            data = {"due": alert.due_kind, **({"to": call.to} if call.to else {})}
            tx.events.add(alert.id, now, _MACHINE, kind, data)
        if len(found) > alert.called:
            tx.promises.told(alert.id, len(found))
            if alert.snoozed and any(call.kind == "breach" for call in found[alert.called :]):
                _wake_one(tx, present(tx, alert.id), now)
            told += 1
            if told >= CHUNK:
                break
    return told


def _cover(tx: Tx, people: Roster, now: datetime, opened_since: datetime | None) -> None:
    """Nobody on shift can answer: the ladder says so at once, not when it is too late."""
    if not people.known:
        return
    missing, back = [], []
    there: dict[tuple[str, str], bool] = {}
    for alert in tx.promises.unanswered(opened_since):
        kind = (alert.lang, alert.cause)
        if kind not in there:
            there[kind] = people.covers(*kind, now)
        covered = alert.held or there[kind]
        if covered and alert.uncovered:
            back.append(alert.id)
        elif not covered and not alert.uncovered:
            missing.append(alert.id)
            tx.events.add(alert.id, now, _MACHINE, "uncovered", {"to": "manager"})
    tx.promises.uncovered(missing, now_covered=back)


def _take_back(tx: Tx, settings: Settings, people: Roster, now: datetime) -> None:
    """No passing of the baton by falling asleep: what is held in silence and was never answered is free again."""
    for alert in tx.cases.held():
        why = goes_back(
            people.get(alert.owner),
            touched_at=alert.touched_at or alert.claimed_at or now,
            kept_until=alert.kept_until,
            answered=alert.first_response_at is not None,
            after=settings.desk.return_after,
            now=now,
        )
        if why and tx.cases.put_back(alert):
            write_event(tx, alert, _MACHINE, "returned", now, {"from": alert.owner, "why": why})
            renew(tx, alert.id, now)


def _wake(tx: Tx, now: datetime) -> None:
    for alert in tx.cases.snoozed():
        before = tx.events.last_act(alert.id, ("snoozed",))
        worse = before is not None and alert.severity > int(before.data.get("severity", alert.severity))
        if worse or (alert.snoozed_until is not None and alert.snoozed_until <= now):
            _wake_one(tx, alert, now)


def _wake_one(tx: Tx, alert: AlertRow, now: datetime) -> None:
    if tx.cases.wake(alert.id):
        write_event(tx, alert, _MACHINE, "woken", now)


def _remind(tx: Tx, now: datetime) -> None:
    """A follow-up is due: said once, and listed until it is done."""
    for planned in tx.aftercare.due(now, untold_only=True):
        tx.events.add(planned.alert_id, now, _MACHINE, "followup_due", {"to": planned.owner})
        tx.aftercare.told(planned.id, now)
