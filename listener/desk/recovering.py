"""Going through a case's playbook: where it stands, passing a step with its evidence, the draft that a step begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from listener.desk.acts import present, record
from listener.desk.authorise import Actor, may, permit
from listener.desk.holding import not_held
from listener.desk.notes import tidy_note
from listener.desk.playbooks import Playbook, playbook
from listener.desk.promises import periods
from listener.errors import NotAllowedError, UsageError
from listener.settings import Settings
from listener.store import Store, Tx
from listener.store.rows import AlertRow
from listener.triage.recovery import Passed, Progress, missing, progress

_NEEDS = {
    "reply": "an answer must have been sent in this step; note it as sent first",
    "note": "write down what you found or did",
    "nothing": "this step cannot be skipped",
}


@dataclass(frozen=True, slots=True)
class Recovery:
    """A case's playbook and how far it has come."""

    playbook: Playbook
    progress: Progress


def recovery(store: Store, settings: Settings, alert_id: int) -> Recovery:
    """Where a case stands. Raises NoSuchAlertError, SettingsError for a playbook that is none."""
    with store.read() as tx:
        return _read(tx, settings, present(tx, alert_id))


def pass_step(
    store: Store,
    settings: Settings,
    alert_id: int,
    actor: Actor,
    now: datetime,
    *,
    step: str,
    note: str = "",
    skip: bool = False,
) -> AlertRow:
    """The step that is due is done, or skipped where it may be; its note is kept.

    Raises UsageError for another step or missing evidence, NotAllowedError where a manager has to, NotHolderError.
    """
    permit(store, actor, "step", now, alert_id)
    note = tidy_note(note)
    with store.write() as tx:
        before = present(tx, alert_id)
        _is_theirs(before, actor)
        found = _read(tx, settings, before).progress
        current = found.current
        if current is None or current.step != step:
            raise UsageError(f"the step {step!r} is not the one that is due")
        if current.owner == "manager" and not may(actor, "assign"):
            raise NotAllowedError(alert_id, "this step is a manager's", hint="Ask one to look at the case.")
        replies = [one.id for one in tx.aftercare.sent(alert_id) if one.at >= found.since]
        lack = missing(current, note=note, replies=len(replies), skip=skip)
        if lack is not None:
            raise UsageError(_NEEDS[lack] if not skip else _NEEDS["nothing"])
        evidence: dict[str, object] = {"reply": replies[-1]} if replies else {}
        if note:
            evidence["note"] = tx.cases.add_note(alert_id, actor.name, note, now)
        state = "skipped" if skip else "done"
        tx.steps.add(before, step, state, actor.name, now, due_at=found.due_at, evidence=evidence)
        tx.cases.touch(alert_id, actor.name, now)
        return record(tx, before, actor, "step", "step", now, {"step": step, "state": state, **evidence})


def opening_words(store: Store, settings: Settings, alert_id: int) -> str:
    """How an answer of the step that is due may begin, in the customer's language; blanks are to be filled."""
    with store.read() as tx:
        alert = present(tx, alert_id)
        found = _read(tx, settings, alert)
    step = found.playbook.named(found.progress.current.step) if found.progress.current else None
    if step is None or step.say is None:
        return ""
    known = {"{case}": str(alert_id), "{product}": alert.brand or "{product}"}
    words = step.say.of(alert.lang)
    for blank, value in known.items():
        words = words.replace(blank, value)
    return words


def _read(tx: Tx, settings: Settings, alert: AlertRow) -> Recovery:
    book = playbook(settings, alert.cause)
    held = periods(tx, alert)
    rows = tx.steps.of(alert)
    began = alert.claimed_at or alert.posted_at
    passed = [Passed(row.step, "skipped" if row.state == "skipped" else "done", row.at) for row in rows]
    hours = held[-1].promise.hours if held else None
    return Recovery(book, progress([one.rule for one in book.steps], passed, began, hours))


def _is_theirs(alert: AlertRow, actor: Actor) -> None:
    """The holder's, also after the case was settled: what it taught is written down then; a manager's in any case."""
    theirs = alert.owner == actor.name and alert.state in ("claimed", "resolved")
    leads = may(actor, "assign") and alert.state == "claimed"
    if not (theirs or leads):
        raise not_held(alert, "worked on")
