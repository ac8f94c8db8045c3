"""Early detection on stored mentions: incidents and alarms, written in the transaction that saves what it remembers.

So a crash leaves either a batch's decisions with the state that made them, or neither; and whoever acts on an incident
at the desk, in another process, changes the same saved state, which the worker takes up with its next batch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from listener.pipeline.clock import Clock
from listener.settings import Brand as BrandSettings
from listener.settings import Settings
from listener.store import Tx
from listener.store.incident_rows import IncidentRow, PastRow
from listener.store.rows import ScoredMention
from listener.triage.advance import VERSION, Policy, Sighting, State, advance
from listener.triage.incidents.marks import number
from listener.triage.incidents.news import (
    Decision,
    Ended,
    Escalated,
    Joined,
    Left,
    Merged,
    Opened,
    Rang,
    Reopened,
    Retitled,
)
from listener.triage.incidents.titles import title_of
from listener.triage.incidents.words import describe
from listener.triage.surges import saved
from listener.triage.surges.brand import Brand
from listener.triage.surges.why import Surge
from listener.types import LANGUAGES

log = logging.getLogger("listener.early")

SWEEP: Final = timedelta(seconds=20)
"""Without news, time alone is looked at this often: what is over ends."""
MACHINE: Final = "listener"


class Memory:
    """What triage remembers, held between batches; the store says whether it is still true."""

    def __init__(self) -> None:
        self._brands: dict[str, Brand] = {}
        self._serials: dict[str, int] = {}
        self.swept: datetime | None = None

    def current(self, tx: Tx, only: str | None = None) -> State:
        """The latest state of all brands, or of one; only what somebody else changed is read."""
        serials = tx.triage_states.serials()
        if only is not None:
            serials = {brand: serial for brand, serial in serials.items() if brand == only}
        changed = [brand for brand, serial in serials.items() if self._serials.get(brand) != serial]
        for brand, value in tx.triage_states.load(changed).items() if changed else ():
            self._brands[brand] = _brand(tx, brand, value)
        self._brands = {brand: known for brand, known in self._brands.items() if brand in serials}
        self._serials = serials
        return State(dict(self._brands))

    def keep(self, tx: Tx, state: State, now: datetime) -> None:
        """Save the brands that are not as they were in `current`."""
        for name, brand in state.brands.items():
            if self._brands.get(name) is not brand:
                value = {"version": VERSION, "brand": saved.to_plain(brand)}
                self._serials[name] = tx.triage_states.save(name, value, now)
                self._brands[name] = brand

    def forget(self) -> None:
        """What was kept may not have been written: read it all anew."""
        self._brands, self._serials = {}, {}


Act = Callable[[State, datetime], tuple[State, list[Decision]]]
"""Something that a person does to what triage remembers, at a time of its own clock."""


def act(tx: Tx, brand: str, what: Act, now: datetime) -> list[Decision]:
    """Let triage know what a person did to an incident of this brand, and write what follows."""
    memory, clock = Memory(), Clock.of(tx)
    state, decisions = what(memory.current(tx, brand), clock.inside(now))
    write(tx, decisions, clock)
    memory.keep(tx, state, now)
    return decisions


def watch(
    tx: Tx, memory: Memory, scored: Sequence[ScoredMention], settings: Settings, clock: Clock, now: datetime
) -> list[Decision]:
    """Count the mentions that were not counted yet, and write what follows; their alerts are there already."""
    fresh = [one for one in scored if not one.watched]
    if clock.started_at is not None:  # what was before the replayed day is remembered already (demo.usual)
        fresh = [one for one in fresh if one.posted_at >= clock.started_at]
    if not fresh and memory.swept is not None and timedelta(0) <= now - memory.swept < SWEEP:
        return []
    memory.swept = now
    policy = Policy(budget=settings.early.budget, cap=settings.early.cap)
    known = {brand.name for brand in settings.brands}  # what a source calls a brand is not taken at its word
    found = (sighting for one in fresh for sighting in sightings_of(one, clock))
    sightings = [one for one in found if not known or one.brand in known]
    state, decisions = advance(memory.current(tx), sightings, clock.inside(now), policy)
    write(tx, _titled(decisions, state, names_of(settings.brands)), clock)
    memory.keep(tx, state, now)
    tx.alerts.mark_watched([one.mention_id for one in fresh])
    return decisions


def sightings_of(one: ScoredMention | PastRow, clock: Clock) -> Iterable[Sighting]:
    """A stored mention as early detection sees it: once for each of its brands."""
    for brand in one.brands:
        yield Sighting(
            key=str(one.mention_id),
            brand=brand,
            posted_at=clock.inside(one.posted_at),
            text=one.text,
            lang=one.lang,
            source=one.source,
            complaint=one.complaint,
            flagged=one.flagged,
            cause=one.cause,
            causes=one.causes,
            author=one.author_key,
            copies=one.copy_group,
        )


Names = Mapping[str, frozenset[str]]
"""The words that a brand is called by: most mentions have one, so they say nothing in a title."""


@lru_cache(maxsize=8)
def names_of(brands: tuple[BrandSettings, ...]) -> Names:
    """From the settings' brands."""
    return {
        brand.name: frozenset(
            word for term in (brand.name, *brand.aliases) for lang in LANGUAGES for word in describe(term, lang).words
        )
        for brand in brands
    }


def _titled(decisions: Sequence[Decision], state: State, names: Names) -> list[Decision]:
    """With titles that leave the brand's own words out, if any others are left; a person's title stays."""
    told: list[Decision] = []
    for decision in decisions:
        brand = state.brands.get(decision.brand)
        incident = brand.incident(decision.incident) if brand is not None else None
        if isinstance(decision, Opened | Retitled) and incident is not None:
            own = names.get(decision.brand, frozenset())
            telling = tuple(pair for pair in incident.words if pair[0] not in own)
            decision = replace(decision, title=title_of(replace(incident, words=telling or incident.words)))
        told.append(decision)
    return told


def write(tx: Tx, decisions: Sequence[Decision], clock: Clock) -> None:
    """Bring the stored incidents in line with what was decided."""
    scribe = _Scribe(tx, clock)
    for decision in decisions:
        scribe.take(decision)
    if scribe.touched:
        tx.incidents.attach(scribe.touched)


class _Scribe:
    """Writes decisions; `touched` are the mentions whose incident may be another one now."""

    def __init__(self, tx: Tx, clock: Clock) -> None:
        self._tx = tx
        self._clock = clock
        self.touched: set[int] = set()

    def take(self, decision: Decision) -> None:
        row = _row(self._tx, decision, self._clock)
        at = self._clock.wall(decision.at)
        match decision:
            case Opened() | Retitled():
                self._tx.incidents.retitle(row.id, decision.title, decision.cause)
            case Joined() | Left():
                self._move(row, decision, at)
            case Merged():
                other = self._tx.incidents.find(decision.brand, decision.other)
                self.touched.update(merge(self._tx, row, other, at))
            case _:
                self._alarm(row, decision, at)

    def _move(self, row: IncidentRow, decision: Joined | Left, at: datetime) -> None:
        mention = _mention(decision.key)
        if mention is None:
            return
        self.touched.add(mention)
        if isinstance(decision, Joined):
            self._tx.incidents.join(row.id, [mention], at)
        else:
            self._tx.incidents.leave(row.id, [mention])

    def _alarm(self, row: IncidentRow, decision: Rang | Escalated | Ended | Reopened, at: datetime) -> None:
        tx, data = self._tx, dict[str, float]()
        match decision:
            case Rang():
                names = {number(source.source): source.source for source in tx.sources.all()}
                kind, done = "rang", tx.incidents.ring(row.id, at, facts(decision.surge, self._clock, names))
                data = _numbers(decision.surge)
                self.touched.update(tx.incidents.mention_ids(row.id))
            case Escalated():
                kind, done = "escalated", tx.incidents.escalate(row.id, decision.level)
                data = {"level": decision.level}
            case Ended():
                kind, done = "ended", tx.incidents.end(row.id, at, "ended")
            case Reopened():
                kind, done = "reopened", row.state == "ended" and tx.incidents.reopen(row.id)
        if done:
            tx.incidents.tell(row.id, at, MACHINE, kind, data)


def merge(tx: Tx, keep: IncidentRow, other: IncidentRow | None, at: datetime) -> list[int]:
    """`other` becomes part of `keep`: its members, its alarm; who they were."""
    if other is None or other.id == keep.id:
        return []
    moved = tx.incidents.mention_ids(other.id)
    tx.incidents.leave(other.id, moved)
    tx.incidents.join(keep.id, moved, at)
    tx.incidents.take_alarm(keep.id, other)
    tx.incidents.merge(keep.id, other.id)
    return moved


def facts(surge: Surge, clock: Clock, names: Mapping[int, str]) -> dict[str, Any]:
    """Why it rang, as JSON: sources by name, mentions by id, times of the wall."""
    sources = [[names[which], count] for which, count in surge.sources if which in names]
    first = [mention for key in surge.first if (mention := _mention(key)) is not None]
    return {
        **asdict(surge),
        "start": clock.wall(surge.start).isoformat(),
        "end": clock.wall(surge.end).isoformat(),
        "minutes": round((surge.end - surge.start) / 60),
        "cold": surge.cold,
        "terms": list(surge.terms),
        "first": first,
        "sources": sources,
    }


def _row(tx: Tx, decision: Decision, clock: Clock) -> IncidentRow:
    """The stored incident that it is about, made if there is none."""
    row = tx.incidents.find(decision.brand, decision.incident)
    if row is None:
        told = (decision.title, decision.cause) if isinstance(decision, Opened | Retitled) else ("", "other")
        at = clock.wall(decision.at)
        made = tx.incidents.open(decision.brand, decision.incident, at, title=told[0], cause=told[1])
        tx.incidents.tell(made, at, MACHINE, "opened", {})
        row = tx.incidents.get(made)
        assert row is not None
    return row


def _mention(key: str) -> int | None:
    return int(key) if key.isascii() and key.isdecimal() else None


def _numbers(surge: Surge) -> dict[str, float]:
    """For the history: no words of posts in it."""
    return {"observed": surge.observed, "expected": round(surge.expected, 2), "improbable": surge.improbable}


def _brand(tx: Tx, name: str, value: Mapping[str, Any]) -> Brand:
    """What was saved; if another version of listener saved it, a brand of which nothing is known."""
    try:
        if value["version"] == VERSION:
            return saved.from_plain(value["brand"])
    except (KeyError, TypeError, ValueError) as error:
        log.warning("%s in what early detection remembers of a brand: it begins anew", type(error).__name__)
    return Brand(name, next_number=tx.incidents.last_number(name) + 1)
