"""One incident in full: pure, from what the desk gives and a time to what is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from listener.board import incidentlist, words
from listener.board.casefile import View, happened
from listener.board.safe import Node, node, text, visible
from listener.desk.incidents import IncidentCase
from listener.store.incident_rows import IncidentEvent, MemberRow

_LINES = 60
"""Members that are drawn as lines: the newest."""


def head(case: IncidentCase, view: View) -> list[Node | None]:
    """What it is, in its own words, and what it adds up to."""
    row = case.listed.summary.incident
    return [
        incidentlist.head(row, viewer=view.viewer, zone=view.zone, now=view.now),
        node("p", "headline", incidentlist.called(row)),
        node("div", "row dots quiet", *incidentlist.counts(case.listed, view.now)),
        *_timeline(case, view),
    ]


def _timeline(case: IncidentCase, view: View) -> list[Node]:
    listed, row = case.listed, case.listed.summary.incident
    until = view.now if row.state in ("open", "quiet") else row.ended_at or view.now
    first = listed.times[0] if listed.times else until
    keys = [("dark", "posts of this incident")]
    if row.alarm_at:
        keys.append(("late-line", f"alarm {words.clock(row.alarm_at, view.zone, view.now)}"))
    return [
        incidentlist.chart(listed.times, None, alarm=row.alarm_at, until=until),
        incidentlist.ends(
            f"first post {words.clock(first, view.zone, view.now)}",
            "now" if until == view.now else words.clock(until, view.zone, view.now),
        ),
        incidentlist.legend(*keys),
    ]


# ------------------------------------------------------------------ why it rang


def why(case: IncidentCase, view: View) -> list[Node]:
    """Why it surged: counted, nothing invented."""
    row = case.listed.summary.incident
    if row.surge is None or row.alarm_at is None:
        return [
            node("h2", "", "No alarm yet"),
            node("p", "", "These posts are alike, but no more of them came than may come on an ordinary day."),
        ]
    surge = row.surge
    return [
        node("h2", "", "Why the alarm rang"),
        node("p", "", _improbable(surge, row.alarm_at, view)),
        *_cold(surge),
        node("dl", "facts", *_facts(surge)),
        *_first(case, surge, view),
    ]


def _improbable(surge: Mapping[str, Any], alarm_at: datetime, view: View) -> str:
    start = datetime.fromisoformat(surge["start"])
    when, length = words.clock(alarm_at, view.zone, view.now), words.span(alarm_at - start)
    usual = f"{surge['expected']:.1f}" if surge["expected"] >= 0.1 else "hardly any"
    seen = f"{words.count(surge['observed'], 'unhappy post', 'unhappy posts')} about this brand within {length}"
    return f"At {when}: {seen}, where {usual} {'are' if usual != '1.0' else 'is'} usual. {_chance(surge['improbable'])}"


def _chance(probability: float) -> str:
    """`On an ordinary day that happens once in 30,000 such stretches.`"""
    if probability < 1e-6:
        return "By chance that happens less than once in a million."
    once = 1 / max(probability, 1e-9)
    digits = 10 ** max(0, math.floor(math.log10(once)) - 1)
    return f"By chance that happens about once in {round(once / digits) * digits:,} times."


def _cold(surge: Mapping[str, Any]) -> list[Node]:
    if not surge.get("cold"):
        return []
    heard = f"{surge['history']:.0f} hours"
    return [node("p", "soon", f"listener has heard this brand for {heard} only: what is usual is mostly a guess yet.")]


def _facts(surge: Mapping[str, Any]) -> list[Node]:
    rows: list[tuple[str, Node | None]] = []
    if surge["terms"]:
        shared = [node("bdi", "", visible(str(word))) for word in surge["terms"]]
        rows.append(("Words", node("dd", "words", *shared)))
    sources = ", ".join(f"{visible(str(name))} {number}" for name, number in surge.get("sources", ()))
    if sources:
        rows.append(("Sources", node("dd", "", sources)))
    if surge.get("authors"):
        rows.append(("Authors", node("dd", "", words.count(surge["authors"], "person", "different people"))))
    if surge.get("campaign"):
        copied = f"{surge['campaign']:.0%} are copies of one text by several authors: perhaps a campaign"
        rows.append(("Copies", node("dd", "soon", copied)))
    return [part for name, value in rows if value for part in (node("dt", "", name), value)]


def _first(case: IncidentCase, surge: Mapping[str, Any], view: View) -> list[Node]:
    """The posts that began it."""
    known = {member.mention_id: member for member in case.members}
    found = [known[mention] for mention in surge["first"][:3] if mention in known]
    return [node("h2", "", "It began with"), *(member(one, view) for one in found)] if found else []


# ------------------------------------------------------------------ who belongs to it


def members(case: IncidentCase, view: View) -> list[Node]:
    """Each with its own alert and owner, the newest first."""
    found = case.members
    total = case.listed.summary.members
    shown = f"{_LINES} newest of {total} posts" if total > _LINES else words.count(total, "post", "posts")
    return [node("h2", "", shown), *(member(one, view) for one in found[:_LINES])]


def member(one: MemberRow, view: View) -> Node:
    gone = one.deleted_at is not None
    body = f"{one.title}\n{one.text}" if one.title else one.text
    said = text("deleted by its author" if gone else body, "quiet" if gone else "body", "span", dir="auto")
    link = node("a", "", said, href=f"alert?id={one.alert_id}") if one.alert_id else node("p", "", said)
    byline = node(
        "div",
        "row dots quiet",
        node("span", "", words.clock(one.posted_at, view.zone, view.now)),
        node("span", "", words.word(words.LANGUAGES, one.lang)),
        node("span", "", visible(words.place(one.channel, one.source))),
        text(one.author),
        _holder(one, view.viewer),
    )
    return node("div", "item", byline, link)


def _holder(one: MemberRow, viewer: str) -> Node:
    if one.alert_id is None:
        return node("span", "", "no alert")
    number = f"alert {one.alert_id}: "
    if one.state == "claimed":
        return node(
            "span", "", f"{number}{'you have' if one.owner == viewer else visible(one.owner or '') + ' has'} it"
        )
    if one.state == "resolved":
        return node("span", "good", f"{number}resolved, {words.word(words.OUTCOMES, one.outcome).lower()}")
    if one.state == "dismissed":
        return node("span", "", f"{number}dismissed")
    return node("span", "soon", f"{number}nobody has it")


# ------------------------------------------------------------------ what happened


def history(events: Sequence[IncidentEvent], view: View) -> list[Node]:
    """Alarms and acts, newest last."""
    lines = [happened(event, words.INCIDENT_EVENTS, view, _detail(event)) for event in events]
    return [node("h2", "", "History"), node("ul", "history", *lines)]


def _detail(event: IncidentEvent) -> Node | None:
    data = event.data
    if event.kind == "rang":
        return node("span", "", f": {data.get('observed', 0)} posts against {data.get('expected', 0):.1f} usual")
    if event.kind == "closed" and data.get("unresolved"):
        return node("span", "", f": {words.count(data['unresolved'], 'case goes on', 'cases go on')}")
    for name, said in (("into", "into"), ("other", "which was"), ("from", "from")):
        if isinstance(data.get(name), int):
            number = data[name]
            return node(
                "span", "", f", {said} ", node("a", "inline", f"incident {number}", href=f"incident?id={number}")
            )
    return None
