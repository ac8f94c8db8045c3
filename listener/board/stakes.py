"""Why an alert is first: what is at stake, factor by factor, with range and source; and how far the post may spread.

Pure, from a case and the settings' figures to what is drawn.
"""

from __future__ import annotations

from typing import Final

from listener.board import words
from listener.board.casefile import View
from listener.board.safe import Node, node, visible
from listener.pipeline.clock import Clock
from listener.settings import Value
from listener.store.rows import AlertRow, Case
from listener.triage.priority import at_stake, likely_range, sources
from listener.triage.reach import HOURS, Spread, spread
from listener.triage.spread import REPLY, Total
from listener.types import Factor

_PERCENT: Final = frozenset({"loss", "certainty", "savable", "hour"})
"""Factors that are parts of a whole."""


def why(alert: AlertRow, view: View, value: Value) -> list[Node]:
    """The priority as the product of its factors, each as it is taken, between what, and who says so."""
    told = sources(value, severity=alert.severity, cause=alert.cause)
    now = at_stake(alert.priority, alert.posted_at, view.now, value)
    low, high = (bound * now / alert.priority if alert.priority else 0.0 for bound in likely_range(alert.factors))
    unit = value.unit
    return [
        node("h2", "", "Why is this first?"),
        node(
            "p",
            "",
            node("span", "strong", words.stake(now, unit)),
            f" are at stake while nobody answers (between {words.stake(low, unit)} and {words.stake(high, unit)}).",
        ),
        node("table", "", node("tbody", "", *(_row(at, factor, told) for at, factor in enumerate(alert.factors)))),
        *_since(alert, view, value),
        node("p", "source", "All figures are assumptions; they are set under [value] in listener.toml."),
    ]


def _row(at: int, factor: Factor, told: dict[str, str]) -> Node:
    name = factor.name
    span = "" if factor.low is None or factor.low == factor.high else f"{_shown(name, factor.low)} to {_high(factor)}"
    return node(
        "tr",
        "factor",
        node(
            "td",
            "",
            node("p", "strong", words.word(words.FACTORS, name)),
            node("p", "quiet", visible(factor.note)),
        ),
        node(
            "td",
            "nowrap",
            node("p", "strong", ("× " if at else "") + _shown(name, factor.value)),
            node("p", "quiet", span),
        ),
        node("td", "source", visible(told.get(name, ""))),
    )


def _high(factor: Factor) -> str:
    return _shown(factor.name, factor.high if factor.high is not None else factor.value)


def _shown(name: str, value: float) -> str:
    return f"{100 * value:.3g}%" if name in _PERCENT else f"{value:,.4g}"


def _since(alert: AlertRow, view: View, value: Value) -> list[Node]:
    """What waiting has cost already."""
    kept = at_stake(1.0, alert.posted_at, view.now, value)
    if kept > 0.97:
        return []
    left = f"Posted {words.ago(alert.posted_at, view.now)}: of what an answer could save then, {kept:.0%} is left."
    return [node("p", "", left)]


# ------------------------------------------------------------------ spread


def outlook(case: Case, clock: Clock) -> list[Node]:
    """How far it may still spread, if nobody answers and if somebody does; an assumption, with its source."""
    history = clock.aged(case.engagement, case.mention.posted_at)
    coming = spread(history, case.mention.channel, case.mention.posted_at)
    if coming is None:
        return []
    rows = [
        *(_size(f"in {hours} h", size) for hours, size in zip(HOURS, coming.within, strict=True)),
        _size("in the end", coming.final),
    ]
    return [
        node("h2", "", f"How far it may spread ({coming.counted})"),
        node("p", "", f"{coming.seen:,} so far."),
        node("table", "", node("tbody", "", *rows)),
        *_answered(coming),
    ]


def _size(when: str, size: Total) -> Node:
    return node(
        "tr",
        "",
        node("td", "", when),
        node("td", "strong", f"{size.predicted:,.0f}"),
        node("td", "quiet", f"{size.low:,.0f} to {size.high:,.0f}"),
    )


def _answered(coming: Spread) -> list[Node]:
    more = coming.final.predicted - coming.seen
    if more < 1:
        return []
    low, typical, high = (coming.seen + more * (1 - part) for part in (REPLY.high, REPLY.typical, REPLY.low))
    return [
        node(
            "p",
            "",
            f"If nobody answers: {coming.final.predicted:,.0f}. If somebody answers now: {typical:,.0f} ",
            node("span", "quiet", f"({low:,.0f} to {high:,.0f})."),
        ),
        node("p", "source", REPLY.source),
    ]
