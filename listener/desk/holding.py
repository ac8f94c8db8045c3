"""Taking an alert, keeping it over a shift's end, putting it out of sight for a while, giving it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from listener.desk.acts import present, record
from listener.desk.authorise import Actor, permit
from listener.errors import AlreadyClaimedError, NotHolderError, UsageError, WrongStateError
from listener.store import Store
from listener.store.rows import AlertRow

LONGEST_SNOOZE: Final = timedelta(days=7)
LONGEST_KEEP: Final = timedelta(days=14)


def claim(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Take an open alert; of many who try at once exactly one gets it. Claiming what one holds changes nothing.

    Raises AlreadyClaimedError naming the holder, WrongStateError if it is closed, NoSuchAlertError.
    """
    permit(store, actor, "claim", now, alert_id)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.claim(alert_id, actor.name, now):
            return record(tx, before, actor, "claim", "claimed", now)
    if before.state != "claimed" or before.owner is None:
        raise WrongStateError(alert_id, before.state, "claimed")
    if before.owner != actor.name:
        raise AlreadyClaimedError(alert_id, before.owner)
    return before


def release(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Give a held alert back to the queue. Raises NotHolderError, WrongStateError, NoSuchAlertError."""
    permit(store, actor, "release", now, alert_id)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.release(alert_id, actor.name):
            return record(tx, before, actor, "release", "released", now)
    raise not_held(before, "released")


def keep(store: Store, alert_id: int, actor: Actor, now: datetime, *, until: datetime) -> AlertRow:
    """Hold it until then although one's shift ends or one is silent.

    Raises UsageError for a time that is past or too far, NotHolderError, WrongStateError, NoSuchAlertError.
    """
    permit(store, actor, "keep", now, alert_id)
    _within(until, now, LONGEST_KEEP, "kept")
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.keep(alert_id, actor.name, until, now):
            return record(tx, before, actor, "keep", "kept", now, {"until": until.isoformat()})
    raise not_held(before, "kept")


def snooze(store: Store, alert_id: int, actor: Actor, now: datetime, *, until: datetime) -> AlertRow:
    """Out of the queue's sight until then, a free alert or one's own; its clocks go on.

    It comes back before its time if it becomes more severe or is not answered in time. Raises UsageError for a time
    that is past or too far, AlreadyClaimedError, WrongStateError, NoSuchAlertError.
    """
    permit(store, actor, "snooze", now, alert_id)
    _within(until, now, LONGEST_SNOOZE, "put aside")
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.snooze(alert_id, actor.name, until):
            return record(
                tx, before, actor, "snooze", "snoozed", now, {"until": until.isoformat(), "severity": before.severity}
            )
    if before.state == "claimed" and before.owner is not None:
        raise AlreadyClaimedError(alert_id, before.owner)
    raise WrongStateError(alert_id, before.state, "snoozed")


def wake(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Back into sight now; nothing changes for one that is. Raises NoSuchAlertError."""
    permit(store, actor, "snooze", now, alert_id)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.wake(alert_id):
            return record(tx, before, actor, "snooze", "woken", now)
    return before


def not_held(before: AlertRow, act: str) -> NotHolderError | WrongStateError:
    """Why somebody who does not hold an alert may not do this to it."""
    if before.state in ("resolved", "dismissed"):
        return WrongStateError(before.id, before.state, act)
    return NotHolderError(before.id, before.owner)


def _within(until: datetime, now: datetime, longest: timedelta, act: str) -> None:
    if not now < until <= now + longest:
        raise UsageError(f"it can be {act} for up to {longest.days} days from now, with an end")
