"""What triage remembers of one brand, all of it bounded, and how it forgets."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.triage.incidents.incident import LEVELS, Incident
from listener.triage.incidents.links import Links
from listener.triage.incidents.marks import Mark, Marks
from listener.triage.incidents.news import Decision, Ended
from listener.triage.surges.background import HOUR, Background
from listener.triage.surges.threshold import Peaks

EVIDENCE: Final = 0.3
"""Probability of a complaint from which a mention counts, flagged or not: a surge is seen sooner by the many that are
a little below the classifier's threshold too."""
HEARD: Final = 4
"""Of so many harmless mentions one is read, to know what the crowd talks about,"""
TALK: Final = 3 * HOUR
"""and remembered so long."""
LATE: Final = 6 * HOUR
"""A mention later than this changes no count; it may still join an incident of its time."""
MINUTE: Final = 60.0
"""Seconds that a time may be off: a stretch from one mention to the next is taken as so much longer."""
KEPT: Final = 24 * HOUR
RECENT: Final = 192
ORDINARY: Final = 160
INCIDENTS: Final = 24
SCANNED: Final = 64
SEEN: Final = 512
CROWD: Final = 32
SPAN: Final = 7 * 24.0
"""Bounds of what is kept of a brand: recent unhappy mentions, ordinary ones to compare with and the hours these span,
incidents, keys, harmless mentions; and of how many recent ones are searched for a surge: likeness is an estimate, its
errors add up."""
EXCEPTIONAL: Final = 48 * HOUR
"""After so long an incident is the brand's new normal and is learnt as such."""
LEARNING: Final = 72 * HOUR
"""While a brand is so new, all is learnt as normal: what looks like an incident may be how it always is."""
_USUAL: Final = 0.7


@dataclass(slots=True)
class Brand:
    """What triage remembers of one brand; values are replaced, not changed, so a shallow copy is a copy."""

    name: str
    background: Background = field(default_factory=Background)
    peaks: Peaks = field(default_factory=Peaks)
    recent: Marks = field(default_factory=Marks.empty)
    """Unhappy mentions of the last KEPT seconds, at most RECENT."""
    ordinary: Marks = field(default_factory=Marks.empty)
    """A sample of those that belonged to no incident."""
    crowd: Marks = field(default_factory=Marks.empty)
    """Some of the harmless mentions of the last TALK seconds, at most CROWD."""
    usual: float = _USUAL
    """Mean probability of a complaint among ordinary unhappy mentions."""
    incidents: tuple[Incident, ...] = ()
    next_number: int = 1
    links: Links = field(default_factory=Links)
    seen: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    """Keys of the last mentions, older and newer ones: at least SEEN, at most twice as many."""

    def copy(self) -> Brand:
        """An independent one."""
        return replace(self, background=replace(self.background), peaks=replace(self.peaks))

    def is_new(self, key: str) -> bool:
        """Whether a mention was not seen lately; it is from now on."""
        older, newer = self.seen
        if key in newer or key in older or key in self.recent.keys:
            return False
        self.seen = (older, newer | {key}) if len(newer) < SEEN else (newer, frozenset({key}))
        return True

    def due(self, now: float) -> bool:
        """Whether time alone changes something by now."""
        return any(one.state in ("open", "quiet") and one.due_to_end(now) for one in self.incidents)

    def incident(self, number: int) -> Incident | None:
        """The one of this number, while it is remembered."""
        return next((one for one in self.incidents if one.number == number), None)

    def put(self, incident: Incident) -> None:
        """Remember this state of an incident."""
        others = tuple(one for one in self.incidents if one.number != incident.number)
        self.incidents = tuple(sorted((*others, incident), key=lambda one: one.number))


def is_read(key: str, complaint: float) -> bool:
    """Whether triage needs the words of this mention."""
    return complaint >= EVIDENCE or _number(key) % HEARD == 0


def _number(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "surrogatepass"))


def overhear(brand: Brand, mark: Mark) -> None:
    """A harmless mention: what the crowd talks about."""
    if mark.features and is_read(mark.key, mark.complaint):
        crowd = brand.crowd.insert(mark)
        kept = crowd.at >= mark.at - TALK
        kept[: max(0, len(crowd) - CROWD)] = False
        brand.crowd = crowd if kept.all() else crowd.take(kept)


def sweep(brand: Brand, now: float) -> Iterator[Decision]:
    """Forget what is old, end what is over."""
    for incident in brand.incidents:
        if incident.state in ("open", "quiet") and incident.due_to_end(now):
            brand.put(replace(incident, state="ended", ended_at=now))
            if incident.rang:
                if incident.count < LEVELS[0]:
                    brand.peaks.nothing(incident.alarm_level)
                yield Ended(brand=brand.name, incident=incident.number, at=now)
    brand.incidents = tuple(one for one in brand.incidents if now - one.last_at <= KEPT)[-INCIDENTS:]
    forget(brand, now)


def forget(brand: Brand, now: float) -> None:
    """Of the unhappy mentions keep the latest."""
    old = brand.recent.at < now - KEPT
    old[: max(0, len(brand.recent) - RECENT)] = True
    _learn(brand, old)
    if old.any():
        brand.recent = brand.recent.take(~old)


def _learn(brand: Brand, old: NDArray[np.bool_]) -> None:
    """What is ordinary is learnt after a lag, what an alarm has taken when that is over: whatever is sampled must be
    all that the brand is said, or the next of the kind would look new again."""
    background = brand.background
    waiting = np.flatnonzero(~brand.recent.learnt)
    if not len(waiting) or (brand.recent.at[waiting[0]] >= background.last - background.lag * HOUR and not old.any()):
        return
    busy = [one.number for one in brand.incidents if one.rang and one.state == "open"]
    due = (brand.recent.at < background.last - background.lag * HOUR) & ~np.isin(brand.recent.incident, busy)
    due = ~brand.recent.learnt & (due | old)
    for row in np.flatnonzero(due):
        _remember(brand, brand.recent.mark(int(row)))
    if due.any():
        brand.recent = brand.recent.all_learnt(due)


def _remember(brand: Brand, mark: Mark) -> None:
    """Into the sample of ordinary mentions, which spans SPAN hours: of a busy brand only some are taken. Which, and
    in whose place, follows from the key, so the same mentions give the same sample."""
    brand.usual = 0.98 * brand.usual + 0.02 * mark.complaint
    number = _number(mark.key)
    every = max(1, round(brand.background.rate * SPAN / ORDINARY))
    if len(brand.ordinary) < ORDINARY:
        brand.ordinary = brand.ordinary.insert(mark)
    elif number // ORDINARY % every == 0:
        brand.ordinary = brand.ordinary.put(number % ORDINARY, mark)
