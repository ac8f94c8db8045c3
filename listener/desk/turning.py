"""Whose turn it is: we answered, we wait for the customer, they spoke elsewhere; and the draft of an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from listener.desk.acts import present, record
from listener.desk.authorise import Actor, may, permit
from listener.desk.holding import not_held
from listener.desk.playbooks import BLANK
from listener.errors import UsageError
from listener.store import Store
from listener.store.aftercare import ReplyRow
from listener.store.rows import AlertRow
from listener.text.clean import clean
from listener.triage.replying import Answer, Remark, remarks

LONGEST_REPLY: Final = 20_000
LONGEST_LINK: Final = 2_000


def replied(
    store: Store, alert_id: int, actor: Actor, now: datetime, *, text: str = "", link: str = "", waiting: bool = True
) -> AlertRow:
    """The holder has answered on the platform; `link` is where, `text` what.

    `waiting`: now it is the customer's turn, and the clock of the resolution stands still. Raises UsageError for a link
    that is none or a text with an unfilled {blank}, NotHolderError, WrongStateError, NoSuchAlertError.
    """
    permit(store, actor, "reply", now, alert_id)
    text, link = _tidy(text), link.strip()
    if blank := BLANK.search(text):
        raise UsageError(f"fill in {blank[0]} before this is sent")
    if link and (
        len(link) > LONGEST_LINK or urlsplit(link).scheme not in ("http", "https") or not urlsplit(link).netloc
    ):
        raise UsageError("the answer's address begins with https:// or http://")
    with store.write() as tx:
        before = _mine(present(tx, alert_id), actor, "answered")
        reply = tx.aftercare.send(alert_id, actor.name, text, link or None, now)
        tx.aftercare.mark_answered(alert_id, now)
        tx.cases.touch(alert_id, actor.name, now)
        return record(tx, before, actor, "reply", "replied", now, {"reply": reply, "waiting": waiting})


def wait(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """It is the customer's turn: they were asked something, here or elsewhere. Raises NotHolderError, …"""
    return _turn(store, alert_id, actor, now, "waiting")


def heard(store: Store, alert_id: int, actor: Actor, now: datetime) -> AlertRow:
    """The customer spoke where listener does not hear, by phone perhaps: it is our turn. Raises NotHolderError, …"""
    return _turn(store, alert_id, actor, now, "customer")


def draft(store: Store, alert_id: int, actor: Actor) -> str:
    """What this person has begun to write; empty without a draft."""
    with store.read() as tx:
        found = tx.aftercare.draft(alert_id, actor.name)
    return found.text if found else ""


def keep_draft(store: Store, alert_id: int, actor: Actor, now: datetime, text: str) -> None:
    """Keep what is being written, so that neither a reload nor a colleague's act loses it; no act in the history."""
    permit(store, actor, "reply", now, alert_id)
    text = _tidy(text)
    with store.write() as tx:
        present(tx, alert_id)
        tx.aftercare.keep_draft(alert_id, actor.name, text, now)
        tx.cases.touch(alert_id, actor.name, now)


def look_over(store: Store, alert_id: int, actor: Actor, text: str) -> tuple[Remark, ...]:
    """What to look at again in an answer before it is sent. Raises NoSuchAlertError."""
    with store.read() as tx:
        alert = present(tx, alert_id)
        mention = tx.mentions.get(alert.mention_id)
        answered = bool(tx.aftercare.sent(alert_id)) or alert.first_response_at is not None
    answer = Answer(
        text=text,
        lang=alert.lang,
        channel=alert.channel,
        handle=mention.author if mention else None,
        first=not answered,
        leads=may(actor, "assign"),
    )
    return remarks(answer)


def sent(store: Store, alert_id: int) -> tuple[ReplyRow, ...]:
    """What was sent to this customer, oldest first."""
    with store.read() as tx:
        return tx.aftercare.sent(alert_id)


def _turn(store: Store, alert_id: int, actor: Actor, now: datetime, kind: str) -> AlertRow:
    permit(store, actor, "wait", now, alert_id)
    with store.write() as tx:
        before = _mine(present(tx, alert_id), actor, "waited on")
        tx.cases.touch(alert_id, actor.name, now)
        return record(tx, before, actor, "wait", kind, now)


def _mine(alert: AlertRow, actor: Actor, act: str) -> AlertRow:
    if alert.state != "claimed" or alert.owner != actor.name:
        raise not_held(alert, act)
    return alert


def _tidy(text: str) -> str:
    text = clean(text).strip()
    if len(text) > LONGEST_REPLY:
        raise UsageError(f"an answer has up to {LONGEST_REPLY} characters, not {len(text)}")
    return text
