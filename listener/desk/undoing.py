"""Taking back one's own last act."""

from __future__ import annotations

from datetime import datetime

from listener.desk.acts import ACTS, present
from listener.desk.authorise import Actor, authorise
from listener.errors import NotAllowedError, WrongStateError
from listener.store import Store
from listener.store.rows import AlertRow


def undo(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Put the alert back to where it was before the actor's last act on it, if nobody acted since.

    A label that the act wrote is withdrawn; a note stays. Undoing again takes back the act before that. Raises
    WrongStateError if there is nothing to undo, NotAllowedError if the last act was somebody else's, NoSuchAlertError.
    """
    authorise(actor, "undo", alert_id)
    with store.write() as tx:
        alert = present(tx, alert_id)
        act = tx.events.last_act(alert_id, ACTS)
        if act is None:
            raise WrongStateError(alert_id, alert.state, "undone")
        if act.actor != actor.name:
            raise NotAllowedError(alert_id, f"the last act on alert {alert_id} was by {act.actor}, not by you")
        was = act.data["was"]
        claimed_at = datetime.fromisoformat(was["claimed_at"]) if was["claimed_at"] else None
        tx.cases.restore(alert, state=was["state"], owner=was["owner"], claimed_at=claimed_at)
        tx.events.mark_undone(act.id)
        if (label := act.data.get("label")) is not None:
            tx.labels.withdraw(label)
        tx.events.add(alert_id, now, actor.name, "undone", {"act": act.kind, "event": act.id})
        return present(tx, alert_id)
