"""One brand, mention by mention: time passes, incidents take what is theirs, and what is left may ring."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.triage.incidents import grouping
from listener.triage.incidents.incident import LEVELS, REOPEN, Incident, level_of
from listener.triage.incidents.kernels import likeness
from listener.triage.incidents.links import Links
from listener.triage.incidents.marks import FREE, NOBODY, PLACES, Mark, Marks
from listener.triage.incidents.news import Decision, Ended, Escalated, Joined, Left, Opened, Rang, Reopened, Retitled
from listener.triage.incidents.titles import cause_of, title_of
from listener.triage.surges.background import HOUR, Background
from listener.triage.surges.scan import Finding, scan
from listener.triage.surges.threshold import Peaks
from listener.triage.surges.why import Surge, surge

EVIDENCE: Final = 0.2
"""Probability of a complaint from which a mention counts, flagged or not: a surge is seen sooner by the many that are
a little below the classifier's threshold too."""
LATE: Final = 6 * HOUR
"""A mention later than this changes no count; it may still join an incident of its time."""
MINUTE: Final = 60.0
"""Seconds that a time may be off: a stretch from one mention to the next is taken as so much longer."""
KEPT: Final = 24 * HOUR
RECENT: Final = 192
ORDINARY: Final = 160
INCIDENTS: Final = 24
SCANNED: Final = 64
SPAN: Final = 7 * 24.0
"""Bounds of what is kept of a brand: recent unhappy mentions, ordinary ones to compare with and the hours these span,
incidents; and of how many recent ones are searched for a surge: likeness is an estimate, its errors add up."""
EXCEPTIONAL: Final = 48 * HOUR
"""After so long an incident is the brand's new normal and is learnt as such."""
LEARNING: Final = 72 * HOUR
"""While a brand is so new, all is learnt as normal: what looks like an incident may be how it always is."""
QUIET: Final = 6.0
"""Nats from which a few similar mentions are an incident, though none that rings."""
FEWEST, FLAGGED = 3, 2
"""Unhappy mentions that make an incident, and how many of them must be flagged."""
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
    usual: float = _USUAL
    """Mean probability of a complaint among ordinary unhappy mentions."""
    incidents: tuple[Incident, ...] = ()
    next_number: int = 1
    links: Links = field(default_factory=Links)

    def copy(self) -> Brand:
        """An independent one."""
        other = copy.copy(self)
        other.background, other.peaks = copy.copy(self.background), copy.copy(self.peaks)
        return other

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


def take(brand: Brand, mark: Mark, *, now: float, budget: float) -> Iterator[Decision]:
    """One mention, scored: what follows from it. `mark.clock` and `mark.share` are set here."""
    late = mark.at < brand.background.last - LATE
    if not late:
        brand.background.move(mark.at, 1 - mark.complaint)
        brand.background.count(mark.at, unhappy=mark.complaint >= EVIDENCE)
    if mark.complaint < EVIDENCE or mark.key in brand.recent.keys:
        return
    mark = replace(mark, clock=brand.background.operational(mark.at), share=_share(mark, brand.recent))
    ratios = likeness(mark, brand.recent, brand.ordinary)
    owner, belief = _owner(brand, mark, ratios)
    if late:
        if owner is not None and mark.flagged:
            yield Joined(
                brand=brand.name,
                incident=owner.number,
                at=now,
                key=mark.key,
                posted_at=mark.at,
                lang=PLACES[mark.place],
            )
        return
    if owner is not None:
        mark = replace(mark, incident=owner.number, belief=belief)
        yield from _join(brand, owner.number, mark, now)
    before = brand.recent
    brand.recent = before.insert(mark)
    if owner is None or not owner.rang:
        yield from _look(brand, mark, before, ratios, now, budget)


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
    old = brand.recent.at < now - KEPT
    old[: max(0, len(brand.recent) - RECENT)] = True
    _learn(brand, old)
    if old.any():
        brand.recent = brand.recent.take(~old)


def _learn(brand: Brand, old: NDArray[np.bool_]) -> None:
    """What is ordinary is learnt after a lag, what an alarm has taken when that is over: whatever is sampled must be
    all that the brand is said, or the next of the kind would look new again."""
    background = brand.background
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
    number = zlib.crc32(mark.key.encode("utf-8", "surrogatepass"))
    every = max(1, round(brand.background.rate * SPAN / ORDINARY))
    if len(brand.ordinary) < ORDINARY:
        brand.ordinary = brand.ordinary.insert(mark)
    elif number // ORDINARY % every == 0:
        brand.ordinary = brand.ordinary.put(number % ORDINARY, mark)


def _share(mark: Mark, recent: Marks) -> float:
    """Copies of one text, and posts of one author, count less the more there are: 1, 1/2, 1/3."""
    same = 0
    if mark.copies != NOBODY:
        same = int((recent.copies == mark.copies).sum())
    if mark.author != NOBODY:
        same = max(same, int((recent.author == mark.author).sum()))
    return 1.0 / (1 + same)


# ------------------------------------------------------------------ which incident it belongs to


def _owner(brand: Brand, mark: Mark, ratios: NDArray[np.float64]) -> tuple[Incident | None, float]:
    """The incident that most probably sent it, if more probably than the ordinary stream did."""
    background = brand.background
    ordinary = background.rate * background.factor(mark.at)
    pulls = grouping.pull(ratios, mark.complaint / brand.usual)
    best, most, total = None, ordinary, ordinary
    for incident in brand.incidents:
        if not _attracts(incident, mark.at):
            continue
        rows = brand.recent.incident == incident.number
        if not rows.any() or brand.links.forbid(mark.key, brand.recent, rows):
            continue
        if brand.links.demand(mark.key, brand.recent, rows):
            return incident, 1.0
        weight = brand.recent.share[rows] * brand.recent.belief[rows]
        strength = grouping.intensity(brand.recent.at[rows], weight, mark.at)
        odds = strength * float(np.average(pulls[rows], weights=weight + 1e-9))
        total += odds
        if odds > most:
            best, most = incident, odds
    return best, most / total if best is not None else 0.0


def _attracts(incident: Incident, at: float) -> bool:
    if incident.state == "ended":
        return incident.ended_at is not None and at - incident.ended_at < REOPEN
    return incident.state in ("open", "quiet")


def _join(brand: Brand, number: int, mark: Mark, now: float) -> Iterator[Decision]:
    """A mention of an incident: flagged ones are members, the others are only explained by it."""
    incident = brand.incident(number)
    if incident is None or not mark.flagged:
        return
    grown = incident.joined(mark)
    yield Joined(brand=brand.name, incident=number, at=now, key=mark.key, posted_at=mark.at, lang=PLACES[mark.place])
    if incident.state == "ended":
        grown = replace(grown, state="open" if grown.rang else "quiet", ended_at=None)
        if grown.rang:
            yield Reopened(brand=brand.name, incident=number, at=now)
    if grown.rang and level_of(grown.count) > grown.level:
        grown = replace(grown, level=level_of(grown.count))
        yield Escalated(brand=brand.name, incident=number, at=now, level=grown.level)
    brand.put(grown)
    if grown.rang and mark.at - grown.first_at < EXCEPTIONAL:
        _forgive(brand, mark.at, mark.belief)
    if title_of(grown) != title_of(incident):
        yield Retitled(brand=brand.name, incident=number, at=now, title=title_of(grown), cause=cause_of(grown))


# ------------------------------------------------------------------ whether it rings


def _look(
    brand: Brand, mark: Mark, before: Marks, ratios: NDArray[np.float64], now: float, budget: float
) -> Iterator[Decision]:
    """Scan what no alarm explains yet for a sudden source of mentions like this one."""
    rang = [one.number for one in brand.incidents if one.rang]
    rows = np.flatnonzero(~np.isin(before.incident, rang))[-SCANNED:]
    pool = before.take(rows)
    own = mark.complaint / brand.usual
    weights = np.append(pool.complaint / brand.usual, own)
    all_ratios = np.append(ratios[:, rows], np.ones((len(ratios), 1)), axis=1) * weights
    since = np.maximum(0.0, brand.background.clock - np.append(pool.clock, mark.clock)) + brand.background.pace * MINUTE
    found = scan(all_ratios, np.append(pool.share, mark.share), since, brand.background.shape)
    level = brand.peaks.level(budget)
    rings = found.score >= level
    members = Marks.empty()
    if rings or (found.score >= QUIET and mark.incident == FREE):
        members = _members(brand, mark, pool, found, all_ratios)
    enough = len(members) >= FEWEST and int(members.flagged.sum()) >= FLAGGED
    brand.peaks.note(found.score, mark.at, rang=rings and enough)
    if not enough:
        return
    number, news = _gather(brand, members, now)
    yield from news
    if rings:
        facts = _facts(brand, members, pool, found, level, now)
        yield from _ring(brand, number, members, facts, now)


def _members(brand: Brand, mark: Mark, pool: Marks, found: Finding, ratios: NDArray[np.float64]) -> Marks:
    """Who belongs to what was found, each with its belief."""
    everything = pool.insert(mark)
    own = everything.keys.index(mark.key)
    odds = found.intensity * np.insert(ratios[found.kernel, :-1], own, np.inf)
    seeds = odds > 1
    start = pool.at[found.first] if found.first < len(pool) else mark.at
    seeds &= everything.at >= start
    background = brand.background
    rates = np.array([background.rate * background.factor(float(at)) for at in everything.at])
    beliefs = grouping.share_out(everything, brand.ordinary, seeds, rates, brand.usual)
    rows = np.flatnonzero(beliefs > 0.5)
    return replace(everything.take(rows), belief=beliefs[rows].astype(np.float32))


def _gather(brand: Brand, members: Marks, now: float) -> tuple[int, list[Decision]]:
    """Put them into one incident: that which most of them are in already, else a new one."""
    numbers, counts = np.unique(members.incident[members.incident != FREE], return_counts=True)
    news: list[Decision] = []
    best = int(numbers[counts.argmax()]) if len(numbers) else FREE
    incident = brand.incident(best) if best != FREE else None
    if incident is None or incident.state in ("ended", "closed") or 2 * int(counts.max()) < incident.count:
        first = float(members.at[0])
        incident = Incident(number=brand.next_number, state="quiet", first_at=first, last_at=first)
        brand.next_number += 1
    number = incident.number
    brand.put(incident)
    for row in range(len(members)):
        news += _move(brand, members.mark(row), number, now)
    grown = brand.incident(number)
    assert grown is not None
    kind = Opened if incident.count == 0 else Retitled
    news.insert(0, kind(brand=brand.name, incident=number, at=now, title=title_of(grown), cause=cause_of(grown)))
    return number, news


def _move(brand: Brand, mark: Mark, number: int, now: float) -> Iterator[Decision]:
    """From where it is, to this incident."""
    brand.recent = brand.recent.assigned(brand.recent.keys.index(mark.key), number, mark.belief)
    if mark.incident == number:
        return
    old = brand.incident(mark.incident) if mark.incident != FREE else None
    if old is not None and mark.flagged:
        brand.put(old.left(mark))
        yield Left(brand=brand.name, incident=old.number, at=now, key=mark.key)
    target = brand.incident(number)
    if mark.flagged and target is not None:
        brand.put(target.joined(mark))
        yield Joined(
            brand=brand.name, incident=number, at=now, key=mark.key, posted_at=mark.at, lang=PLACES[mark.place]
        )


def _ring(brand: Brand, number: int, members: Marks, facts: Surge, now: float) -> Iterator[Decision]:
    incident = brand.incident(number)
    assert incident is not None
    brand.put(replace(incident, state="open", alarm_at=now, alarm_level=facts.level, level=level_of(incident.count)))
    for at, belief in zip(members.at.tolist(), members.belief.tolist(), strict=True):
        _forgive(brand, at, belief)
    yield Rang(brand=brand.name, incident=number, at=now, surge=facts)


def _forgive(brand: Brand, at: float, belief: float) -> None:
    if brand.background.age > LEARNING / HOUR:
        brand.background.forgive(at, belief)


def _facts(brand: Brand, members: Marks, pool: Marks, found: Finding, level: float, now: float) -> Surge:
    start = float(pool.at[found.first]) if found.first < len(pool) else now
    background = brand.background
    return surge(
        members.take(members.flagged),
        now=now,
        observed=int((pool.at >= start).sum()) + 1,
        expected=background.expected(start, background.last),
        shape=background.shape,
        score=found.score,
        level=level,
        history=background.age,
    )
