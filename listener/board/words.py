"""The board's words: every code, time and number that people read, as English text.

A later issue brings more languages: what people read comes from here or from a page's own labels, never from codes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, Protocol

from listener.types import Factor

LANGUAGES: Final = {"ja": "Japanese", "zh": "Chinese", "en": "English", "und": "other language"}

CAUSES: Final = {
    "price": "Price",
    "delivery": "Delivery",
    "promise": "Broken promise",
    "quality": "Quality",
    "mistake": "Mistake",
    "communication": "Communication",
    "attitude": "Staff attitude",
    "wait": "Waiting",
    "outage": "Outage",
    "refund": "Refund",
    "safety": "Safety",
    "other": "Other",
    "none": "No complaint",
}

SEVERITIES: Final = {
    0: "No complaint",
    1: "States a problem",
    2: "Annoyed",
    3: "Accuses us",
    4: "Blames or threatens",
}

CHANNELS: Final = {
    "x": "X",
    "reddit": "Reddit",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "rss": "Feed",
    "appstore": "App Store",
    "playstore": "Play Store",
    "hotel": "Hotel review",
    "restaurant": "Restaurant review",
    "shop": "Shop review",
    "forum": "Forum",
    "weibo": "Weibo",
    "form": "Feedback form",
}

STATES: Final = {
    "active": "To do",
    "open": "Unclaimed",
    "claimed": "Claimed",
    "resolved": "Resolved",
    "dismissed": "Dismissed",
    "snoozed": "Put aside",
}

SORTS: Final = {
    "priority": "Highest priority",
    "due": "Due soonest",
    "age": "Waiting longest",
    "newest": "Newest post",
}

OUTCOMES: Final = {
    "kept": "Customer kept",
    "lost": "Customer lost",
    "no_answer": "No answer from them",
    "not_ours": "Not ours",
    "false_alarm": "False alarm",
}

DISMISSALS: Final = {
    "not_a_complaint": "Not a complaint",
    "duplicate": "Duplicate",
    "not_ours": "Not about us",
    "campaign": "Campaign",
    "handled_elsewhere": "Handled elsewhere",
}

REMARKS: Final = {
    "blank": "Fill this in:",
    "language": "The customer wrote in another language.",
    "no_acknowledgement": "It has no word of what happened to them, and no apology.",
    "blame": "This puts the blame on them:",
    "robotic": "Everybody gets this phrase:",
    "casual": "Too familiar for a customer:",
    "other_data": "Is this theirs, and may everybody read it?",
    "promise": "May you promise this?",
    "too_long": "Longer than the platform takes:",
}
"""What the look at an answer found (triage/replying.py)."""

STEP_STATES: Final = {"done": "done", "skipped": "left out"}

FOLLOW_UPS: Final = {
    "well": "They are well",
    "unhappy": "Still unhappy",
    "no_answer": "No word from them",
    "moot": "Nothing to look for",
}

SOURCE_STATES: Final = {
    "new": "Not heard from yet",
    "listening": "Hearing",
    "blind": "Blind",
    "off": "Switched off",
}

FACTORS: Final = {
    "customer": "Worth of a customer",
    "loss": "Chance of losing them",
    "cause": "Kind of problem",
    "certainty": "Sure about it",
    "people": "Those who read it",
    "savable": "An answer can save",
    "hour": "Lost in an hour of silence",
}

EVENTS: Final = {
    "opened": "opened",
    "claimed": "claimed",
    "released": "released",
    "resolved": "resolved",
    "dismissed": "dismissed",
    "noted": "note added",
    "rescored": "priority renewed",
    "undone": "last step undone",
    "first_response": "first public answer",
    "deleted": "post deleted by its author",
    "purged": "text let go after its time",
    "opened_by_hand": "case opened by hand",
    "offered": "offered",
    "accepted": "taken over",
    "declined": "hand-over called off",
    "assigned": "given",
    "kept": "kept for later",
    "snoozed": "put aside",
    "woken": "back in sight",
    "returned": "back in the queue",
    "replied": "answered",
    "answered": "answered in public",
    "waiting": "waiting for the customer",
    "customer": "the customer wrote again",
    "wrote_after": "the customer wrote after it was closed",
    "reopened": "reopened",
    "followed_up": "looked back",
    "followup_due": "time to look back",
    "routed": "led by the routes",
    "step": "step of the playbook",
    "warned": "soon due",
    "overdue": "overdue",
    "escalated": "called",
    "uncovered": "nobody on shift who can answer",
    "erased": "author erased",
}

INCIDENT_STATES: Final = {
    "quiet": "Forming",
    "open": "Alarm",
    "ended": "Calm again",
    "closed": "Closed",
}

INCIDENT_EVENTS: Final = {
    "opened": "first seen as one problem",
    "rang": "alarm",
    "escalated": "grew to the next level",
    "ended": "calm again",
    "reopened": "goes on",
    "claimed": "taken on",
    "released": "given back",
    "merged": "made part of another",
    "absorbed": "another one made part of it",
    "split": "divided",
    "split_off": "divided off",
    "renamed": "renamed",
    "closed": "closed",
}

LANES: Final = {
    "quiet": "Quiet leavers",
}
IN_LANE: Final = {
    "quiet": "Leaves quietly",
}

MACHINES: Final = {"listener": "listener", "own-account": "our account", "platform": "the platform"}
"""Actors of a history that are not people."""


def word(words: Mapping[str, str], code: str | None) -> str:
    """The word for a code; a code without one is shown as it is, without underscores."""
    if not code:
        return "unknown"
    return words.get(code, code.replace("_", " "))


def place(channel: str | None, source: str) -> str:
    """Where a post stands: its channel's word, else the source's name, which is outside text."""
    return CHANNELS.get(channel, channel) if channel else source


def severity(level: int) -> str:
    return SEVERITIES.get(level, f"Level {level}")


# ------------------------------------------------------------------ times


def span(length: timedelta) -> str:
    """The two largest units at most: `45 s`, `12 min`, `1 h 5 min`, `3 days`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest and hours < 6 else f"{hours} h"
    days = hours // 24
    return "1 day" if days == 1 else f"{days} days"


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `12 min ago`; a time in the future (a clock that is wrong somewhere) is `just now`."""
    passed = now - then
    return "just now" if passed < timedelta(seconds=45) else f"{span(passed)} ago"


def due(due_at: datetime | None, answered_at: datetime | None, posted_at: datetime, now: datetime) -> tuple[str, str]:
    """The state of the promise to answer, in words, and its tone: `good`, `calm`, `soon` or `late`."""
    if answered_at is not None:
        return f"answered after {span(answered_at - posted_at)}", "good"
    if due_at is None:
        return "no answer time set", "calm"
    left = due_at - now
    if left < timedelta(0):
        return f"overdue by {_whole_minutes(-left)}", "late"
    return f"due in {_whole_minutes(left)}", "soon" if left < timedelta(minutes=30) else "calm"


def owed(alert: Owed, now: datetime) -> tuple[str, str]:
    """What we owe this customer and when, in words, and its tone: `good`, `calm`, `soon` or `late`."""
    if alert.waiting_since is not None:
        return f"the customer's turn for {span(now - alert.waiting_since)}", "good"
    if alert.due_kind in (None, "first"):
        return due(alert.due_at, alert.first_response_at, alert.posted_at, now)
    said, tone = due(alert.due_at, None, alert.posted_at, now)
    return f"{'next answer' if alert.due_kind == 'next' else 'settling it'} {said}", tone


class Owed(Protocol):
    """What of an alert says whose turn it is."""

    @property
    def due_at(self) -> datetime | None: ...
    @property
    def due_kind(self) -> str | None: ...
    @property
    def waiting_since(self) -> datetime | None: ...
    @property
    def first_response_at(self) -> datetime | None: ...
    @property
    def posted_at(self) -> datetime: ...


def _whole_minutes(length: timedelta) -> str:
    """No seconds: a countdown that changes with every refresh makes a list flicker."""
    return "less than 1 min" if length < timedelta(minutes=1) else span(length)


def clock(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """`14:05` today, `24 Nov 14:05` this year, else with the year; in the viewer's zone."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    day = f"{local.day} {local:%b}"
    return f"{day} {local:%H:%M}" if local.year == today.year else f"{day} {local.year} {local:%H:%M}"


# ------------------------------------------------------------------ numbers and reasons


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def stake(value: float, unit: str) -> str:
    """`18 points/h`: two digits that count."""
    shown = f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
    return f"{shown} {unit}/h"


def top_reason(factors: Sequence[Factor], *, severity_level: int, churn: float, cause: str) -> str:
    """The factor that lifts this alert most above an average one, as a phrase."""
    # What these factors are worth for an ordinary complaint; the others are the same for all (triage/priority.py).
    usual = {"loss": 0.25, "cause": 1.0, "people": 1.15, "certainty": 1.0}
    telling = [factor for factor in factors if factor.name in usual]
    if not telling:
        return ""
    lifted = max(telling, key=lambda f: math.log(max(f.value, 1e-9) / usual[f.name]))
    if lifted.name == "loss":
        return "likely to leave" if churn >= 0.5 else severity(severity_level).lower()
    if lifted.name == "cause":
        return f"{word(CAUSES, cause).lower()} comes first"
    if lifted.name == "people":
        return lifted.note.partition(" (")[0]
    return "clearly a complaint" if severity_level else "may leave without a word"
