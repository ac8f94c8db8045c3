"""From one person to another: offered and accepted, or given by a manager. Every change of hands is counted."""

from __future__ import annotations

from datetime import datetime

from listener.desk.acts import present, record
from listener.desk.authorise import Actor, permit
from listener.desk.holding import not_held
from listener.desk.notes import tidy_note
from listener.errors import NotAllowedError, UsageError, WrongStateError
from listener.settings import nearest_name
from listener.store import Store
from listener.store.rows import AlertRow
from listener.triage.people import ANSWERING, Roster


def offer(
    store: Store, alert_id: int, actor: Actor, now: datetime, *, to: str, people: Roster, note: str = ""
) -> AlertRow:
    """Ask a colleague to take a case one holds; until they accept it stays with the one who asks.

    Raises UsageError for somebody who is not here or may not answer, NotHolderError, WrongStateError, NoSuchAlertError.
    """
    permit(store, actor, "offer", now, alert_id)
    _answers(people, to)
    if to == actor.name:
        raise UsageError("a case cannot be handed over to oneself")
    note = tidy_note(note)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.offer(alert_id, actor.name, to, now):
            data: dict[str, object] = {"to": to}
            if note:
                data["note"] = tx.cases.add_note(alert_id, actor.name, note, now)
            return record(tx, before, actor, "offer", "offered", now, data)
    raise not_held(before, "handed over")


def accept(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Take a case that one was offered. Raises NotAllowedError if one was not, NoSuchAlertError."""
    permit(store, actor, "accept", now, alert_id)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.accept(alert_id, actor.name, now):
            return record(tx, before, actor, "accept", "accepted", now, {"from": before.owner})
    raise NotAllowedError(alert_id, f"alert {alert_id} was not offered to you")


def decline(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Say no to what one was offered, or take one's own offer back. Raises NotAllowedError, NoSuchAlertError."""
    permit(store, actor, "decline", now, alert_id)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.end_offer(alert_id, actor.name):
            return record(tx, before, actor, "decline", "declined", now, {"to": before.offered_to})
    raise NotAllowedError(alert_id, f"nobody offers alert {alert_id} to you, nor do you offer it")


def assign(store: Store, alert_id: int, actor: Actor, now: datetime, *, to: str, people: Roster) -> AlertRow:
    """A manager gives a case to somebody, whoever has it now.

    Raises UsageError for somebody who is not here or may not answer, WrongStateError, NoSuchAlertError.
    """
    permit(store, actor, "assign", now, alert_id)
    _answers(people, to)
    with store.write() as tx:
        before = present(tx, alert_id)
        if before.owner == to and before.state == "claimed":
            return before
        if tx.cases.assign(alert_id, to, now, counted=before.owner is not None):
            return record(tx, before, actor, "assign", "assigned", now, {"to": to, "from": before.owner})
    raise WrongStateError(alert_id, before.state, "given to anybody")


def _answers(people: Roster, name: str) -> None:
    """Where nobody is named in the settings, everybody who says so works here."""
    member = people.get(name)
    if member is None and not people.known and name.strip() and name.isprintable():
        return
    if member is None or member.role not in ANSWERING:
        known = people.names(*ANSWERING)
        close = nearest_name(name, known)
        raise UsageError(
            f"{name!r} does not answer customers here" + (f"; did you mean {close!r}?" if close else ""),
            hint=f"Those who do: {', '.join(known)}." if known else "",
        )
