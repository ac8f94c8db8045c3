"""The sources and how they are: pure, from rows and a time to what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from listener.board import words
from listener.board.safe import Node, node, text, visible
from listener.store.rows import SourceRow

_TONES = {"listening": "good", "blind": "late", "new": "", "off": ""}
_ORDER = ("blind", "new", "listening", "off")


def sources(rows: Sequence[SourceRow], zone: tzinfo, now: datetime) -> list[tuple[SourceRow, Node]]:
    """What needs a person first."""
    return [
        (row, source(row, zone, now)) for row in sorted(rows, key=lambda r: (_ORDER.index(r.state), r.source.lower()))
    ]


def source(row: SourceRow, zone: tzinfo, now: datetime) -> Node:
    return node("div", "", _head(row, zone, now), *_trouble(row), _counts(row, now))


def _head(row: SourceRow, zone: tzinfo, now: datetime) -> Node:
    state = words.word(words.SOURCE_STATES, row.state)
    if row.state == "blind" and row.blind_since:
        state = f"Blind since {words.clock(row.blind_since, zone, now)}"
    return node(
        "div",
        "row",
        text(row.source, "strong"),
        text(row.kind, "quiet"),
        node("span", "grow"),
        node("span", f"chip {_TONES[row.state]}", state),
    )


def _trouble(row: SourceRow) -> list[Node | None]:
    """Why it is blind and what to do; after a recovery the old reason is of no use to anybody."""
    if row.state != "blind":
        return []
    remedy = node("p", "", node("span", "strong", "What to do: "), visible(row.hint)) if row.hint else None
    return [text(row.error, "late-text", "p"), remedy]


def _counts(row: SourceRow, now: datetime) -> Node:
    last = f"last post {words.ago(row.last_item_at, now)}" if row.last_item_at else "no post yet"
    lag = f"{words.span(timedelta(seconds=row.lag_s))} from post to here" if row.lag_s is not None else None
    numbers = [
        words.count(row.new, "post", "posts"),
        f"{row.updated:,} edited" if row.updated else None,
        f"{row.deleted:,} deleted" if row.deleted else None,
        f"{row.folded:,} repeats" if row.folded else None,
        f"{row.rejected:,} unreadable" if row.rejected else None,
        f"tried {words.count(row.failures, 'time', 'times')}" if row.state == "blind" and row.failures else None,
    ]
    return node(
        "div",
        "row dots quiet",
        *(node("span", "", visible(part)) for part in (last, lag, *numbers, _next(row, now)) if part),
    )


def _next(row: SourceRow, now: datetime) -> str | None:
    if row.next_poll_at is None or row.state == "off":
        return None
    left = row.next_poll_at - now
    return f"next try in {words.span(left)}" if left > timedelta(seconds=1) else "next try now"
