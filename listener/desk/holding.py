"""Taking an alert and giving it back: one owner at a time."""

from __future__ import annotations

from datetime import datetime

from listener.desk.acts import present, record
from listener.desk.authorise import Actor, permit
from listener.errors import AlreadyClaimedError, NotHolderError, WrongStateError
from listener.store import Store
from listener.store.rows import AlertRow


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
    if before.state in ("resolved", "dismissed"):
        raise WrongStateError(alert_id, before.state, "released")
    raise NotHolderError(alert_id, before.owner)
