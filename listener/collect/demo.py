"""The demo day: invented mentions of data/samples replayed as if they were posted now.

A day is split at `live_from`: what lies before is history and comes at once, squeezed into the hours before the start
(`history_speed`), what lies after comes live at `speed` simulated seconds a second. Every time shown is the replay's
own, so ages and due times on the board are true of the replay. The `truth` labels in the file are never read here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from listener.errors import GoneError
from listener.settings import Duration, SourceOptions, shipped
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention

STREAMING = True
COUNTS = ("replies", "shares", "likes", "views", "followers")
HEARTBEAT_S = 0.5


class Options(SourceOptions):
    """One platform's part of the day: the lines whose `source` is this source's name."""

    path: str = "day.jsonl"
    speed: Annotated[float, Field(gt=0, le=100_000)] = 60.0
    history_speed: Annotated[float, Field(gt=0, le=1000)] = 12.0
    live_from: Duration = timedelta(hours=14)
    started_at: AwareDatetime | None = None

    @property
    def file(self) -> Path:
        """Where the day lies: beside the shipped samples unless the path is absolute."""
        return shipped("data/samples") / self.path


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Yield the lines of this source as their time comes; goes on after the line counted in the checkpoint."""
    started = options.started_at or datetime.now(UTC)
    lines = _lines(options)
    done = int((checkpoint or {}).get("done", 0))
    for number, line in enumerate(lines[done:], start=done + 1):
        due = _real_time(options, started, float(line["at"]))
        while (wait := (due - datetime.now(UTC)).total_seconds()) > 0:
            yield Checkpoint(source=options.name, value={"done": number - 1}, caught_up=True)
            time.sleep(min(wait, HEARTBEAT_S))
        yield _event(options, line, due, _real_time(options, started, line["posted"]))
        yield Checkpoint(source=options.name, value={"done": number})
    while True:
        yield Checkpoint(source=options.name, value={"done": len(lines)}, caught_up=True)
        time.sleep(HEARTBEAT_S)


def _lines(options: Options) -> list[dict[str, Any]]:
    try:
        with options.file.open(encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.strip()]
    except OSError as error:
        raise GoneError(
            options.name, f"{options.file.name} cannot be read", hint="Install listener with data/samples."
        ) from error
    mine = sorted((line for line in lines if line["source"] == options.name), key=lambda line: float(line["at"]))
    first: dict[str, float] = {}
    for line in mine:
        # An edit comes when its line says, but the post it changes stays as old as it is.
        line["posted"] = first.setdefault(line["id"], float(line["at"]))
    return mine


def _real_time(options: Options, started: datetime, at: float) -> datetime:
    """When the second `at` of the day happens in this replay."""
    offset = at - options.live_from.total_seconds()
    return started + timedelta(seconds=offset / (options.history_speed if offset < 0 else options.speed))


def _event(options: Options, line: dict[str, Any], at: datetime, posted_at: datetime) -> Event:
    if line.get("deleted"):
        return Deletion(source=options.name, native_id=line["id"], at=at)
    counts = line.get("engagement")
    engagement = (
        Engagement(source=options.name, native_id=line["id"], at=at, **{k: counts.get(k) for k in COUNTS})
        if counts
        else None
    )
    if "text" not in line and engagement:
        return engagement
    return Mention(
        source=options.name,
        native_id=line["id"],
        text=line["text"],
        posted_at=posted_at,
        author=line.get("author"),
        title=line.get("title"),
        url=line.get("url"),
        lang=line.get("lang"),
        channel=line.get("channel") or options.channel,
        parent_id=line.get("parent"),
        thread_id=line.get("thread"),
        repost_of=line.get("repost_of"),
        brands=tuple(brand for brand in (options.brand or line.get("brand"),) if brand),
        engagement=engagement,
    )
