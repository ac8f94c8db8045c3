"""What the store gives back about incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from listener.types import AlertState

IncidentState: TypeAlias = Literal["quiet", "open", "ended", "closed"]
"""`quiet`: a few mentions belong together, no alarm. `open`: it rang. `ended`: nothing new. `closed`: by a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One problem. `owner` coordinates it; `surge` says why its alarm rang (triage/surges/why.py)."""

    id: int
    brand: str
    number: int | None
    title: str
    named: bool
    cause: str
    state: IncidentState
    owner: str | None
    claimed_at: datetime | None
    opened_at: datetime
    alarm_at: datetime | None
    ended_at: datetime | None
    level: int
    surge: Mapping[str, Any] | None
    merged_into: int | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSummary:
    """An incident with what its members add up to; `lately` joined within the last hour of its members' own time."""

    incident: IncidentRow
    members: int
    unclaimed: int
    unresolved: int
    first_at: datetime | None
    last_at: datetime | None
    langs: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A member as a line: the post's beginning, and the alert that it keeps, if it has one."""

    mention_id: int
    posted_at: datetime
    joined_at: datetime
    lang: str
    source: str
    channel: str | None
    author: str | None
    title: str | None
    text: str
    deleted_at: datetime | None
    alert_id: int | None
    state: AlertState | None
    owner: str | None
    severity: int | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent:
    """One step of an incident's history; `data` holds ids, codes and numbers only."""

    id: int
    incident_id: int
    at: datetime
    actor: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """A stored mention with its verdict, as early detection is shown it again; `text` is composed."""

    mention_id: int
    brands: tuple[str, ...]
    posted_at: datetime
    text: str
    lang: str
    source: str
    complaint: float
    flagged: bool
    cause: str
    causes: tuple[float, ...] | None
    author_key: int | None
    copy_group: int | None
