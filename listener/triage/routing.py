"""Whose an alert should be: the first rule that fits, and of its people the one with the least to do. Pure.

A rule leads to a person, or to a team and of that team to whoever serves the language and cause, is on shift and has
the fewest alerts. With nobody of it on shift the alert waits with the team. A rule only says whose an alert should be;
who claims it first has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.settings import Route
from listener.triage.people import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An alert as the rules see it."""

    alert_id: int
    brands: tuple[str, ...]
    lang: str
    cause: str
    severity: int
    source: str
    incident: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """`reasons`: codes with what they are about, in the order in which they were found."""

    route: str | None
    team: str | None
    assignee: str | None
    reasons: tuple[tuple[str, str], ...]


def route(item: Item, rules: Sequence[Route], people: Roster, loads: Mapping[str, int], now: datetime) -> Routed:
    """Where an alert belongs; `loads`: how many active alerts each person has."""
    reasons: list[tuple[str, str]] = []
    for rule in rules:
        misfit = _misfit(rule, item)
        if misfit is not None:
            reasons.append((f"not_{misfit}", rule.name))
            continue
        reasons.append(("rule", rule.name))
        if rule.person is not None:
            return _to_person(rule, people, now, reasons)
        return _to_team(rule, item, people, loads, now, reasons)
    return Routed(route=None, team=None, assignee=None, reasons=(*reasons, ("no_rule", "")))


def _misfit(rule: Route, item: Item) -> str | None:
    """The first thing in which the rule does not fit."""
    asked = (
        ("brand", rule.brand is None or rule.brand in item.brands),
        ("language", rule.language is None or rule.language == item.lang),
        ("cause", rule.cause is None or rule.cause == item.cause),
        ("severity", item.severity >= rule.min_severity),
        ("source", rule.source is None or rule.source == item.source),
        ("incident", rule.incident is None or rule.incident == item.incident),
    )
    return next((name for name, fits in asked if not fits), None)


def _to_person(rule: Route, people: Roster, now: datetime, reasons: list[tuple[str, str]]) -> Routed:
    name = rule.person or ""
    member = people.get(name)
    team = rule.team or (member.team if member else None)
    there = member is not None and member.on_shift(now)
    reasons.append(("person" if there else "off_shift" if member else "gone", name))
    return Routed(route=rule.name, team=team, assignee=name if there else None, reasons=tuple(reasons))


def _to_team(
    rule: Route, item: Item, people: Roster, loads: Mapping[str, int], now: datetime, reasons: list[tuple[str, str]]
) -> Routed:
    team = rule.team or ""
    able = [one for one in people.of_team(team) if one.serves(item.lang, item.cause)]
    there = [one for one in able if one.on_shift(now)]
    chosen = min(there, key=lambda one: (loads.get(one.name, 0), one.name), default=None)
    if chosen is not None:
        reasons.append(("least_load", chosen.name))
    else:
        reasons.append(("nobody_on_shift" if able else "nobody_serves", team))
    return Routed(route=rule.name, team=team, assignee=chosen.name if chosen else None, reasons=tuple(reasons))
