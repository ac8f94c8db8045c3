"""Ending a case: with an outcome, or by putting it aside with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from listener.desk.acts import present, record
from listener.desk.authorise import Actor, Verb, permit
from listener.desk.notes import tidy_note
from listener.errors import AlreadyClaimedError, NotHolderError, UsageError, WrongStateError
from listener.store import Store
from listener.store.rows import AlertRow
from listener.store.store import Tx
from listener.types import DISMISSALS, OUTCOMES, Label

LABELLING_DISMISSAL = "not_a_complaint"
FOLLOW_UP: Final = timedelta(days=7)
_FOLLOWED: Final = ("kept", "lost", "no_answer")

FOLLOW_UPS: Final = ("well", "unhappy", "no_answer", "moot")
"""What a look back can find; `unhappy` reopens the case."""


def resolve(
    store: Store,
    alert_id: int,
    actor: Actor,
    now: datetime,
    *,
    outcome: str,
    note: str = "",
    cause_fixed: bool = False,
    follow_up: timedelta = FOLLOW_UP,
) -> AlertRow:
    """Close a case one holds with how it ended (types.OUTCOMES), and whether the cause is fixed for others too.

    What nobody says is fixed counts as not fixed. A look at whether the customer is well is planned for `follow_up`
    later, unless there was none to keep. Raises UsageError for an unknown outcome, NotHolderError,
    WrongStateError, NoSuchAlertError.
    """
    permit(store, actor, "resolve", now, alert_id)
    _known("outcome", outcome, OUTCOMES)
    note = tidy_note(note)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.resolve(alert_id, actor.name, now, outcome=outcome, cause_fixed=cause_fixed):
            data: dict[str, object] = {"outcome": outcome, "cause_fixed": cause_fixed}
            if note:
                data["note"] = tx.cases.add_note(alert_id, actor.name, note, now)
            if outcome in _FOLLOWED:
                tx.aftercare.plan(alert_id, now + follow_up, actor.name)
            return record(tx, before, actor, "resolve", "resolved", now, data)
    if before.state in ("resolved", "dismissed"):
        raise WrongStateError(alert_id, before.state, "resolved")
    raise NotHolderError(alert_id, before.owner)


def dismiss(store: Store, alert_id: int, actor: Actor, now: datetime, *, reason: str) -> AlertRow:
    """Put an alert aside (types.DISMISSALS): a free one, or one that one holds.

    `not_a_complaint` says that the classifier was wrong, so it also writes a label of that text; the others do not.
    Raises UsageError for an unknown reason, AlreadyClaimedError, WrongStateError, NoSuchAlertError.
    """
    permit(store, actor, "dismiss", now, alert_id)
    _known("reason", reason, DISMISSALS)
    with store.write() as tx:
        before = present(tx, alert_id)
        if tx.cases.dismiss(alert_id, actor.name, now, reason=reason):
            label = _label(tx, before, actor.name, now) if reason == LABELLING_DISMISSAL else None
            return record(tx, before, actor, "dismiss", "dismissed", now, {"reason": reason, "label": label})
    if before.state == "claimed" and before.owner is not None:
        raise AlreadyClaimedError(alert_id, before.owner)
    raise WrongStateError(alert_id, before.state, "dismissed")


def reopen(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """Take up a closed case again, as its holder. Raises WrongStateError if it is not closed, NoSuchAlertError."""
    permit(store, actor, "reopen", now, alert_id)
    with store.write() as tx:
        before = present(tx, alert_id)
        return _reopened(tx, before, actor, "reopen", now)


def follow_up(store: Store, alert_id: int, actor: Actor, now: datetime, *, result: str) -> AlertRow:
    """What the look back found (FOLLOW_UPS). Raises UsageError, WrongStateError if none is planned."""
    permit(store, actor, "followup", now, alert_id)
    _known("result", result, FOLLOW_UPS)
    with store.write() as tx:
        before = present(tx, alert_id)
        if not tx.aftercare.finish(alert_id, actor.name, result, now):
            raise WrongStateError(alert_id, before.state, "followed up: nothing is planned")
        if result == "unhappy" and before.state == "resolved":
            return _reopened(tx, before, actor, "followup", now)
        return record(tx, before, actor, "followup", "followed_up", now, {"result": result})


def _reopened(tx: Tx, before: AlertRow, actor: Actor, verb: Verb, now: datetime) -> AlertRow:
    if not tx.cases.reopen(before.id, actor.name, now):
        raise WrongStateError(before.id, before.state, "reopened")
    tx.aftercare.cancel(before.id)
    return record(tx, before, actor, verb, "reopened", now, {"to": actor.name})


def _label(tx: Tx, alert: AlertRow, who: str, now: datetime) -> int | None:
    """The label's id; none for a deleted post, whose text nobody can learn from."""
    mention = tx.mentions.get(alert.mention_id)
    if mention is None or mention.deleted_at is not None:
        return None
    return tx.labels.add(
        Label(
            text_sha256=mention.text_sha256,
            who=who,
            at=now,
            origin="board:dismiss",
            source=mention.source,
            complaint=0,
            severity=0,
            cause="none",
        )
    )


def _known(what: str, given: str, valid: tuple[str, ...]) -> None:
    if given not in valid:
        raise UsageError(f"unknown {what} {given!r}: expected one of {', '.join(valid)}")
