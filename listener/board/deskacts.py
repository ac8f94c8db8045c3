"""What a person does at the board with a case beyond claiming and closing: one desk verb each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from listener import desk
from listener.board import identity, notices, place, words
from listener.board.acts import perform
from listener.desk import Actor, bulk, by_hand, handing, holding, looking, people, recovering, routing, turning
from listener.errors import ListenerError
from listener.store import Store
from listener.store.rows import AlertRow
from listener.triage.people import ANSWERING, Roster

ASIDE: Final = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "3d": timedelta(days=3)}
ASIDE_WORDS: Final = {"1h": "1 hour", "4h": "4 hours", "1d": "1 day", "3d": "3 days"}
KEEP: Final = timedelta(days=1)


def who() -> Roster:
    """Everybody who works here."""
    with place.store().read() as tx:
        return people.roster(tx, place.settings())


def colleagues(me: str) -> list[str]:
    """Those whom one may hand a case to."""
    return [name for name in who().names(*ANSWERING) if name != me]


def offer(alert_id: int, to: str | None, note: str) -> None:
    if to is None:
        notices.say("soon", "Choose first who is to have it.")
        return
    perform(
        alert_id,
        lambda store, actor, now: handing.offer(store, alert_id, actor, now, to=to, people=who(), note=note),
        f"Offered to {to}. It stays yours until they accept.",
    )


def assign(alert_id: int, to: str | None) -> None:
    if to is None:
        notices.say("soon", "Choose first who is to have it.")
        return
    perform(
        alert_id,
        lambda store, actor, now: handing.assign(store, alert_id, actor, now, to=to, people=who()),
        f"Alert {alert_id} is {to}'s now.",
    )


def accept(alert_id: int) -> None:
    perform(alert_id, lambda s, actor, now: handing.accept(s, alert_id, actor, now), f"You have alert {alert_id} now.")


def decline(alert_id: int) -> None:
    perform(alert_id, lambda s, actor, now: handing.decline(s, alert_id, actor, now), "The hand-over is called off.")


def keep(alert_id: int) -> None:
    perform(
        alert_id,
        lambda store, actor, now: holding.keep(store, alert_id, actor, now, until=now + KEEP),
        "It stays yours for a day, whatever your shift says.",
    )


def snooze(alert_id: int, how_long: str) -> None:
    perform(
        alert_id,
        lambda store, actor, now: holding.snooze(store, alert_id, actor, now, until=now + ASIDE[how_long]),
        f"Put aside for {ASIDE_WORDS[how_long]}; it comes back at once if it is overdue or gets worse.",
    )


def wake(alert_id: int) -> None:
    perform(
        alert_id, lambda s, actor, now: holding.wake(s, alert_id, actor, now), f"Alert {alert_id} is back in sight."
    )


def wait(alert_id: int) -> None:
    perform(
        alert_id,
        lambda store, actor, now: turning.wait(store, alert_id, actor, now),
        "Waiting for the customer; the clock stands still.",
    )


def heard(alert_id: int) -> None:
    perform(
        alert_id,
        lambda store, actor, now: turning.heard(store, alert_id, actor, now),
        "Our turn; the clock runs again.",
    )


def reopen(alert_id: int) -> None:
    perform(alert_id, lambda s, actor, now: desk.reopen(s, alert_id, actor, now), f"Alert {alert_id} is yours again.")


def follow_up(alert_id: int, result: str | None) -> None:
    if result is None:
        notices.say("soon", "Choose first what you found.")
        return
    perform(
        alert_id,
        lambda store, actor, now: desk.follow_up(store, alert_id, actor, now, result=result),
        f"Noted: {words.word(words.FOLLOW_UPS, result).lower()}.",
    )


def pass_step(alert_id: int, step: str, note: str, skip: bool) -> bool:
    settings = place.settings()
    return perform(
        alert_id,
        lambda s, actor, now: recovering.pass_step(s, settings, alert_id, actor, now, step=step, note=note, skip=skip),
        "On to the next step.",
    )


def keep_draft(alert_id: int, text: str) -> None:
    """Without a word about it, unless it could not be kept."""
    actor = identity.actor()
    if actor is None:
        return
    try:
        turning.keep_draft(place.store(), alert_id, actor, datetime.now(UTC), text)
    except ListenerError as error:
        notices.say("late", f"Your draft was not kept: {error}.")


def sent(alert_id: int, text: str, link: str, waiting: bool) -> bool:
    return perform(
        alert_id,
        lambda s, actor, now: turning.replied(s, alert_id, actor, now, text=text, link=link, waiting=waiting),
        "Noted as sent. " + ("Waiting for the customer; the clock stands still." if waiting else "We still owe them."),
    )


def look(alert_id: int, *, doing: looking.Doing) -> tuple[tuple[str, str], ...]:
    """Say that one is here, now and then, and read who else is."""
    import streamlit as st

    actor, now = identity.actor(), datetime.now(UTC)
    if actor is None:
        return ()
    said: dict[int, datetime] = st.session_state.setdefault("_looked", {})
    if now - said.get(alert_id, datetime.min.replace(tzinfo=UTC)) >= looking.SAY_EVERY:
        looking.look(place.store(), alert_id, actor, now, doing=doing)
        said[alert_id] = now
    return looking.others_at(place.store(), [alert_id], actor, now).get(alert_id, ())


# ------------------------------------------------------------------ many at once, by hand, by the rules


def on_each(alert_ids: Sequence[int], verb: Callable[[Store, int, Actor, datetime], AlertRow], did: str) -> None:
    """One act on all that were chosen; what was refused is told with the first reason."""
    actor, store, now = identity.actor(), place.store(), datetime.now(UTC)
    if actor is None or not alert_ids:
        notices.say("soon", "Choose some alerts first.")
        return
    try:
        found = bulk.each(alert_ids, lambda number: verb(store, number, actor, now))
    except ListenerError as error:
        notices.say("late", f"Not done: {error}. {error.hint}".strip())
        return
    done = f"{words.count(len(found.done), 'alert is', 'alerts are')} {did}."
    if found.refused:
        number, why = found.refused[0]
        done += f" {words.count(len(found.refused), 'was', 'were')} refused, alert {number} for one: {why}."
    notices.say("good" if found.done else "soon", done)


def claim_each(alert_ids: Sequence[int]) -> None:
    on_each(alert_ids, lambda store, number, actor, now: desk.claim(store, number, actor, now), "yours")


def snooze_each(alert_ids: Sequence[int]) -> None:
    def aside(store: Store, number: int, actor: Actor, now: datetime) -> AlertRow:
        return holding.snooze(store, number, actor, now, until=now + ASIDE["1d"])

    on_each(alert_ids, aside, "put aside for a day")


def dismiss_each(alert_ids: Sequence[int], reason: str) -> None:
    def dismiss(store: Store, number: int, actor: Actor, now: datetime) -> AlertRow:
        return desk.dismiss(store, number, actor, now, reason=reason)

    on_each(alert_ids, dismiss, f"dismissed: {words.word(words.DISMISSALS, reason).lower()}")


def open_case(told: by_hand.Told) -> int | None:
    """The new alert's number."""
    actor = identity.actor()
    if actor is None:
        return None
    try:
        row = by_hand.open_case(place.store(), place.settings(), actor, datetime.now(UTC), told)
    except ListenerError as error:
        notices.say("soon", f"Not opened: {error}. {error.hint}".strip())
        return None
    notices.say("good", f"Alert {row.id} is open.", alert_id=row.id)
    return row.id


def reroute() -> None:
    actor = identity.actor()
    if actor is None:
        return
    try:
        done = routing.reroute(place.store(), place.settings(), actor, datetime.now(UTC))
    except ListenerError as error:
        notices.say("late", f"Not done: {error}. {error.hint}".strip())
        return
    notices.say("good", f"{words.count(len(done), 'alert', 'alerts')} led elsewhere.")
