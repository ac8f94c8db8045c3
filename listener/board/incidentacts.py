"""What a person does to an incident at the board: one desk verb each, and what they are told about it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from listener.board import acts, notices, place, words
from listener.desk import Actor, incidents
from listener.errors import DeskError, IncidentError, ListenerError, UsageError
from listener.store import Store


def claim(incident_id: int) -> None:
    """Coordinate it, with those of its alerts that nobody has and that one can answer."""

    def verb(store: Store, actor: Actor, now: datetime) -> str:
        langs = incidents.serves(place.settings(), actor.name)
        done = incidents.claim_incident(store, incident_id, actor, now, langs=langs)
        more = words.count(len(done.taken), "more alert", "more alerts")
        more = words.count(len(done.taken), "more alert", "more alerts")
        taken = f"You coordinate incident {done.incident.id} and have {more}."
        if done.left:
            taken += f" {words.count(done.left, 'alert is', 'alerts are')} left to colleagues who speak the language."
        return taken

    _act(verb)


def release(incident_id: int) -> None:
    _act(
        lambda store, actor, now: (
            f"Incident {incidents.release_incident(store, incident_id, actor, now).id} has no coordinator now."
        )
    )


def merge(incident_id: int, other: int | None) -> None:
    if other is None:
        notices.say("soon", "Choose first which incident is the same problem.")
        return
    _act(
        lambda store, actor, now: (
            f"Incident {other} is part of incident "
            f"{incidents.merge_incidents(store, incident_id, other, actor, now).id} now."
        )
    )


def split(incident_id: int, mention_ids: Collection[int]) -> None:
    if not mention_ids:
        notices.say("soon", "Choose first which posts are another problem.")
        return
    _act(
        lambda store, actor, now: (
            f"{words.count(len(mention_ids), 'post is', 'posts are')} incident "
            f"{incidents.split_incident(store, incident_id, mention_ids, actor, now).id} now."
        )
    )


def rename(incident_id: int, title: str) -> bool:
    """Whether it was done."""
    return _act(
        lambda store, actor, now: (
            f"Incident {incidents.rename_incident(store, incident_id, title, actor, now).id} has its new title."
        )
    )


def close(incident_id: int) -> None:
    def verb(store: Store, actor: Actor, now: datetime) -> str:
        row = incidents.close_incident(store, incident_id, actor, now)
        left = incidents.incident(store, row.id, now).listed.summary.unresolved
        cases = f" {words.count(left, 'case still waits', 'cases still wait')} for an outcome." if left else ""
        return f"Incident {row.id} is closed.{cases}"

    _act(verb)


def reopen(incident_id: int) -> None:
    _act(lambda store, actor, now: f"Incident {incidents.reopen_incident(store, incident_id, actor, now).id} goes on.")


def _act(verb: Callable[[Store, Actor, datetime], str]) -> bool:
    actor = acts.actor()
    if actor is None:
        return False
    try:
        done = verb(place.store(), actor, datetime.now(UTC))
    except (IncidentError, DeskError, UsageError) as error:
        said = str(error)
        notices.say("soon", f"{said[:1].upper()}{said[1:]}. {error.hint}".strip())
    except ListenerError as error:
        notices.say("late", f"Not done: {error}. {error.hint}".strip())
    else:
        notices.say("good", done)
        return True
    return False
