"""A past crisis on the board: what to replay, under which settings, and what came of it; drawn from values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from listener.board import incidentlist, words
from listener.board.casefile import View
from listener.board.safe import Node, node, visible
from listener.classify import Classifier
from listener.pipeline import demo
from listener.pipeline.clock import Clock
from listener.pipeline.past import Past, Ring, play, stored
from listener.settings import Settings, current_model, shipped
from listener.store import Store
from listener.store.incident_rows import IncidentRow
from listener.triage.advance import Policy, Sighting

AROUND: Final = timedelta(hours=12)
"""Before a crisis and after it, by the clock of the day."""
STORED: Final = "as stored"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to listen: false alarms a brand and week, and the model whose verdicts count (STORED: those we have)."""

    budget: float
    model: str = STORED


def models() -> dict[str, Path]:
    """Model directories that there are, by name."""
    found = sorted(path.parent for path in shipped("models").glob("*/card.json"))
    return {path.name: path for path in found}


def crisis(row: IncidentRow, last: datetime | None, clock: Clock) -> tuple[datetime, datetime]:
    """From when to when (of the wall) to look at an incident."""
    start, end = clock.inside(row.opened_at), clock.inside(last or row.opened_at)
    return clock.outside(start - AROUND), clock.outside(end + AROUND)


def run(
    store: Store, settings: Settings, brand: str, since: datetime, until: datetime, choices: Sequence[Choice]
) -> list[Past]:
    """What each choice would have made of it."""
    with store.read() as tx:
        clock = Clock.of(tx)
    if clock.started_at is not None:
        since = max(since, clock.started_at)
    return [
        play(
            _sightings(store, settings, clock, brand, since, until, choice),
            Policy(budget=choice.budget, cap=None),
            clock,
            since,
        )
        for choice in choices
    ]


def _sightings(
    store: Store, settings: Settings, clock: Clock, brand: str, since: datetime, until: datetime, choice: Choice
) -> list[Sighting]:
    scorer = None if choice.model == STORED else _model(models()[choice.model])
    found = stored(store, brand, since, until, scorer)
    if clock.started_at is None:
        return found
    usual = _usual(settings, clock, scorer or _model(current_model(settings)))
    return [*(one for one in usual if one.brand == brand), *(one for one in found if one.posted_at >= clock.started_at)]


@lru_cache(maxsize=2)
def _model(path: Path) -> Classifier:
    from listener.classify import load

    return load(path)


_days: dict[tuple[datetime | None, str], list[Sighting]] = {}


def _usual(settings: Settings, clock: Clock, scorer: Classifier) -> list[Sighting]:
    """The days that the demo pretends to have listened to."""
    assert clock.started_at is not None
    key = (clock.started_at, scorer.name)
    if key not in _days:
        _days.clear()
        _days[key] = [one for _, batch in demo.before(scorer, settings, clock.started_at) for one in batch]
    return _days[key]


# ------------------------------------------------------------------ what came of it


def verdict(past: Past, view: View) -> list[Node]:
    """Alarms in words: how soon after the first post, how long before the number of posts told anything."""
    rung = past.rings
    total = words.count(len(rung), "alarm", "alarms")
    head = node(
        "p",
        "",
        node("span", "strong", total),
        f" in {past.days:.1f} days ({len(rung) / past.days:.1f} a day), {len(past.posts):,} posts, "
        f"{len(past.unhappy):,} of them flagged.",
    )
    volume = words.count(len(past.volume), "time", "times")
    usual = node("p", "quiet", f"An alarm on the number of posts alone would have rung {volume}.")
    return [head, *(_ring(ring, view) for ring in rung), usual]


def _ring(ring: Ring, view: View) -> Node:
    when = words.clock(ring.alarm_at, view.zone, view.now)
    after = words.span(ring.alarm_at - ring.first_at)
    return node(
        "div",
        "item",
        node("p", "", node("span", "chip late", f"Alarm {when}"), " ", _title(ring.title, ring.cause)),
        node(
            "p",
            "quiet",
            f"{after} after its first post, with {ring.seen} of its {ring.members} posts. {_lead(ring)}",
        ),
    )


def _lead(ring: Ring) -> str:
    if ring.volume_at is None:
        return "The number of posts alone never told."
    lead = ring.volume_at - ring.alarm_at
    if abs(lead) < timedelta(seconds=1):
        return "The number of posts alone told at the same moment."
    if lead >= timedelta(0):
        return f"The number of posts alone told {words.span(lead)} later."
    return f"The number of posts alone told {words.span(-lead)} sooner."


def _title(title: str, cause: str) -> Node:
    shared = title.removeprefix(f"{cause}: ")
    return node("bdi", "", f"{words.word(words.CAUSES, cause)}: {visible(shared)}")


def known(past: Past, at: datetime) -> list[Node]:
    """What was known at a moment of the past."""
    posts, unhappy = sum(one <= at for one in past.posts), sum(one <= at for one in past.unhappy)
    lines = [
        node(
            "div",
            "item",
            node("span", "chip late" if one.rang else "chip soon", "Alarm" if one.rang else "Forming"),
            " ",
            _title(one.title, one.cause),
            node("span", "quiet", f", {words.count(one.members, 'post', 'posts')}"),
        )
        for one in past.known_at(at)
    ]
    return [
        node("p", "", f"{posts:,} posts so far, {unhappy:,} flagged."),
        *(lines or [node("p", "quiet", "No incident yet.")]),
    ]


def chart(past: Past, since: datetime, until: datetime, at: datetime, view: View) -> list[Node]:
    """The whole stretch; what was not known yet at `at` is covered."""
    first_alarm = past.rings[0].alarm_at if past.rings else None
    return [
        incidentlist.chart(
            past.unhappy, past.posts, alarm=first_alarm, calm=past.volume, start=since, until=until, known=at
        ),
        incidentlist.ends(words.clock(since, view.zone, view.now), words.clock(until, view.zone, view.now)),
        incidentlist.legend(
            ("tall", "all posts"),
            ("dark", "flagged"),
            ("late-line", "first alarm"),
            ("calm-line", "number of posts alone"),
        ),
    ]
