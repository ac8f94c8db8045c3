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


def warnings(beat: Mapping[str, Any] | None, sources: Sequence[SourceRow], zone: tzinfo, now: datetime) -> list[Node]:
    """At most one line: the worker stands still, or sources are blind."""
    if silent := worker_warning(beat, zone, now):
        return silent
    blind = [row for row in sources if row.state == "blind" and row.blind_since]
    if not blind:
        return []
    first = min(blind, key=lambda row: row.blind_since or now)
    since = words.clock(first.blind_since or now, zone, now)
    more = f" and {words.count(len(blind) - 1, 'other source', 'other sources')}" if len(blind) > 1 else ""
    link = node("a", "", "What to do", href="sources")
    return [banner("soon", f"{visible(first.source)}{more}: blind since {since}.", link)]
