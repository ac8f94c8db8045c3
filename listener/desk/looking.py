"""Who else is at a case just now, so that two people do not write to the same customer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from listener.desk.authorise import Actor
from listener.store import Store

Doing: TypeAlias = Literal["looking", "writing"]

SEEN_FOR: Final = timedelta(seconds=25)
SAY_EVERY: Final = timedelta(seconds=10)
"""Whoever is there says so this often."""


def look(store: Store, alert_id: int, actor: Actor, now: datetime, *, doing: Doing = "looking") -> None:
    """This person is at the case now. The alert must be there."""
    with store.write() as tx:
        tx.presence.put(alert_id, actor.name, doing, now)


def others_at(
    store: Store, alert_ids: Collection[int], actor: Actor, now: datetime
) -> dict[int, tuple[tuple[str, str], ...]]:
    """(person, doing) of everybody else who is at these cases, by alert."""
    with store.read() as tx:
        found = tx.presence.since(alert_ids, now - SEEN_FOR)
    return {one: rest for one, seen in found.items() if (rest := tuple(who for who in seen if who[0] != actor.name))}
