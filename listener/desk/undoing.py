"""Taking back one's own last act."""

from __future__ import annotations

from datetime import datetime

from listener.desk.acts import ACTS, UNDOABLE, present, was_before
from listener.desk.authorise import Actor, audit, permit
from listener.desk.promises import renew
from listener.errors import NotAllowedError, WrongStateError
from listener.store import Store
from listener.store.rows import AlertRow


def undo(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Put the alert back to where it was before the actor's last act on it, if nobody acted since.

    A label that the act wrote is withdrawn; a note stays. Undoing again takes back the act before that. Raises
    WrongStateError if there is nothing to undo, NotAllowedError if the last act was somebody else's, NoSuchAlertError.
    """
    permit(store, actor, "undo", now, alert_id)
    with store.write() as tx:
        alert = present(tx, alert_id)
        act = tx.events.last_act(alert_id, ACTS)
        if act is None or (act.kind not in UNDOABLE and act.actor == actor.name):
            raise WrongStateError(alert_id, alert.state, "undone")
        if act.actor != actor.name:
            raise NotAllowedError(alert_id, f"the last act on alert {alert_id} was by {act.actor}, not by you")
        tx.cases.restore(alert, was_before(act.data, alert))
        tx.events.mark_undone(act.id)
        if act.kind == "resolved":
            tx.aftercare.cancel(alert_id)
        if (label := act.data.get("label")) is not None:
            tx.labels.withdraw(label)
        tx.events.add(alert_id, now, actor.name, "undone", {"act": act.kind, "event": act.id})
        audit(tx, actor, "undo", now, alert_id, {"event": act.id})
        renew(tx, alert_id, now)
        return present(tx, alert_id)
