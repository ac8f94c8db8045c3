"""The clocks of one case: what we owe next, since when it counts, and who is to be told that it is late.

A clock counts only our delay. Three run in a case's life:

- `first`: from the post to our first answer;
- `next`: from the first thing the customer said after our last answer, to our next answer;
- `resolution`: from the post (or the day the case was reopened) to the end, but not while we wait for the customer.

When a policy changes while a clock runs, what was used so far stays used, counted under the hours that held then; the
rest is counted under the new ones. A new, shorter time that is used up already is due at the moment of the change,
never before it; what was late under the old policy stays late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from listener.triage.hours import worked
from listener.triage.sla import DueKind, Promise, due_after

HappeningKind: TypeAlias = Literal["answered", "waiting", "customer", "resolved", "reopened"]
"""`answered`: we spoke; `waiting`: we spoke or asked, and it is the customer's turn; `customer`: they wrote again."""

_SPOKE: Final = ("answered", "waiting")
_NOTHING: Final = timedelta(0)
Stretch: TypeAlias = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Happening:
    """What bears on the clocks."""

    at: datetime
    kind: HappeningKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`due_at`: when its time is or was used up; None if it was stopped before, stands still, or has no target.

    `used` is working time, `left` what remains of it while the clock stands still. An answer at the very moment when
    it is due is in time.
    """

    kind: DueKind
    state: Literal["running", "standing", "stopped"]
    used: timedelta
    left: timedelta | None
    due_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """None: that clock never started."""

    first: Clock
    next: Clock | None
    resolution: Clock
    waiting_since: datetime | None

    def owed(self) -> Clock | None:
        """The running clock that is due first: what we owe next."""
        running = [one for one in (self.first, self.next, self.resolution) if one and one.state == "running"]
        return min((one for one in running if one.due_at), key=_due, default=None)


def _due(clock: Clock) -> datetime:
    assert clock.due_at is not None
    return clock.due_at


@dataclass(frozen=True, slots=True)
class Period:
    """A promise and since when it holds; the first of a case holds from its beginning."""

    since: datetime
    promise: Promise


def clocks(posted_at: datetime, happenings: Iterable[Happening], periods: Sequence[Period], now: datetime) -> Clocks:
    """The clocks as they stand at `now`; happenings after it do not count, nor those before the post."""
    past = sorted((one for one in happenings if posted_at <= one.at <= now), key=lambda one: one.at)
    turns = _Turns(posted_at)
    for one in past:
        turns.take(one)
    return Clocks(
        first=_read("first", turns.first, periods, now, stopped=turns.first[-1][1] is not None),
        next=_read("next", turns.next, periods, now, stopped=turns.next[-1][1] is not None) if turns.next else None,
        resolution=_read("resolution", turns.resolution, periods, now, stopped=turns.over),
        waiting_since=turns.waiting_since,
    )


class _Turns:
    """When each clock ran: stretches, the last one perhaps without an end."""

    def __init__(self, posted_at: datetime) -> None:
        self.first: list[Stretch] = [(posted_at, None)]
        self.next: list[Stretch] = []
        self.resolution: list[Stretch] = [(posted_at, None)]
        self.over = False
        self.waiting_since: datetime | None = None

    def take(self, one: Happening) -> None:
        if one.kind == "reopened":
            self._reopen(one.at)
        elif self.over:
            return
        elif one.kind == "resolved":
            self.over, self.waiting_since = True, None
            for stretches in (self.first, self.next, self.resolution):
                _stop(stretches, one.at)
        elif one.kind in _SPOKE:
            _stop(self.first, one.at)
            _stop(self.next, one.at)
            if one.kind == "waiting":
                _stop(self.resolution, one.at)
                self.waiting_since = self.waiting_since or one.at
        else:
            self._hear(one.at)

    def _hear(self, at: datetime) -> None:
        """The customer wrote: an answer is owed, unless one already is."""
        self.waiting_since = None
        _start(self.resolution, at)
        answered = self.first[-1][1] is not None
        if answered and not (self.next and self.next[-1][1] is None):
            self.next = [(at, None)]

    def _reopen(self, at: datetime) -> None:
        if self.over:
            self.over = False
            self.resolution = [(at, None)]
            self.next = [(at, None)]


def _start(stretches: list[Stretch], at: datetime) -> None:
    if stretches[-1][1] is not None:
        stretches.append((at, None))


def _stop(stretches: list[Stretch], at: datetime) -> None:
    if stretches and stretches[-1][1] is None:
        stretches[-1] = (stretches[-1][0], at)


def _read(
    kind: DueKind, stretches: Sequence[Stretch], periods: Sequence[Period], now: datetime, *, stopped: bool
) -> Clock:
    used = passed = _NOTHING
    due_at: datetime | None = None
    promise = periods[0].promise
    for start, end, promise in _pieces(stretches, periods):
        if due_at is None:
            found = due_after(promise.hours, promise.target(kind), start, worked=used, passed=passed)
            due_at = found if found is not None and (end is None or found < end) else None
        until = now if end is None else end
        used += worked(promise.hours, start, until)
        passed += until - start
    running = stretches[-1][1] is None
    target = promise.target(kind).worked
    return Clock(
        kind=kind,
        state="running" if running else "stopped" if stopped else "standing",
        used=used,
        left=None if running or stopped or target is None else max(_NOTHING, target - used),
        due_at=due_at,
        late=due_at is not None and due_at < now,
    )


def _pieces(
    stretches: Sequence[Stretch], periods: Sequence[Period]
) -> Iterable[tuple[datetime, datetime | None, Promise]]:
    """The stretches, cut where the promise changed."""
    for start, end in stretches:
        for index, period in enumerate(periods):
            until = periods[index + 1].since if index + 1 < len(periods) else None
            begin = start if index == 0 else max(start, period.since)
            stop = end if until is None else until if end is None else min(until, end)
            if stop is None or begin < stop:
                yield begin, stop, period.promise


# ------------------------------------------------------------------ who is told


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody is to be told: of a `warning` before, a `breach` at, or a `rung` after the time when we were due."""

    kind: Literal["warning", "breach", "rung"]
    at: datetime
    to: str | None
    """A role, team or person; None: whoever holds it, or whose it should be."""


def calls(due: datetime | None, promise: Promise, now: datetime) -> tuple[Call, ...]:
    """Everybody who is to have been told by now of what is due then, in order; it only grows while that is owed."""
    if due is None:
        return ()
    ladder = (Call("rung", due + rung.after, rung.to) for rung in promise.ladder)
    told = (Call("warning", due - promise.warn_before, None), Call("breach", due, None), *ladder)
    return tuple(sorted((one for one in told if one.at <= now), key=lambda one: one.at))
