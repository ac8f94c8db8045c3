"""What has been seen of one Reddit listing, and what a fresh look at it changes. Pure: no client, no clock.

Every look takes the whole first page (the 100 newest) and goes back page by page until it reaches the mark, the time
of the newest entry already yielded. Nothing hangs on a single fullname, which may be deleted at any time; entries that
appear late, edits and new counts within the page are found too. An entry that vanished from between its neighbours
was probably taken down: `vanished` names it, so that it can be looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from listener.collect._platform import MalformedError, Origin
from listener.collect._reddit_things import created, fullname, read
from listener.types import Deletion, Event, Mention, Rejection

REMEMBERED: Final = 300
"""Entries of a listing kept in memory: three pages."""
RECOUNT: Final = timedelta(minutes=5)
"""Counts of one entry are told at most this often."""
_AHEAD: Final = 300.0


@dataclass(frozen=True, slots=True)
class Listing:
    """Where to look. `key` is its name in the checkpoint, `label` its name for people."""

    key: str
    label: str
    path: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was last told of an entry."""

    text: int
    counts: tuple[int | None, int | None]
    at: datetime
    created: float


@dataclass(slots=True)
class Watch:
    """One listing over time; `mark` is None before the first look."""

    listing: Listing
    origin: Origin
    mark: float | None = None
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _rejected: set[str] = field(default_factory=set)

    def reached(self, page: Sequence[object]) -> bool:
        """Whether nothing unknown can be behind this page; at the very first look one page is enough."""
        times = [at for thing in page if (at := created(thing)) is not None]
        return self.mark is None or not times or times[-1] <= self.mark

    def news(self, things: Sequence[object], now: datetime) -> Iterator[Event]:
        """New, edited and recounted entries and those taken down, oldest first."""
        for thing in reversed(things):
            try:
                found = read(thing, self.origin, now)
            except MalformedError as error:
                yield from self._reject(error)
                continue
            told = self._told(found, created(thing) or 0.0, now)
            if told is not None:
                yield told

    def vanished(self, things: Sequence[object]) -> list[str]:
        """Fullnames that should be among `things` by their time, but are not."""
        names = {fullname(thing) for thing in things}
        times = [at for thing in things if (at := created(thing)) is not None]
        oldest = min(times, default=float("inf"))
        return [name for name, seen in self._seen.items() if seen.created > oldest and name not in names]

    def forget(self, names: Iterable[str]) -> None:
        """These have been looked up; should they come back, they are new again."""
        for name in names:
            self._seen.pop(name, None)

    def looked(self, things: Iterable[object], now: datetime) -> None:
        """Everything among `things` has been yielded: move the mark."""
        latest = now.timestamp() + _AHEAD
        times = [at for thing in things if (at := created(thing)) is not None and at <= latest]
        self.mark = max([*times, *([self.mark] if self.mark is not None else [])], default=None)
        for name in sorted(self._seen, key=lambda name: self._seen[name].created)[:-REMEMBERED]:
            del self._seen[name]

    def _told(self, found: Mention | Deletion, at: float, now: datetime) -> Event | None:
        """The event, unless the same has been told before."""
        if isinstance(found, Deletion):
            known = self._seen.get(found.native_id)
            seen = _Seen(text=0, counts=(None, None), at=now, created=at)
            self._seen[found.native_id] = seen
            return None if known and known.text == 0 else found
        counts = (found.engagement.likes, found.engagement.replies) if found.engagement else (None, None)
        seen = _Seen(text=hash((found.title, found.text)) or 1, counts=counts, at=now, created=at)
        known = self._seen.get(found.native_id)
        if known is None or known.text != seen.text:
            self._seen[found.native_id] = seen
            return found
        if known.counts != counts and now - known.at >= RECOUNT:
            self._seen[found.native_id] = seen
            return found.engagement
        return None

    def _reject(self, error: MalformedError) -> Iterator[Rejection]:
        """A bad entry is told once, not at every look."""
        place = f"{self.listing.label}: {error.place}"
        if place not in self._rejected and len(self._rejected) < REMEMBERED:
            self._rejected.add(place)
            yield Rejection(source=self.origin.source, place=place, reason=str(error))


def deletions(things: Sequence[object], names: Sequence[str], origin: Origin, now: datetime) -> Iterator[Deletion]:
    """Which of `names` the look-up `things` shows as taken down; one that it does not show at all tells nothing."""
    for thing in things:
        if fullname(thing) in names:
            try:
                found = read(thing, origin, now)
            except MalformedError:
                continue
            if isinstance(found, Deletion):
                yield found
