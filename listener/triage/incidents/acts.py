"""What people do to incidents: merge, split, rename, close, reopen. Pure: a state in, a state and what to write out.

What they decide sticks, as must-link and cannot-link between mentions, and is learnt from: mentions to come are drawn
to members as they are grouped then. Of an incident that triage no longer remembers (nothing came for a day) only the
store knows; acts on it change nothing here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from listener.triage.advance import State
from listener.triage.incidents.incident import Incident
from listener.triage.incidents.marks import PLACES
from listener.triage.incidents.news import Decision, Ended, Joined, Left, Merged, Opened, Reopened, Retitled
from listener.triage.incidents.titles import cause_of, title_of
from listener.triage.surges.brand import Brand

_PARTNERS: Final = 8
"""Mentions that each mention of a split is kept apart from, and each of a merge tied to: enough to stand for all."""


def merge(state: State, brand: str, keep: int, other: int, now: datetime) -> tuple[State, list[Decision]]:
    """`other` becomes part of `keep`."""
    mine = _copy(state, brand)
    one, two = (mine.incident(keep), mine.incident(other)) if mine else (None, None)
    if mine is None or one is None or two is None or keep == other:
        return state, []
    for key in _keys(mine, other):
        for partner in _keys(mine, keep)[:_PARTNERS]:
            mine.links = mine.links.with_must(key, partner)
    for row in np.flatnonzero(mine.recent.incident == other):
        mine.recent = mine.recent.assigned(int(row), keep, float(mine.recent.belief[row]))
    whole = one.with_all(two)
    mine.incidents = tuple(incident for incident in mine.incidents if incident.number != other)
    mine.put(whole)
    at = now.timestamp()
    return _with(state, mine), [
        Merged(brand=brand, incident=keep, at=at, other=other),
        Retitled(brand=brand, incident=keep, at=at, title=title_of(whole), cause=cause_of(whole)),
    ]


def split(state: State, brand: str, number: int, keys: Collection[str], now: datetime) -> tuple[State, list[Decision]]:
    """These mentions become an incident of their own, as open as the old one: its alarm was about them too."""
    mine = _copy(state, brand)
    old = mine.incident(number) if mine else None
    if mine is None or old is None:
        return state, []
    rows = [row for row in np.flatnonzero(mine.recent.incident == number) if mine.recent.keys[row] in keys]
    stay = [key for key in _keys(mine, number) if key not in keys]
    if not rows or not stay:
        return state, []
    at, news = now.timestamp(), list[Decision]()
    marks = [mine.recent.mark(int(row)) for row in rows]
    new = replace(
        old,
        number=mine.next_number,
        first_at=marks[0].at,
        last_at=marks[0].at,
        count=0,
        level=0,
        words=(),
        causes=(),
        places=(),
        title=None,
    )
    mine.next_number += 1
    for row, mark in zip(rows, marks, strict=True):
        mine.recent = mine.recent.assigned(int(row), new.number, mark.belief)
        for partner in stay[:_PARTNERS]:
            mine.links = mine.links.with_cannot(mark.key, partner)
        if mark.flagged:
            old, new = old.left(mark), new.joined(mark)
            news.append(Left(brand=brand, incident=number, at=at, key=mark.key))
            lang = PLACES[mark.place]
            news.append(Joined(brand=brand, incident=new.number, at=at, key=mark.key, posted_at=mark.at, lang=lang))
    mine.put(old)
    mine.put(new)
    opened = Opened(brand=brand, incident=new.number, at=at, title=title_of(new), cause=cause_of(new))
    return _with(state, mine), [opened, *news]


def rename(state: State, brand: str, number: int, title: str | None, now: datetime) -> tuple[State, list[Decision]]:
    """A person's title, which stays; None gives it back to the members' words."""
    mine = _copy(state, brand)
    old = mine.incident(number) if mine else None
    if mine is None or old is None:
        return state, []
    new = replace(old, title=title)
    mine.put(new)
    told = Retitled(brand=brand, incident=number, at=now.timestamp(), title=title_of(new), cause=cause_of(new))
    return _with(state, mine), [told]


def close(state: State, brand: str, number: int, now: datetime) -> tuple[State, list[Decision]]:
    """It is over: mentions that still belong to it join it for some hours, and no longer bring it back."""
    return _set(state, brand, number, now, closed=True)


def reopen(state: State, brand: str, number: int, now: datetime) -> tuple[State, list[Decision]]:
    """It is not over."""
    return _set(state, brand, number, now, closed=False)


def _set(state: State, brand: str, number: int, now: datetime, *, closed: bool) -> tuple[State, list[Decision]]:
    mine = _copy(state, brand)
    old = mine.incident(number) if mine else None
    if mine is None or old is None or (old.state == "closed") == closed:
        return state, []
    at = now.timestamp()
    mine.put(_closed(old, at) if closed else replace(old, state="open" if old.rang else "quiet", ended_at=None))
    kind = Ended if closed else Reopened
    return _with(state, mine), [kind(brand=brand, incident=number, at=at)]


def _closed(incident: Incident, at: float) -> Incident:
    return replace(incident, state="closed", ended_at=at)


def _copy(state: State, brand: str) -> Brand | None:
    known = state.brands.get(brand)
    return None if known is None else known.copy()


def _with(state: State, brand: Brand) -> State:
    return State({**state.brands, brand.name: brand}, state.swept)


def _keys(brand: Brand, number: int) -> list[str]:
    return [brand.recent.keys[row] for row in np.flatnonzero(brand.recent.incident == number)]
