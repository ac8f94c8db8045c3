"""What a person does at the board: one desk verb each, and what they are told about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from listener import desk
from listener.board import identity, notices, place, words
from listener.desk import Actor
from listener.errors import AlreadyClaimedError, DeskError, ListenerError
from listener.store import Store


def actor() -> Actor | None:
    """Who acts; None before they said who they are."""
    return identity.actor()


def claim(alert_id: int) -> None:
    """Take an alert. Whoever is second reads who was first."""
    perform(
        alert_id,
        lambda store, actor, now: desk.claim(store, alert_id, actor, now),
        f"You have alert {alert_id} now.",
    )


def release(alert_id: int) -> None:
    perform(
        alert_id,
        lambda store, actor, now: desk.release(store, alert_id, actor, now),
        f"Alert {alert_id} is back in the queue.",
    )


def resolve(alert_id: int, outcome: str | None, cause_fixed: bool | None) -> None:
    if outcome is None:
        notices.say("soon", "Choose first how the case ended.")
        return
    perform(
        alert_id,
        lambda store, actor, now: desk.resolve(
            store, alert_id, actor, now, outcome=outcome, cause_fixed=bool(cause_fixed)
        ),
        f"Alert {alert_id} is resolved: {words.word(words.OUTCOMES, outcome).lower()}.",
    )


def dismiss(alert_id: int, reason: str | None) -> None:
    if reason is None:
        notices.say("soon", "Choose first why it is dismissed.")
        return
    perform(
        alert_id,
        lambda store, actor, now: desk.dismiss(store, alert_id, actor, now, reason=reason),
        f"Alert {alert_id} is dismissed: {words.word(words.DISMISSALS, reason).lower()}.",
    )


def undo(alert_id: int) -> None:
    perform(
        alert_id,
        lambda store, actor, now: desk.undo(store, alert_id, actor, now),
        f"The last step on alert {alert_id} is undone.",
    )


def add_note(alert_id: int, text: str) -> bool:
    """Whether it was kept."""
    return perform(
        alert_id,
        lambda store, actor, now: desk.add_note(store, alert_id, actor, now, text),
        "Your note is kept.",
    )


def perform(alert_id: int, verb: Callable[[Store, Actor, datetime], object], done: str) -> bool:
    """Do it as whoever is in front, and tell them what came of it; whether it was done."""
    me = actor()
    if me is None:
        return False
    try:
        verb(place.store(), me, datetime.now(UTC))
    except AlreadyClaimedError as error:
        notices.say("soon", f"{error.owner} already has alert {alert_id}.", alert_id=alert_id)
    except DeskError as error:
        notices.say("soon", f"{_sentence(error)} {error.hint}".strip(), alert_id=alert_id)
    except ListenerError as error:
        notices.say("late", f"Not done: {error}. {error.hint}".strip())
    else:
        notices.say("good", done, alert_id=alert_id)
        return True
    return False


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
