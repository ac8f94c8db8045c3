"""Listings that show their newest entry first, polled: what is new, what was edited, what was counted anew.

A pass walks each listing back to its mark, a little before the newest entry of the last whole pass; the mark moves
only when the walk is over, so a pass that is cut off loses nothing. What was already handed over (`seen`, the latest
entries by a short hash of id and wording) is not handed over again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from listener.errors import SourceError
from listener.settings import Duration, SourceOptions
from listener.types import Checkpoint, Deletion, Event, Mention, Rejection

BATCH: Final = 200
"""Entries between two Checkpoints."""
REMEMBERED: Final = 3000
"""Entries of one listing that are known again."""
OVERLAP: Final = timedelta(minutes=15)
"""Entries may show up later than they are dated; so far behind the mark each pass looks again."""

Page: TypeAlias = Iterable[Mention | Deletion | Rejection]


class Polled(SourceOptions):
    """What every polled listing has."""

    backfill: Duration = timedelta(days=1)
    """How far back the very first pass reaches; the newest page is taken whatever its age."""
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One listing: `key` is its name in the checkpoint, `label` its name for people; `pages(since)` asks lazily."""

    key: str
    label: str
    pages: Callable[[datetime], Iterator[Page]]


@dataclass(slots=True)
class _Visited:
    """What is remembered of a listing. `seen`: hash of the id -> (hash of the wording, hash of the counts); `faults`:
    how many entries the last whole pass could not read, by reason."""

    mark: float | None = None
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)

    @classmethod
    def restored(cls, saved: Any) -> _Visited:
        """From a checkpoint; anything unexpected in it only costs asking again."""
        if not isinstance(saved, Mapping):
            return cls()
        mark, seen, faults = saved.get("mark"), saved.get("seen"), saved.get("faults")
        pairs = {
            str(key): (str(pair[0]), str(pair[1]))
            for key, pair in (seen if isinstance(seen, Mapping) else {}).items()
            if isinstance(pair, list) and len(pair) == 2
        }
        counted = (faults if isinstance(faults, Mapping) else {}).items()
        known = {str(reason): count for reason, count in counted if type(count) is int}
        return cls(float(mark) if isinstance(mark, int | float) else None, pairs, known)

    def saved(self) -> dict[str, Any]:
        """Plain JSON."""
        seen = {key: list(pair) for key, pair in self.seen.items()}
        return {"mark": self.mark, "seen": seen, "faults": self.faults}

    def gone(self, deletion: Deletion) -> bool:
        """Whether this is not known yet."""
        key = _short(deletion.native_id)
        known = self.seen.pop(key, None)
        self.seen[key] = ("", "")
        return known != ("", "")

    def news(self, mention: Mention) -> Event | None:
        """The mention if it or its wording is new, its engagement if only that is, else None."""
        key = _short(mention.native_id)
        words = _short("\0".join((mention.title or "", mention.text)))
        counts = mention.engagement
        told = _short(repr((counts.replies, counts.shares, counts.likes, counts.views))) if counts else ""
        known = self.seen.pop(key, None)
        self.seen[key] = (words, told)
        if known is None or known[0] != words:
            return mention
        return counts if known[1] != told else None


def poll(
    options: Polled,
    checkpoint: Mapping[str, Any] | None,
    places: Sequence[Place],
    *,
    beside: Callable[[], Mapping[str, Any]] = dict,
) -> Iterator[Event]:
    """One pass over all listings. One that fails does not stop the others: its error is raised when they are done.

    What `beside` returns (a quota ledger, say) is saved in each Checkpoint under its own keys.
    """
    saved = (checkpoint or {}).get("places")
    saved = saved if isinstance(saved, Mapping) else {}
    visits = {place.key: _Visited.restored(saved.get(place.key)) for place in places}

    def mark() -> Checkpoint:
        value = {**beside(), "places": {key: visit.saved() for key, visit in visits.items()}}
        return Checkpoint(source=options.name, value=value)

    failures: list[SourceError] = []
    for place in places:
        try:
            for number, event in enumerate(_walk(options, place, visits[place.key]), 1):
                yield event
                if number % BATCH == 0:
                    yield mark()
        except SourceError as error:
            failures.append(error)
        yield mark()
    raise_first(failures, len(places), options)


def raise_first(failures: Sequence[SourceError], asked: int, options: SourceOptions) -> None:
    """Raise the first failure, if there is one, of so many places that were asked."""
    if failures:
        if len(failures) < asked and failures[0].permanent:
            # One dead place must not put the others on the long pause of a dead source.
            failures[0].retry_after = options.every.total_seconds()
        raise failures[0]


def _walk(options: Polled, place: Place, visit: _Visited) -> Iterator[Event]:
    now = datetime.now(UTC)
    since = now - options.backfill if visit.mark is None else datetime.fromtimestamp(visit.mark, UTC) - OVERLAP
    newest = visit.mark
    faults: Counter[str] = Counter()
    for number, page in enumerate(place.pages(since)):
        # The very first look shows what stands there now, however old: a quiet place is not an empty one.
        anything = visit.mark is None and number == 0
        oldest = now
        for event in page:
            if isinstance(event, Mention):
                oldest = event.posted_at
                newest = max(newest or 0.0, min(oldest, now).timestamp())
                news = visit.news(event) if oldest >= since or anything else None
            elif isinstance(event, Rejection):
                faults[event.reason] += 1
                # The same entry is found again by every pass that comes as far: it counts once.
                news = event if faults[event.reason] > visit.faults.get(event.reason, 0) else None
            else:
                news = event if visit.gone(event) else None
            if news is not None:
                yield news
        if oldest < since:
            break
    visit.mark = newest if newest is not None else since.timestamp()
    visit.faults = dict(faults)
    for key in list(visit.seen)[: max(0, len(visit.seen) - REMEMBERED)]:
        del visit.seen[key]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
