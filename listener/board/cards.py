"""One alert of the queue as a card: pure, from a row and a time to what is drawn."""

from __future__ import annotations

from datetime import datetime

from listener.board import words
from listener.board.filters import narrowed
from listener.board.safe import Node, marked, node, text, visible
from listener.settings import Value
from listener.store.rows import AlertRow, QueueFilter, QueuePage, QueueRow
from listener.triage.priority import at_stake


def card(row: QueueRow, *, viewer: str, now: datetime, value: Value) -> Node:
    """What a person needs to decide within seconds whether to take this one."""
    return node(
        "div",
        f"card edge-{row.severity}",
        _head(row, viewer, now),
        _excerpt(row),
        _incident(row),
        _foot(row, now, value),
    )


def _head(row: QueueRow, viewer: str, now: datetime) -> Node:
    due, tone = words.owed(row, now)
    closed = row.state in ("resolved", "dismissed")
    return node(
        "div",
        "row",
        severity_chip(row.severity, row.lane),
        node("span", "strong", words.word(words.CAUSES, row.cause)) if row.severity else None,
        text(row.brand, "strong") or node("span", "quiet", "no brand"),
        node("span", "grow"),
        *hands(row, viewer),
        holder_chip(row.state, row.owner, viewer, row.outcome or row.reason),
        None if closed else node("span", f"{tone} nowrap", due),
    )


def hands(row: QueueRow | AlertRow, viewer: str) -> list[Node]:
    """Whose it should be, who else it was offered to, and how often it changed hands."""
    said: list[Node] = []
    if row.state == "open" and row.uncovered:
        said.append(node("span", "chip late", "Nobody on shift can answer"))
    if row.state == "open" and (row.assignee or row.team):
        mine = row.assignee == viewer
        said.append(
            node(
                "span",
                f"chip {'good' if mine else ''}",
                f"For {'you' if mine else visible(row.assignee or row.team or '')}",
            )
        )
    if row.offered_to:
        to = "you" if row.offered_to == viewer else visible(row.offered_to)
        said.append(node("span", "chip soon", f"Offered to {to}"))
    if row.handovers:
        said.append(node("span", "chip", f"Handed over {words.count(row.handovers, 'time', 'times')}"))
    if row.reopened:
        said.append(node("span", "chip", "Reopened"))
    return said


def severity_chip(level: int, lane: str | None = None) -> Node:
    """How severe; of somebody who complains of nothing, why they are here at all."""
    said = words.severity(level) if level or lane is None else words.word(words.IN_LANE, lane)
    return node("span", f"chip sev-{level}", said)


def holder_chip(state: str, owner: str | None, viewer: str, how: str | None = None) -> Node | None:
    """Who has it, or how it ended; nothing while nobody has it."""
    if state == "claimed" and owner:
        mine = owner == viewer
        return node("span", f"chip {'good' if mine else ''}", "You have it" if mine else f"{visible(owner)} has it")
    if state == "resolved":
        return node("span", "chip good", f"Resolved: {words.word(words.OUTCOMES, how).lower()}")
    if state == "dismissed":
        return node("span", "chip", f"Dismissed: {words.word(words.DISMISSALS, how).lower()}")
    return None


def _excerpt(row: QueueRow) -> Node:
    lang = row.lang if row.lang != "und" else None
    if row.deleted_at is not None:
        return node("p", "quiet", "The author deleted this post.")
    title = node("bdi", "title", *marked(row.title, row.title_evidence)) if row.title else None
    more = "…" if row.truncated else ""
    body = node("bdi", "body", *marked(row.text, row.evidence), more, dir="auto")
    return node("a", "excerpt", title, body, lang=lang, href=f"alert?id={row.alert_id}")


def _incident(row: QueueRow) -> Node | None:
    """The problem that others have too."""
    return part_of(row.incident_id, row.incident) if row.incident_id is not None and row.incident else None


def part_of(incident_id: int, title: str) -> Node:
    """The way to the incident that an alert belongs to."""
    shown = node("bdi", "", visible(title))
    link = node("a", "inline", f"incident {incident_id}, ", shown, href=f"incident?id={incident_id}")
    return node("p", "quiet", "Part of ", link)


def _foot(row: QueueRow, now: datetime, value: Value) -> Node:
    reason = words.top_reason(row.factors, severity_level=row.severity, churn=row.churn, cause=row.cause)
    others = row.copy_group_size - 1
    stake = words.stake(at_stake(row.priority, row.posted_at, now, value), value.unit)
    parts = [
        node("span", "", words.word(words.LANGUAGES, row.lang)),
        node("span", "", visible(words.place(row.channel, row.source))),
        text(row.author),
        node("span", "", f"posted {words.ago(row.posted_at, now)}"),
        node("span", "", f"said by {words.count(others, 'other', 'others')} too") if others > 0 else None,
        node("span", "", f"priority {stake}: {reason}" if reason else f"priority {stake}"),
    ]
    return node("div", "row dots quiet", *parts)


def totals(page: QueuePage) -> Node:
    """How much there is, in every state, under the filter that is set."""
    return node(
        "div",
        "row dots quiet totals",
        node("span", "", words.count(page.by_state.get("open", 0), "waits for somebody", "wait for somebody")),
        node("span", "", f"{page.by_state.get('claimed', 0):,} claimed"),
        node("span", "", f"{page.by_state.get('resolved', 0):,} resolved"),
        node("span", "", f"{page.by_state.get('dismissed', 0):,} dismissed"),
        role="status",
    )


def nothing(query: QueueFilter, page: QueuePage, *, heard: bool) -> Node:
    """An empty list says why it is empty and what to do."""
    if narrowed(query):
        return _empty("Nothing fits this filter.", "Clear a filter or search for other words.")
    if query.state not in (None, "open"):
        return _empty("Nothing here yet.", "Alerts appear here once somebody has worked on them.")
    if sum(page.by_state.values()):
        return _empty("Nobody is waiting.", "Every alert is taken care of. New ones appear here by themselves.")
    if heard:
        return _empty("No complaint yet.", "listener is hearing; the first complaint appears here by itself.")
    return _empty("listener does not hear anything yet.", "Add a source to listener.toml, then start: listener up")


def _empty(what: str, then: str) -> Node:
    return node("div", "empty", node("p", "strong", what), node("p", "", then))
