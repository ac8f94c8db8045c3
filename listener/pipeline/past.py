"""A past crisis once more: what was known when, when the alarm rang, and what other settings would have made of it.

The stored mentions of one brand go through the same triage by the same clock, seeing only the past; nothing is written.
Beside it stands the usual alarm on the number of posts (lab/early_rivals.py), so that one sees what it was worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from listener.lab import early_rivals
from listener.pipeline.advance import Scorer
from listener.pipeline.clock import Clock
from listener.pipeline.early import sightings_of
from listener.pipeline.replay import Told, in_order, replay
from listener.store import Store
from listener.triage.advance import Policy, Sighting, State
from listener.triage.incidents.news import Decision
from listener.triage.incidents.titles import cause_of, title_of

LEAD_IN: Final = timedelta(days=28)
"""So much before the time looked at is played too: what is usual has to be learnt."""
MOST: Final = 40_000
"""Mentions that are played at most: the newest."""
VOLUME: Final = 3.0
"""Standard deviations at which the usual alarm on the number of posts rings."""
_AFTER: Final = timedelta(hours=3)
"""So long after an incident's last post the alarm on the number of posts is still about it."""


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as it was known at a moment."""

    number: int
    title: str
    cause: str
    members: int
    rang: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What was known from this moment on, until the next one."""

    at: datetime
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """An alarm: of which incident, after how many of its posts. `volume_at`: when the number of posts rang, if ever."""

    number: int
    title: str
    cause: str
    first_at: datetime
    alarm_at: datetime
    seen: int
    members: int
    volume_at: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """Times are those of the wall. `posts` and `unhappy` are times of posting; `days` by the clock of the day."""

    posts: tuple[datetime, ...]
    unhappy: tuple[datetime, ...]
    rings: tuple[Ring, ...]
    frames: tuple[Frame, ...]
    volume: tuple[datetime, ...]
    days: float

    def known_at(self, at: datetime) -> tuple[Known, ...]:
        """What was known at a moment."""
        return next((frame.known for frame in reversed(self.frames) if frame.at <= at), ())


def stored(store: Store, brand: str, since: datetime, until: datetime, scorer: Scorer | None = None) -> list[Sighting]:
    """The brand's mentions with what led up to them; `scorer`: another model's verdicts than those that are stored."""
    with store.read() as tx:
        clock = Clock.of(tx)
        begin = clock.outside(clock.inside(since) - LEAD_IN)
        rows = tx.verdicts.past(brand, begin, until, MOST)
    found = [sighting for row in rows for sighting in sightings_of(row, clock)]
    return found if scorer is None else rescored(found, scorer)


def rescored(sightings: Sequence[Sighting], scorer: Scorer) -> list[Sighting]:
    """As another model sees them."""
    verdicts = scorer.verdicts([one.text for one in sightings], langs=[one.lang for one in sightings])
    return [
        replace(
            one,
            lang=verdict.lang,
            complaint=verdict.complaint,
            flagged=verdict.flagged,
            cause=verdict.cause,
            causes=verdict.causes,
        )
        for one, verdict in zip(sightings, verdicts, strict=True)
    ]


def play(sightings: Sequence[Sighting], policy: Policy, clock: Clock, since: datetime) -> Past:
    """Run them through triage; what happened before `since` (of the wall) is only learnt from."""
    ordered = in_order(sightings)
    begin = clock.inside(since)
    frames: list[Frame] = []

    def seen(state: State, decisions: Sequence[Decision]) -> None:
        if decisions and (at := datetime.fromtimestamp(decisions[0].at, UTC)) >= begin:
            frames.append(Frame(clock.outside(at), _known(state, begin)))

    outcome = replay(ordered, policy, seen=seen)
    shown = [one for one in ordered if one.posted_at >= begin]
    volume = _volume(ordered, clock, begin)
    rings = [
        ring
        for (_, number), told in outcome.incidents.items()
        if (ring := _ring(number, told, volume, clock, begin)) is not None
    ]
    length = (shown[-1].posted_at - begin).total_seconds() / 86400 if shown else 0.0
    return Past(
        posts=tuple(clock.outside(one.posted_at) for one in shown),
        unhappy=tuple(clock.outside(one.posted_at) for one in shown if one.flagged),
        rings=tuple(sorted(rings, key=lambda ring: ring.alarm_at)),
        frames=tuple(frames),
        volume=volume,
        days=max(length, 1e-6),
    )


def _known(state: State, begin: datetime) -> tuple[Known, ...]:
    found = [
        Known(one.number, title_of(one), cause_of(one), one.count, one.rang)
        for brand in state.brands.values()
        for one in brand.incidents
        if one.count and one.last_at >= begin.timestamp()
    ]
    return tuple(sorted(found, key=lambda one: (not one.rang, -one.members)))


def _volume(ordered: Sequence[Sighting], clock: Clock, begin: datetime) -> tuple[datetime, ...]:
    if not ordered:
        return ()
    rung = early_rivals.alarms(early_rivals.volume(ordered), VOLUME)
    return tuple(clock.wall(at) for at in rung if at >= begin.timestamp())


def _ring(number: int, told: Told, volume: Sequence[datetime], clock: Clock, begin: datetime) -> Ring | None:
    times = sorted(one.posted_at for one in told.members.values())
    if told.alarm_at is None or told.alarm_at < begin.timestamp() or not times:
        return None
    first, last = clock.wall(times[0]), clock.outside(datetime.fromtimestamp(times[-1], UTC) + _AFTER)
    return Ring(
        number=number,
        title=told.title,
        cause=told.cause,
        first_at=first,
        alarm_at=clock.wall(told.alarm_at),
        seen=sum(at <= told.alarm_at for at in times),
        members=len(times),
        volume_at=next((at for at in volume if first <= at <= last), None),
    )
