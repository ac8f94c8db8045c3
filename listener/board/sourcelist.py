"""The sources and how they are: pure, from what is heard of them and a time to what is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from listener.board import words
from listener.board.safe import Node, node, text, visible
from listener.pipeline.heard import Heard
from listener.store.rows import SourceRow
from listener.types import Budget

_TONES = {"listening": "good", "blind": "late", "new": "", "off": ""}
_ORDER = ("blind", "silent", "new", "listening", "off")
_STAGES = {"collected": "here", "scored": "scored", "shown": "in the queue"}
_REASONS = 4


def sources(heard: Sequence[Heard], zone: tzinfo, now: datetime) -> list[tuple[SourceRow, Node]]:
    """What is deaf first."""

    def place(one: Heard) -> tuple[int, str]:
        state = "silent" if one.silent_since is not None else one.row.state
        return _ORDER.index(state), one.row.source.lower()

    return [(one.row, source(one, zone, now)) for one in sorted(heard, key=place)]


def summary(heard: Sequence[Heard]) -> Node:
    """How many hear and how many do not, before all details."""
    on = [one for one in heard if one.row.state != "off"]
    blind = sum(one.row.state == "blind" for one in on)
    silent = sum(one.silent_since is not None for one in on)
    hearing = sum(one.row.state == "listening" and one.silent_since is None for one in on)
    parts = [
        node("span", "late", f"{blind} blind") if blind else None,
        node("span", "soon", f"{silent} silent") if silent else None,
        node("span", "", f"{hearing} of {words.count(len(on), 'source', 'sources')} hearing"),
    ]
    return node("div", "row dots quiet totals", *parts, role="status")


def source(one: Heard, zone: tzinfo, now: datetime) -> Node:
    return node(
        "div",
        "",
        _head(one, zone, now),
        *_trouble(one.row),
        _silence(one, zone, now),
        node("dl", "facts", *(part for pair in _facts(one, now) for part in pair)),
        _counts(one.row, now),
    )


def _head(one: Heard, zone: tzinfo, now: datetime) -> Node:
    row, tone = one.row, _TONES[one.row.state]
    state = words.word(words.SOURCE_STATES, row.state)
    if row.state == "blind" and row.blind_since:
        state = f"Blind since {words.clock(row.blind_since, zone, now)}"
    elif one.silent_since is not None:
        state, tone = f"Silent since {words.clock(one.silent_since, zone, now)}", "soon"
    return node(
        "div",
        "row",
        text(row.source, "strong"),
        text(row.kind, "quiet"),
        node("span", "grow"),
        node("span", f"chip {tone}", state),
    )


def _trouble(row: SourceRow) -> list[Node | None]:
    """Why it is blind and what to do; after a recovery the old reason is of no use to anybody."""
    if row.state != "blind":
        return []
    remedy = node("p", "", node("span", "strong", "What to do: "), visible(row.hint)) if row.hint else None
    return [text(row.error, "late-text", "p"), remedy]


def _silence(one: Heard, zone: tzinfo, now: datetime) -> Node | None:
    if one.silent_since is None:
        return None
    since = words.clock(one.silent_since, zone, now)
    what = f"It answers, but nothing has come since {since}: so long a silence is not usual for it. "
    return node(
        "p", "", what, node("span", "strong", "What to do: "), "look whether an address, a hashtag or a login changed."
    )


def _facts(one: Heard, now: datetime) -> Iterator[tuple[Node, Node]]:
    """What is usual and what is real."""
    row = one.row
    yield _fact("Last post", words.ago(row.last_item_at, now) if row.last_item_at else "none yet")
    if row.state == "listening" or one.this_hour or one.expected is not None:
        yield _fact("This hour", f"{words.count(one.this_hour, 'post', 'posts')}, {_usual(one.expected)}")
    if one.lags:
        stages = [f"{_STAGES[stage]} {_seconds(lag.p50)} (95%: {_seconds(lag.p95)})" for stage, lag in one.lags.items()]
        yield _fact("From post to", " · ".join(stages))
    if one.dropped:
        reasons = [f"{count:,} {visible(reason)}" for reason, count in list(one.dropped.items())[:_REASONS]]
        more = len(one.dropped) - _REASONS
        yield _fact("Dropped in 7 days", " · ".join([*reasons, *([f"{more} other reasons"] if more > 0 else [])]))
    if one.budgets:
        yield _fact("Spent", " · ".join(map(_spent, one.budgets)), late=any(b.spent >= b.limit for b in one.budgets))
    if one.overdue:
        overdue = f"{words.count(one.overdue, 'post', 'posts')} overdue to be looked at for deletion"
        yield _fact("Deletions", overdue, late=True)


def _fact(name: str, value: str, *, late: bool = False) -> tuple[Node, Node]:
    return node("dt", "", name), node("dd", "late-text" if late else "", value)


def _usual(expected: float | None) -> str:
    if expected is None:
        return "too new to know what is usual"
    return f"usually {expected:,.0f}" if expected >= 10 else f"usually {expected:.1f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else words.span(timedelta(seconds=seconds))


def _spent(budget: Budget) -> str:
    unit = visible(budget.unit)
    digits = 2 if unit == "US dollars" else 0
    when = "today" if budget.period == "day" else f"this {visible(budget.period)}"
    return f"{budget.spent:,.{digits}f} of {budget.limit:,.{digits}f} {unit} {when}"


def _counts(row: SourceRow, now: datetime) -> Node:
    numbers = [
        f"{words.count(row.new, 'post', 'posts')} in all",
        f"{row.updated:,} edited" if row.updated else None,
        f"{row.deleted:,} deleted" if row.deleted else None,
        f"{row.folded:,} repeats" if row.folded else None,
        f"{row.rejected:,} unreadable" if row.rejected else None,
        f"tried {words.count(row.failures, 'time', 'times')}" if row.state == "blind" and row.failures else None,
    ]
    return node(
        "div", "row dots quiet", *(node("span", "", visible(part)) for part in (*numbers, _next(row, now)) if part)
    )


def _next(row: SourceRow, now: datetime) -> str | None:
    if row.next_poll_at is None or row.state == "off":
        return None
    left = row.next_poll_at - now
    return f"next try in {words.span(left)}" if left > timedelta(seconds=1) else "next try now"
