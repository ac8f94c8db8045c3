"""One brand, mention by mention: time passes, incidents take what is theirs, and what is left may ring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.triage.incidents import grouping
from listener.triage.incidents.incident import REOPEN, Incident, level_of
from listener.triage.incidents.kernels import KERNELS, Likeness
from listener.triage.incidents.marks import FREE, NOBODY, PLACES, Mark, Marks
from listener.triage.incidents.news import Decision, Escalated, Joined, Left, Opened, Rang, Reopened, Retitled
from listener.triage.incidents.titles import cause_of, title_of
from listener.triage.surges.background import HOUR
from listener.triage.surges.brand import (
    EVIDENCE,
    EXCEPTIONAL,
    LATE,
    LEARNING,
    MINUTE,
    RECENT,
    SCANNED,
    TALK,
    Brand,
    forget,
    overhear,
)
from listener.triage.surges.scan import Finding, scan
from listener.triage.surges.why import Surge, surge

QUIET: Final = 6.0
"""Nats from which a few similar mentions are an incident, though none that rings."""
DOUBTFUL: Final = 0.25
"""Probability of a complaint from which a mention is not harmless at all: what a crisis brings below the classifier's
threshold must not pass for joy."""
_CALM: Final = 8.0
"""Harmless mentions like any other that are taken to be there besides those that are."""
_WORDS: Final = KERNELS.index(("words",))
KIN: Final = 0.6
"""How much likelier (grouping.pull, on average) new mentions must be as more of an incident that rings already than as
ordinary ones: then there is no second alarm about one problem."""
TOGETHER: Final = 7200.0
"""Seconds after the last mention of an incident, which still goes on, within which they must begin."""
FEWEST, FLAGGED = 3, 2
"""Unhappy mentions that make an incident, and how many of them must be flagged."""


def take(brand: Brand, mark: Mark, *, now: float, budget: float) -> Iterator[Decision]:
    """One mention, scored: what follows from it. `mark.clock` and `mark.share` are set here."""
    if not brand.is_new(mark.key):
        return
    late = mark.at < brand.background.last - LATE
    if not late:
        harmless = max(0.0, 1 - mark.complaint / DOUBTFUL)
        brand.background.move(mark.at, harmless)
        brand.background.count(mark.at, harmless, unhappy=mark.complaint >= EVIDENCE)
    if mark.complaint < EVIDENCE:
        if not late:
            overhear(brand, mark)
        return
    if len(brand.recent) >= 2 * RECENT:
        forget(brand, now)
    mark = replace(mark, clock=brand.background.operational(mark.at), share=_share(mark, brand.recent))
    like = Likeness(mark, brand.ordinary)
    ratios = like.of(brand.recent)
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
        yield from _look(brand, mark, before, like, ratios, now, budget)


def _share(mark: Mark, recent: Marks) -> float:
    """The second, third… post of an author counts 1/2, 1/3…; of a copied text 1/4, 1/9…: all copies together count as
    less than two."""
    copies = int((recent.copies == mark.copies).sum()) if mark.copies != NOBODY else 0
    posts = int((recent.author == mark.author).sum()) if mark.author != NOBODY else 0
    return 1.0 / max(1 + posts, (1 + copies) ** 2)


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
        alike = float(np.average(pulls[rows], weights=weight + 1e-9))
        odds = grouping.intensity(brand.recent.at[rows], weight, mark.at) * alike
        total += odds
        if odds > most:
            best, most = incident, odds
    return best, most / total if best is not None else 0.0


def _attracts(incident: Incident, at: float) -> bool:
    """One that is over still takes what belongs to it for a while; if a person closed it, without coming back."""
    if incident.state in ("ended", "closed"):
        return incident.ended_at is not None and at - incident.ended_at < REOPEN
    return True


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
    brand: Brand, mark: Mark, before: Marks, like: Likeness, ratios: NDArray[np.float64], now: float, budget: float
) -> Iterator[Decision]:
    """Scan what no alarm explains yet for a sudden source of mentions like this one."""
    rang = [one.number for one in brand.incidents if one.rang]
    rows = np.flatnonzero(~np.isin(before.incident, rang))[-SCANNED:]
    pool = before.take(rows)
    own = mark.complaint / brand.usual
    if mark.copies != NOBODY:
        # That copies are alike is no news.
        ratios = np.where(before.copies == mark.copies, np.minimum(ratios, 1.0), ratios)
    talk = _talk(brand, mark, like)
    weights = np.append(pool.complaint / brand.usual, own)
    all_ratios = np.append(ratios[:, rows] / talk, np.ones((len(ratios), 1)), axis=1) * weights
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
    more = _more_of(brand, members)
    if more is not None:
        yield from _absorb(brand, more, members, now)
        return
    number, news = _gather(brand, members, now)
    yield from news
    if rings:
        facts = _facts(brand, members, pool, found, level, now)
        yield from _ring(brand, number, members, facts, now)


def _talk(brand: Brand, mark: Mark, like: Likeness) -> NDArray[np.float64]:
    """How much more than usual the harmless crowd, too, is like this mention now, (kernels, 1), at least one: at a
    launch or in a game everybody uses the same words, and the few who complain are alike for no other reason."""
    crowd = brand.crowd.take(brand.crowd.at >= mark.at - TALK)
    alike = like.of(crowd).sum(axis=1, keepdims=True)
    talk = np.maximum(1.0, (alike + _CALM) / (len(crowd) + _CALM))
    # What is harmless has no cause: where causes count too, words alone say what the crowd talks about.
    talk[_WORDS + 1 :] = np.maximum(talk[_WORDS + 1 :], talk[_WORDS])
    return np.asarray(talk, dtype=np.float64)


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
    return everything.take(rows).believed(beliefs[rows])


def _more_of(brand: Brand, members: Marks) -> Incident | None:
    """The incident that rings already and that these are more of: at the same time, and alike enough. Two problems of
    one brand seldom begin together; one problem is often told in two ways, by two crowds, in two languages."""
    likeliest, most = None, KIN
    for incident in brand.incidents:
        rows = np.flatnonzero(brand.recent.incident == incident.number)
        if not incident.rang or incident.state != "open" or not len(rows):
            continue
        if members.at[0] > incident.last_at + TOGETHER:
            continue
        others = brand.recent.take(rows)
        weights = others.share * others.belief + 1e-9
        pulls = [
            grouping.pull(Likeness(members.mark(row), brand.ordinary).of(others), 1.0) for row in range(len(members))
        ]
        alike = float(np.average(np.mean(pulls, axis=0), weights=weights))
        if alike > most:
            likeliest, most = incident, alike
    return likeliest


def _absorb(brand: Brand, incident: Incident, members: Marks, now: float) -> Iterator[Decision]:
    """They are more of what rings already: no other alarm, but perhaps the next level."""
    for row in range(len(members)):
        mark = members.mark(row)
        if not brand.links.forbid(mark.key, brand.recent, brand.recent.incident == incident.number):
            yield from _move(brand, mark, incident.number, now)
            _forgive(brand, mark.at, mark.belief)
    grown = brand.incident(incident.number)
    assert grown is not None
    if level_of(grown.count) > grown.level:
        grown = replace(grown, level=level_of(grown.count))
        brand.put(grown)
        yield Escalated(brand=brand.name, incident=grown.number, at=now, level=grown.level)
    yield Retitled(brand=brand.name, incident=grown.number, at=now, title=title_of(grown), cause=cause_of(grown))


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
        mark = members.mark(row)
        if not brand.links.forbid(mark.key, brand.recent, brand.recent.incident == number):
            news += _move(brand, mark, number, now)
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
