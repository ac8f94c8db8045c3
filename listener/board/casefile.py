"""One alert in full: pure, from a case and a time to what is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from listener.board import words
from listener.board.cards import hands, holder_chip, part_of, severity_chip
from listener.board.safe import Node, marked, node, text, visible, web_link
from listener.desk.acts import ACTS
from listener.store.incident_rows import IncidentEvent
from listener.store.rows import Case, EventRow, MentionRow, NoteRow
from listener.types import Engagement


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, when, and in which time zone."""

    viewer: str
    now: datetime
    zone: tzinfo


def head(case: Case, view: View) -> Node:
    """What, whose, how urgent, who has it: the same words as on the queue's card."""
    alert = case.alert
    due, tone = words.owed(alert, view.now)
    closed = alert.state in ("resolved", "dismissed")
    return node(
        "div",
        "row",
        severity_chip(alert.severity, alert.lane),
        node("span", "strong", words.word(words.CAUSES, alert.cause)) if alert.severity else None,
        text(alert.brand, "strong") or node("span", "quiet", "no brand"),
        node("span", "grow"),
        *hands(alert, view.viewer),
        holder_chip(alert.state, alert.owner, view.viewer, alert.outcome or alert.reason),
        None if closed else node("span", f"{tone} nowrap", due),
    )


def post(case: Case, view: View) -> list[Node | None]:
    """The post itself, evidence marked, and where it stands."""
    mention = case.mention
    if mention.deleted_at is not None:
        gone = f"The author deleted this post {words.ago(mention.deleted_at, view.now)}. Its text is gone here too."
        return [_byline(mention, view), node("p", "quiet", gone)]
    title = node("bdi", "title", *marked(mention.title, case.title_evidence)) if mention.title else None
    lang = case.alert.lang if case.alert.lang != "und" else None
    body = node("div", "post", title, *marked(mention.text, case.evidence), lang=lang, dir="auto")
    return [_byline(mention, view), body, _original(mention), _incident(case), _repeats(case), *_edits(case, view)]


def _incident(case: Case) -> Node | None:
    number = case.alert.incident_id
    return part_of(number, case.incident) if number is not None and case.incident else None


def _byline(mention: MentionRow, view: View) -> Node:
    when = words.clock(mention.posted_at, view.zone, view.now)
    return node(
        "div",
        "row dots quiet",
        text(mention.author, "strong") or node("span", "", "unknown author"),
        node("span", "", visible(words.place(mention.channel, mention.source))),
        node("span", "", f"{when} ({words.ago(mention.posted_at, view.now)})"),
    )


def _original(mention: MentionRow) -> Node | None:
    """A link that says where it leads; the page over there does not learn where the visitor came from."""
    link = web_link(mention.url)
    if link is None:
        return text(mention.url, "quiet", "p")
    address, host = link
    return node("p", "", node("a", "link", f"Open the original on {host}", href=address))


def _repeats(case: Case) -> Node | None:
    parts = []
    if case.folded:
        parts.append(f"The author said this {words.count(case.folded, 'more time', 'more times')}.")
    if case.copy_group_size > 1:
        others = words.count(case.copy_group_size - 1, "other post says", "other posts say")
        parts.append(f"{others} nearly the same.")
    return node("p", "quiet", " ".join(parts)) if parts else None


def _edits(case: Case, view: View) -> list[Node | None]:
    if not case.versions:
        return []
    return [
        node("p", "quiet", f"Edited {words.count(len(case.versions), 'time', 'times')}. Before, it said:"),
        *(
            node(
                "div",
                "item",
                node("p", "quiet", f"until {words.clock(old.replaced_at, view.zone, view.now)}"),
                text(old.title, "strong", "p"),
                text(old.text, "body", "p", dir="auto"),
            )
            for old in case.versions
        ),
    ]


def thread(case: Case, view: View) -> list[Node]:
    """What it answers, and what was answered; our own answers stand out."""
    found: list[Node] = []
    if case.parent is not None:
        found += [node("h2", "", "It answers"), _item(case.parent, view)]
    if case.replies:
        found += [node("h2", "", "Answers"), *(_item(reply, view) for reply in case.replies)]
    return found


def others(case: Case, view: View) -> list[Node]:
    """What else this author said about this brand."""
    if not case.others:
        return []
    return [node("h2", "", "Also by this author"), *(_item(mention, view) for mention in case.others)]


def _item(mention: MentionRow, view: View) -> Node:
    gone = node("p", "quiet", "deleted by its author") if mention.deleted_at else None
    return node(
        "div",
        "item own" if mention.own else "item",
        _byline(mention, view),
        node("span", "chip good", "our answer") if mention.own else None,
        gone or text(mention.title, "strong", "p"),
        text(mention.text, "body", "p", dir="auto"),
    )


def facts(case: Case, view: View) -> Node:
    """The promise, the holder and the verdict, as name and value."""
    alert = case.alert
    due, tone = words.owed(alert, view.now)
    rows: list[tuple[str, Node | None]] = [
        ("State", node("dd", "", words.word(words.STATES, alert.state))),
        ("Held by", text(alert.owner, "strong", "dd") or node("dd", "", "nobody yet")),
        ("Since", _when(alert.claimed_at, view)),
        ("Answer", node("dd", tone, due)),
        ("Due", _when(alert.due_at, view)),
        ("Alert since", _when(alert.opened_at, view)),
        ("Closed", _when(alert.closed_at, view)),
        ("Cause fixed", None if alert.cause_fixed is None else node("dd", "", "yes" if alert.cause_fixed else "no")),
        ("Severity", node("dd", "", f"{words.severity(alert.severity)} ({alert.severity} of 4)")),
        ("Cause", node("dd", "", words.word(words.CAUSES, alert.cause))),
        ("Complaint", node("dd", "", f"{alert.complaint:.0%} sure")),
        ("Will leave", node("dd", "", f"{alert.churn:.0%} likely")),
        ("Language", node("dd", "", words.word(words.LANGUAGES, alert.lang))),
    ]
    return node("dl", "facts", *(part for name, value in rows if value for part in (node("dt", "", name), value)))


def _when(moment: datetime | None, view: View) -> Node | None:
    return node("dd", "", words.clock(moment, view.zone, view.now)) if moment else None


def engagement(counts: Sequence[Engagement], view: View) -> list[Node]:
    """How far it has spread: a line of all reactions, and the last counts in numbers."""
    if not counts:
        return []
    names = ("replies", "shares", "likes", "views", "followers")
    shown = [name for name in names if any(getattr(one, name) is not None for one in counts)]
    header = node("tr", "", node("th", "", "At"), *(node("th", "", name.capitalize()) for name in shown))
    rows = [
        node(
            "tr",
            "",
            node("td", "nowrap", words.clock(one.at, view.zone, view.now)),
            *(node("td", "", _number(getattr(one, name))) for name in shown),
        )
        for one in counts[-6:]
    ]
    table = node("table", "", node("thead", "", header), node("tbody", "", *rows))
    return [node("h2", "", "Reactions"), *_spark(counts), table]


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _spark(counts: Sequence[Engagement]) -> list[Node]:
    if len(counts) < 3:
        return []
    totals = [(one.replies or 0) + (one.shares or 0) + (one.likes or 0) for one in counts]
    start, top = counts[0].at.timestamp(), max(1, *totals)
    length = max(1.0, counts[-1].at.timestamp() - start)
    points = " ".join(
        f"{100 * (one.at.timestamp() - start) / length:.1f},{100 * total / top:.1f}"
        for one, total in zip(counts, totals, strict=True)
    )
    return [["spark", "", {"points": points}]]


def history(events: Sequence[EventRow], view: View) -> list[Node]:
    """Newest last, as it happened; what was undone stays visible."""
    undone = node("span", "quiet", " (undone)")
    lines = [happened(event, words.EVENTS, view, _detail(event), undone if event.undone else None) for event in events]
    return [node("h2", "", "History"), node("ul", "history", *lines)]


def happened(event: EventRow | IncidentEvent, names: Mapping[str, str], view: View, *more: Node | None) -> Node:
    """One line of a history: when, what (by `names`), who, and what more there is to say."""
    return node(
        "li",
        "",
        node("span", "quiet", f"{words.clock(event.at, view.zone, view.now)}  "),
        node("span", "", words.word(names, event.kind).capitalize()),
        node("span", "", f" by {visible(words.MACHINES.get(event.actor, event.actor))}"),
        *more,
    )


def can_undo(case: Case, me: str) -> bool:
    """Whether the last act on it was one's own: only that can be taken back."""
    acts = [event for event in case.history if event.kind in ACTS and not event.undone]
    return bool(acts) and acts[-1].actor == me


def _detail(event: EventRow) -> Node | None:
    outcome, reason, to = event.data.get("outcome"), event.data.get("reason"), event.data.get("to")
    if event.kind in ("offered", "assigned", "escalated", "routed") and isinstance(to, str):
        return node("span", "", f": {visible(to)}")
    if event.kind == "returned":
        why = "the shift ended" if event.data.get("why") == "shift_end" else "nothing was heard"
        return node("span", "", f": {why} of {visible(str(event.data.get('from')))}")
    if event.kind == "followed_up":
        return node("span", "", f": {words.word(words.FOLLOW_UPS, str(event.data.get('result'))).lower()}")
    if isinstance(outcome, str):
        return node("span", "", f": {words.word(words.OUTCOMES, outcome).lower()}")
    if isinstance(reason, str):
        return node("span", "", f": {words.word(words.DISMISSALS, reason).lower()}")
    return None


def notes(written: Sequence[NoteRow], view: View) -> list[Node]:
    """What colleagues wrote, oldest first."""
    if not written:
        return []
    return [node("h2", "", "Notes"), *(_note(note, view) for note in written)]


def _note(note: NoteRow, view: View) -> Node:
    when = node("span", "", words.clock(note.at, view.zone, view.now))
    byline = node("div", "row dots quiet", text(note.author, "strong"), when)
    return node("div", "item", byline, text(note.text, "body", "p", dir="auto"))
