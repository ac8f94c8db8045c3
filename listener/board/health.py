"""Whether listener hears: what the board says above the queue when it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from listener.board import words
from listener.board.notices import banner
from listener.board.safe import Node, node, visible
from listener.store.rows import SourceRow

WORKER: Final = "worker"
"""The worker's entry in the store's state, with `at` (ISO 8601), written every few seconds."""

SILENT: Final = "silent"
"""The worker's entry of sources that are silent beyond their past: {name: since when}."""

SILENT_AFTER: Final = timedelta(minutes=1)


def worker_silent_since(beat: Mapping[str, Any] | None, now: datetime) -> datetime | None:
    """When the worker last said that it lives, if that is too long ago; None while it lives or never lived."""
    at = (beat or {}).get("at")
    if not isinstance(at, str):
        return None
    try:
        last = datetime.fromisoformat(at)
    except ValueError:
        return None
    last = last if last.tzinfo else last.replace(tzinfo=UTC)
    return last if now - last > SILENT_AFTER else None


def worker_warning(beat: Mapping[str, Any] | None, zone: tzinfo, now: datetime) -> list[Node]:
    """One line if the worker stands still."""
    silent = worker_silent_since(beat, now)
    if silent is None:
        return []
    since = words.clock(silent, zone, now)
    return [
        banner("late", f"The worker has stood still since {since}: no new post arrives. Start it with: listener up")
    ]


def warnings(
    beat: Mapping[str, Any] | None,
    sources: Sequence[SourceRow],
    zone: tzinfo,
    now: datetime,
    silent: Mapping[str, str] | None = None,
) -> list[Node]:
    """At most one line: the worker stands still, or sources are blind, or (name: since) silent beyond their past."""
    if warning := worker_warning(beat, zone, now):
        return warning
    blind = [(row.source, row.blind_since) for row in sources if row.state == "blind" and row.blind_since]
    if blind:
        return [_line(blind, "blind", zone, now)]
    quiet = [(name, datetime.fromisoformat(since)) for name, since in (silent or {}).items()]
    return [_line(quiet, "silent beyond what is usual", zone, now)] if quiet else []


def _line(found: Sequence[tuple[str, datetime]], how: str, zone: tzinfo, now: datetime) -> Node:
    """The first of them, and how many others."""
    name, since = min(found, key=lambda one: one[1])
    more = f" and {words.count(len(found) - 1, 'other source', 'other sources')}" if len(found) > 1 else ""
    link = node("a", "", "What to do", href="sources")
    return banner("soon", f"{visible(name)}{more}: {how} since {words.clock(since, zone, now)}.", link)
