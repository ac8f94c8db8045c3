"""The people page: pure, from who works here and what each has to what is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from listener.board import words
from listener.board.safe import Node, node, visible
from listener.desk.routing import Change
from listener.store.aftercare import FollowUpRow
from listener.store.rows import AlertRow
from listener.triage.hours import closes_at
from listener.triage.people import Member, Roster

AHEAD: Final = timedelta(days=7)
SHOWN: Final = 50

ROLES: Final = {
    "viewer": "looks",
    "responder": "answers",
    "analyst": "labels",
    "manager": "leads",
    "admin": "leads, keeps accounts",
}

REASONS: Final = {
    "person": "the rule names them",
    "off_shift": "the rule names somebody who is not on shift",
    "gone": "the rule names somebody who does not work here",
    "least_load": "has the least to do of those on shift who can",
    "stays": "stays where it was",
    "nobody_on_shift": "nobody of the team who can is on shift",
    "nobody_serves": "nobody of the team serves this language and cause",
    "no_rule": "no rule fits",
}


def table(people: Roster, loads: Mapping[str, int], held: Sequence[AlertRow], now: datetime) -> Node:
    """Everybody, those on shift first, then whoever has most."""
    if not people.members:
        return node(
            "div",
            "empty",
            node("p", "strong", "Nobody is named yet."),
            node("p", "", "Add [[people]] to listener.toml."),
        )
    holds = Counter(alert.owner for alert in held)
    late = Counter(alert.owner for alert in held if alert.due_at is not None and alert.due_at < now)
    ordered = sorted(people.members, key=lambda one: (not one.on_shift(now), -loads.get(one.name, 0), one.name))
    head = ("Who", "Now", "To do", "Has", "Late")
    rows = [_row(one, loads.get(one.name, 0), holds[one.name], late[one.name], now) for one in ordered]
    return node(
        "table",
        "",
        node("thead", "", node("tr", "", *(node("th", "nowrap", name) for name in head))),
        node("tbody", "", *rows),
    )


def _row(one: Member, load: int, holds: int, late: int, now: datetime) -> Node:
    languages = ", ".join(words.word(words.LANGUAGES, code) for code in sorted(one.languages)) or "all languages"
    about = ", ".join(part for part in (words.word(ROLES, one.role), visible(one.team or ""), languages) if part)
    return node(
        "tr",
        "",
        node("td", "", node("span", "strong", visible(one.name)), " ", node("span", "quiet", about)),
        node("td", "good" if one.on_shift(now) else "quiet", _shift(one, now)),
        node("td", "", f"{load:,}"),
        node("td", "", f"{holds:,}"),
        node("td", "late" if late else "", f"{late:,}" if late else ""),
    )


def _shift(one: Member, now: datetime) -> str:
    if one.hours is None:
        return "always there"
    if not one.on_shift(now):
        return "off shift"
    end = closes_at(one.hours, now)
    return f"on shift for {words.span(end - now)}" if end else "on shift"


def late(found: Sequence[AlertRow], now: datetime) -> list[Node]:
    """What was promised and not kept, the longest first."""
    lines = [
        node(
            "li",
            "",
            node("a", "", f"Alert {one.id}", href=f"alert?id={one.id}"),
            node("span", "late", f" {words.owed(one, now)[0]}"),
            node("span", "quiet", f" {visible(one.owner or one.assignee or one.team or 'nobody has it')}"),
        )
        for one in found[:SHOWN]
    ]
    more = [_none("and more: sort the queue by what is due soonest")] if len(found) > SHOWN else []
    return [node("h2", "", "Late"), node("ul", "history", *lines) if lines else _none("Nothing is late."), *more]


def planned(found: Sequence[FollowUpRow], now: datetime, zone: tzinfo) -> list[Node]:
    """Whom we look back at within a week."""
    lines = [
        node(
            "li",
            "",
            node("a", "", f"Alert {one.alert_id}", href=f"alert?id={one.alert_id}"),
            node("span", "late" if one.due_at <= now else "quiet", f" {words.clock(one.due_at, zone, now)}"),
            node("span", "quiet", f" {visible(one.owner)}") if one.owner else None,
        )
        for one in found[:SHOWN]
    ]
    return [node("h2", "", "To look back at"), node("ul", "history", *lines) if lines else _none("Nothing is planned.")]


def aside(found: Sequence[AlertRow], now: datetime, zone: tzinfo) -> list[Node]:
    """What is out of the queue's sight, and until when."""
    lines = [
        node(
            "li",
            "",
            node("a", "", f"Alert {one.id}", href=f"alert?id={one.id}"),
            node("span", "", f" {words.word(words.CAUSES, one.cause)}, {visible(one.brand or 'no brand')}"),
            node("span", "quiet", f" until {words.clock(one.snoozed_until, zone, now)}") if one.snoozed_until else None,
        )
        for one in found[:SHOWN]
    ]
    return [node("h2", "", "Put aside"), node("ul", "history", *lines) if lines else _none("Nothing is out of sight.")]


def changes(found: Sequence[Change]) -> list[Node]:
    """Where the rules would lead alerts that are elsewhere now, and why."""
    if not found:
        return [_none("Every alert is where the routes lead.")]
    head = ("Alert", "Is for", "Would be for", "Rule", "Because")
    rows = [
        node(
            "tr",
            "",
            node("td", "", f"{one.alert.alert_id}"),
            node("td", "", visible(one.alert.assignee or one.alert.team or "everybody")),
            node("td", "strong", visible(one.routed.assignee or one.routed.team or "everybody")),
            node("td", "", visible(one.routed.route or "none")),
            node("td", "quiet", words.word(REASONS, one.routed.reasons[-1][0])),
        )
        for one in found[:SHOWN]
    ]
    more = [_none(f"and {len(found) - SHOWN:,} more")] if len(found) > SHOWN else []
    header = node("thead", "", node("tr", "", *(node("th", "", name) for name in head)))
    return [node("table", "", header, node("tbody", "", *rows)), *more]


def _none(what: str) -> Node:
    return node("p", "quiet", what)
