"""The demo's own home: invented brands, the sample day as its sources, a database made anew at every start.

Early detection needs to know what is usual. The demo pretends that listener has listened for some days, each as the
sample day was before its problems began, and by the day's own clock.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from listener.pipeline.advance import Scorer
from listener.pipeline.clock import Clock
from listener.pipeline.early import Memory
from listener.settings import FILE_NAME, Settings, parse, shipped
from listener.store import Store
from listener.store.rows import compose
from listener.text.brands import BrandMatcher
from listener.triage.advance import Policy, Sighting, State, advance
from listener.triage.incidents.marks import FREE
from listener.types import Verdict

DIRECTORY: Final = "demo"
SPEED: Final = 60.0
"""Simulated seconds a second: the ten live hours of the day pass in ten minutes."""
HISTORY_SPEED: Final = 12.0
LIVE_FROM: Final = timedelta(hours=14)
ROUNDS: Final = 6
"""So often the day's beginning is taken to have been before."""


def demo_home(home: Path) -> Path:
    """The demo's directory inside a home; the real database beside it is never touched."""
    return home / DIRECTORY


def demo_settings(home: Path, *, speed: float = SPEED, started_at: datetime) -> Settings:
    """The shipped demo settings on `home`, every source replaying from `started_at` at `speed`."""
    file = shipped("data/samples") / FILE_NAME
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    for source in tables["sources"]:
        source.update(speed=speed, history_speed=HISTORY_SPEED, live_from=LIVE_FROM, started_at=started_at)
    return parse(tables, home=home, file=str(file))


def recreate(home: Path) -> None:
    """Empty the demo's directory of its last database."""
    for file in home.glob("listener.db*"):
        file.unlink()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How the supervisor tells a worker that it works on the demo."""
    parser.add_argument("--demo-started-at", type=datetime.fromisoformat)
    parser.add_argument("--demo-speed", type=float, default=SPEED)


def arguments(home: Path, *, speed: float, started_at: datetime) -> tuple[str, ...]:
    """The arguments that make a worker work on the demo."""
    stamp = started_at.astimezone(UTC).isoformat()
    return ("--home", str(home), "--demo-started-at", stamp, "--demo-speed", str(speed))


def settings_from(given: argparse.Namespace) -> Settings | None:
    """The demo's settings if the arguments ask for it."""
    if given.demo_started_at is None:
        return None
    return demo_settings(given.home, speed=given.demo_speed, started_at=given.demo_started_at)


def clock_from(given: argparse.Namespace) -> Clock:
    """The day's clock if the arguments ask for the demo, else the wall's."""
    if given.demo_started_at is None:
        return Clock()
    return Clock(started_at=given.demo_started_at, speed=given.demo_speed, history_speed=HISTORY_SPEED)


def prepare(store: Store, scorer: Scorer, settings: Settings, clock: Clock, now: datetime) -> None:
    """Save the day's clock and what early detection would remember by now, unless that was done before."""
    if clock.started_at is None:
        return
    with store.read() as tx:
        if Clock.of(tx) == clock:
            return
    state = usual(scorer, settings, clock)
    with store.write() as tx:
        clock.save(tx, now)
        Memory().keep(tx, state, now)


def usual(scorer: Scorer, settings: Settings, clock: Clock) -> State:
    """What triage remembers after the day's beginning, ROUNDS times before and as it was; without incidents."""
    assert clock.started_at is not None
    policy = Policy(budget=settings.early.budget, cap=settings.early.cap)
    state = State()
    for back, batch in before(scorer, settings, clock.started_at):
        state, _ = advance(state, batch, clock.started_at - back * LIVE_FROM, policy)
    for brand in state.brands.values():
        brand.incidents = ()
        for row in range(len(brand.recent)):
            brand.recent = brand.recent.assigned(row, FREE, 0.0)
    return state


def before(scorer: Scorer, settings: Settings, started_at: datetime) -> Iterator[tuple[int, list[Sighting]]]:
    """The days that are taken to have been, oldest first: how many beginnings ago each was, and its mentions."""
    day = list(sightings(scorer, settings, started_at - LIVE_FROM, until=LIVE_FROM))
    for back in range(ROUNDS, -1, -1):
        yield back, [replace(one, key=f"{back}:{one.key}", posted_at=one.posted_at - back * LIVE_FROM) for one in day]


def sightings(
    scorer: Scorer, settings: Settings, midnight: datetime, *, since: timedelta = timedelta(0), until: timedelta
) -> Iterator[Sighting]:
    """The day's posts between two of its hours, at their own times."""
    file = shipped("data/samples") / "day.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    own = {account for brand in settings.brands for account in brand.accounts}
    posts = [
        (line, compose(line.get("title"), line["text"]))
        for line in lines
        if since.total_seconds() <= line["at"] < until.total_seconds()
        and "text" in line
        and not (line.get("edit") or line.get("repost_of") or line.get("author") in own)
    ]
    match = BrandMatcher(settings.brands).match
    verdicts = scorer.verdicts([text for _, text in posts], langs=[line["lang"] for line, _ in posts])
    for (line, text), verdict in zip(posts, verdicts, strict=True):
        for brand in dict.fromkeys((*filter(None, [line.get("brand")]), *match(text))):
            yield _sighting(line["source"], line["id"], brand, midnight + timedelta(seconds=line["at"]), text, verdict)


def _sighting(source: str, native_id: str, brand: str, at: datetime, text: str, verdict: Verdict) -> Sighting:
    return Sighting(
        key=f"{source}/{native_id}",
        brand=brand,
        posted_at=at,
        text=text,
        lang=verdict.lang,
        source=source,
        complaint=verdict.complaint,
        flagged=verdict.flagged,
        cause=verdict.cause,
        causes=verdict.causes,
    )
