"""Incidents as cards, lines and charts: pure, from what the desk gives and a time to what is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Final, TypeAlias

from listener.board import words
from listener.board.notices import Tone, banner
from listener.board.safe import Node, node, text, visible
from listener.desk.incidents import Listed
from listener.store.incident_rows import IncidentRow

BINS: Final = 48
Place: TypeAlias = Callable[[datetime], float]
"""Where on a chart a time lies, 0..100."""
_TONES: Final = {"open": "late", "quiet": "soon", "ended": "good", "closed": ""}
_ALARMS: Final = 3
"""Alarms that the head of the queue shows."""


def card(one: Listed, *, viewer: str, zone: tzinfo, now: datetime) -> Node:
    """What a person needs to decide within seconds whether to look into it."""
    row = one.summary.incident
    return node(
        "div",
        f"card {'edge-4' if row.state == 'open' else 'edge-2' if row.state == 'quiet' else ''}",
        head(row, viewer=viewer, zone=zone, now=now),
        node("a", "excerpt", called(row), href=f"incident?id={row.id}"),
        node("div", "small", chart(one.times, None, alarm=row.alarm_at, until=now)),
        node("div", "row dots quiet", *counts(one, now)),
    )


def head(row: IncidentRow, *, viewer: str, zone: tzinfo, now: datetime) -> Node:
    """How it stands, what kind, whose brand, who coordinates it."""
    state = words.word(words.INCIDENT_STATES, row.state)
    if row.state == "open" and row.alarm_at:
        state = f"{state} since {words.clock(row.alarm_at, zone, now)}"
    return node(
        "div",
        "row",
        node("span", f"chip {_TONES[row.state]}", state),
        node("span", "strong", words.word(words.CAUSES, row.cause)),
        text(row.brand, "strong"),
        node("span", "grow"),
        _owner(row, viewer),
    )


def _owner(row: IncidentRow, viewer: str) -> Node | None:
    if row.owner is None:
        return node("span", "late nowrap", "nobody coordinates it") if row.state == "open" else None
    mine = row.owner == viewer
    return node(
        "span", f"chip {'good' if mine else ''}", "You coordinate" if mine else f"{visible(row.owner)} coordinates"
    )


def called(row: IncidentRow) -> Node:
    """Its title: a person's, or the words that its posts share, each by itself."""
    prefix = f"{row.cause}: "
    if row.named or not row.title.startswith(prefix):
        return text(row.title, "title", "bdi") or node("bdi", "title", words.word(words.CAUSES, row.cause))
    shared = row.title.removeprefix(prefix).split(", ")
    return node("span", "words", *(node("bdi", "", visible(word)) for word in shared))


def plain(row: IncidentRow) -> str:
    """Its title as one line of plain text, for options of a select box."""
    return visible(f"{row.id}: {row.title}")


def counts(one: Listed, now: datetime) -> list[Node | None]:
    """How large it is, how it grows, and what nobody has taken yet."""
    summary, row = one.summary, one.summary.incident
    langs = ", ".join(f"{number} {words.word(words.LANGUAGES, lang)}" for lang, number in summary.langs)
    first = words.ago(summary.first_at, now) if summary.first_at else None
    return [
        node("span", "strong", words.count(summary.members, "post", "posts")),
        node("span", "", langs),
        node("span", "", words.count(len(summary.sources), "source", "sources")),
        node("span", "", f"first {first}") if first else None,
        node("span", "", growth(one)) if row.state in ("open", "quiet") else None,
        node("span", "", f"{summary.unclaimed} unclaimed") if summary.unclaimed else None,
    ]


def growth(one: Listed) -> str:
    """How many came lately, against before."""
    lately, before, length = one.lately, one.before, words.span(one.window)
    if not lately:
        return f"none in the last {length}"
    return f"{lately} in the last {length}, {before} before that"


def alarms(found: Sequence[Listed], now: datetime) -> list[Node]:
    """The head of the queue: what is going wrong now, in one line each."""
    lines = [_alarm(one, now) for one in found[:_ALARMS]]
    if len(found) > _ALARMS:
        link = node("a", "inline", "All incidents", href="incidents")
        lines.append(banner("soon", f"{words.count(len(found) - _ALARMS, 'more alarm', 'more alarms')}.", link))
    return lines


def _alarm(one: Listed, now: datetime) -> Node:
    row, summary = one.summary.incident, one.summary
    tone: Tone = "late" if row.owner is None else "soon"
    since = words.ago(summary.first_at, now) if summary.first_at else "just now"
    who = f"{visible(row.owner)} coordinates it." if row.owner else "Nobody coordinates it yet."
    start = f"{words.word(words.CAUSES, row.cause)} at {visible(row.brand)}: "
    size = f": {words.count(summary.members, 'post', 'posts')}, the first {since}. {who} "
    link = node("a", "inline", "Look into it", href=f"incident?id={row.id}")
    return node("p", f"notice {tone}", start, called(row), size, link, role="status")


# ------------------------------------------------------------------ charts


def chart(
    dark: Sequence[datetime],
    tall: Sequence[datetime] | None,
    *,
    alarm: datetime | None = None,
    calm: Sequence[datetime] = (),
    start: datetime | None = None,
    until: datetime,
    known: datetime | None = None,
) -> Node:
    """Posts over time: bars of `dark` posts before those of all (`tall`), a line at the alarm, dashed ones at `calm`.

    What lies after `known` is covered.
    """
    everything = sorted([*dark, *(tall or ())])
    first = start or (everything[0] if everything else until)
    last = max([until, *everything[-1:]])
    length = max((last - first).total_seconds(), 60.0)

    def place(at: datetime) -> float:
        return min(max(100 * (at - first).total_seconds() / length, 0.0), 100.0)

    high = max([1, *_bins(tall or dark, place)])
    attributes: dict[str, str] = {"dark": _heights(dark, place, high), "tall": _heights(tall or (), place, high)}
    marks = [f"{place(at):.2f}:calm" for at in calm if at >= first]
    if alarm is not None:
        marks.append(f"{place(alarm):.2f}:late")
    attributes["marks"] = " ".join(marks)
    if known is not None:
        attributes["grey"] = f"{place(known):.2f}"
    return ["bars", "", attributes]


def _bins(times: Sequence[datetime], place: Place) -> list[int]:
    counted = [0] * BINS
    for at in times:
        counted[min(BINS - 1, math.floor(place(at) * BINS / 100))] += 1
    return counted


def _heights(times: Sequence[datetime], place: Place, high: int) -> str:
    return " ".join(f"{100 * number / high:.1f}" for number in _bins(times, place)) if times else ""


def ends(left: str, right: str) -> Node:
    """What the chart's left and right ends are."""
    return node("div", "ends quiet", node("span", "", left), node("span", "", right))


def legend(*keys: tuple[str, str]) -> Node:
    """What colours and lines mean: (style, words)."""
    return node("div", "row quiet", *(node("span", "", node("span", f"key {style}"), said) for style, said in keys))
