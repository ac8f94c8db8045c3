"""What the store gives back: frozen rows without behaviour, and the one rule that makes a text of a title and a body.

All times are aware UTC. A deleted mention has an empty text and no title, author or url.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from listener.types import AlertState, Engagement, Factor, Priority

SourceState: TypeAlias = Literal["new", "listening", "blind", "off"]
"""`new`: never heard from yet; `listening`: the last try went well; `blind`: it failed; `off`: disabled."""

QueueSort: TypeAlias = Literal["priority", "age", "due", "newest"]
"""Highest priority · longest waiting · first response due soonest (those still unanswered first) · newest post."""


def compose(title: str | None, text: str) -> str:
    """The text that is scored, searched, hashed and labelled: title, line feed, body; without a title the body."""
    return f"{title}\n{text}" if title else text


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionRow:
    """A stored mention. `revision` counts its edits; `folded_into` is the id of the mention that it repeats."""

    id: int
    source: str
    native_id: str
    channel: str | None
    author: str | None
    lang_hint: str | None
    title: str | None
    text: str
    url: str | None
    posted_at: datetime
    collected_at: datetime
    updated_at: datetime | None
    parent_id: str | None
    thread_id: str | None
    repost_of: str | None
    folded_into: int | None
    copy_group: int | None
    own: bool
    text_sha256: str
    deleted_at: datetime | None
    revision: int
    brands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """What a mention said before an edit."""

    title: str | None
    text: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """One stored mention for the brand try-out; `text` is composed."""

    mention_id: int
    text: str
    source: str
    brands: tuple[str, ...]
    posted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingText:
    """A mention that waits for its verdict; `text` is composed, `revision` says of which edit."""

    mention_id: int
    text: str
    lang_hint: str | None
    source: str
    channel: str | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """A case. `owner` is who holds it or, once closed, who closed it. `version` grows with every change.

    `outcome` is set when it is resolved (types.OUTCOMES), `reason` when it is dismissed (types.DISMISSALS). `due_at` is
    when we owe something next (`due_kind`: first, next, resolution), None while it is the customer's turn. `team` and
    `assignee` are whose it should be by the rule `route`. `called`: how many were told that it is late.
    """

    id: int
    mention_id: int
    state: AlertState
    owner: str | None
    claimed_at: datetime | None
    opened_at: datetime
    due_at: datetime | None
    first_response_at: datetime | None
    priority: float
    factors: tuple[Factor, ...]
    lane: str | None
    incident_id: int | None
    outcome: str | None
    reason: str | None
    cause_fixed: bool | None
    closed_at: datetime | None
    brand: str | None
    lang: str
    source: str
    channel: str | None
    cause: str
    severity: int
    churn: float
    complaint: float
    posted_at: datetime
    version: int
    due_kind: str | None = None
    first_due_at: datetime | None = None
    waiting_since: datetime | None = None
    policy: str | None = None
    called: int = 0
    uncovered: bool = False
    team: str | None = None
    assignee: str | None = None
    route: str | None = None
    handovers: int = 0
    offered_to: str | None = None
    offered_at: datetime | None = None
    touched_at: datetime | None = None
    kept_until: datetime | None = None
    snoozed_until: datetime | None = None
    reopened: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredMention:
    """A scored mention that waits for triage. `alert` is there when it already has one (its text was edited).

    `text` is composed; `causes` as in types.Verdict; `history` its counts, oldest first; `watched`: early detection has
    counted it already.
    """

    mention_id: int
    source: str
    native_id: str
    channel: str | None
    author: str | None
    brands: tuple[str, ...]
    own: bool
    posted_at: datetime
    collected_at: datetime
    lang: str
    complaint: float
    flagged: bool
    severity: int
    cause: str
    churn: float
    model: str
    causes: tuple[float, ...] | None
    watched: bool
    text: str
    author_key: int | None
    copy_group: int | None
    copy_group_size: int
    history: tuple[Engagement, ...]
    alert: AlertRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """What triage decided for a mention without an alert; all else is copied from the mention and its verdict."""

    mention_id: int
    priority: Priority
    due_at: datetime | None = None
    lane: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """What triage decided for an alert whose mention was scored again."""

    alert_id: int
    priority: Priority
    due_at: datetime | None = None
    lane: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One step of an alert's history; `data` holds ids, codes and numbers only."""

    id: int
    alert_id: int
    at: datetime
    actor: str
    kind: str
    data: Mapping[str, Any]
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """What a person wrote about a case."""

    id: int
    alert_id: int
    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One act of a person, in ids and codes. `digest` is the hash of the row together with the digest before it."""

    id: int
    at: datetime
    actor: str
    role: str
    verb: str
    alert_id: int | None
    data: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """Somebody who may sign in. `password` is an argon2 hash; None where they cannot with one."""

    name: str
    role: str
    password: str | None
    must_change: bool
    created_at: datetime
    disabled_at: datetime | None
    failures: int
    locked_until: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source's health and counts. `error` is one line for people, `hint` the remedy; `lag_s` post to store."""

    source: str
    kind: str | None
    state: SourceState
    last_item_at: datetime | None
    last_ok_at: datetime | None
    blind_since: datetime | None
    error_code: str | None
    error: str | None
    hint: str | None
    failures: int
    next_poll_at: datetime | None
    new: int
    updated: int
    deleted: int
    rejected: int
    folded: int
    lag_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Evidence inside a shown text: code points, half-open; `weight` in log-odds of a complaint."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which alerts, in what order. None means any; `state` None means open and claimed.

    `concerns`: held by this person, offered to them, or free and theirs by the routes. `snoozed`: only what was put out
    of sight; without it such alerts are left out, unless they are searched for.

    `search` is what a person typed: plain text, every word must occur. `page` starts at 1.
    """

    brand: str | None = None
    lang: str | None = None
    source: str | None = None
    cause: str | None = None
    severity: int | None = None
    state: AlertState | None = None
    owner: str | None = None
    concerns: str | None = None
    snoozed: bool = False
    lane: str | None = None
    incident: int | None = None
    search: str | None = None
    sort: QueueSort = "priority"
    page: int = 1
    per_page: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """All that a card shows; `incident` is the title of the one it belongs to.

    `text` is the body's beginning; the spans lie inside `title` and inside `text`."""

    alert_id: int
    mention_id: int
    state: AlertState
    owner: str | None
    brand: str | None
    brands: tuple[str, ...]
    lang: str
    source: str
    channel: str | None
    author: str | None
    title: str | None
    text: str
    truncated: bool
    title_evidence: tuple[Span, ...]
    evidence: tuple[Span, ...]
    severity: int
    cause: str
    churn: float
    complaint: float
    posted_at: datetime
    opened_at: datetime
    due_at: datetime | None
    first_response_at: datetime | None
    priority: float
    factors: tuple[Factor, ...]
    lane: str | None
    incident_id: int | None
    incident: str | None
    url: str | None
    copy_group_size: int
    deleted_at: datetime | None
    outcome: str | None
    reason: str | None
    version: int
    due_kind: str | None = None
    waiting_since: datetime | None = None
    uncovered: bool = False
    team: str | None = None
    assignee: str | None = None
    handovers: int = 0
    offered_to: str | None = None
    snoozed_until: datetime | None = None
    reopened: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One page of the queue. `total` counts what the filter finds; `by_state` the same filter in every state."""

    rows: tuple[QueueRow, ...]
    total: int
    page: int
    pages: int
    by_state: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What there is to filter by, most frequent first, as (value, alerts)."""

    brands: tuple[tuple[str, int], ...]
    langs: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    causes: tuple[tuple[str, int], ...]
    severities: tuple[tuple[int, int], ...]
    owners: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the alert page shows. The spans lie inside the mention's title and inside its text; `incident` is the
    title of the one that it belongs to."""

    alert: AlertRow
    mention: MentionRow
    versions: tuple[VersionRow, ...]
    title_evidence: tuple[Span, ...]
    evidence: tuple[Span, ...]
    parent: MentionRow | None
    replies: tuple[MentionRow, ...]
    others: tuple[MentionRow, ...]
    engagement: tuple[Engagement, ...]
    history: tuple[EventRow, ...]
    notes: tuple[NoteRow, ...]
    copy_group_size: int
    folded: int
    incident: str | None = None
