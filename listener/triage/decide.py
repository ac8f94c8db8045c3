"""One scored mention in, one decision out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from listener.settings.early import Value
from listener.triage.priority import lane_of, prioritise
from listener.triage.reach import reach
from listener.triage.sla import Promises, first_response_due
from listener.types import Engagement, Priority, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A scored mention that triage has not seen, or has to see again after an edit or new engagement."""

    mention_id: int
    source: str
    brands: tuple[str, ...]
    posted_at: datetime
    verdict: Verdict
    history: tuple[Engagement, ...] = ()
    """Its counts, oldest first."""
    channel: str | None = None
    has_alert: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Open an alert for this mention, or bring its alert up to date if it has one."""

    mention_id: int
    priority: Priority
    due_at: datetime
    lane: str | None = None


def decide(candidate: Candidate, promises: Promises, value: Value, *, brands_known: bool) -> Decision | None:
    """None if nobody need look: neither flagged nor a quiet leaver, or of none of the brands that the settings name.

    An alert that is already open stays even if an edit made the post harmless: a person closes it, with a reason.
    """
    verdict = candidate.verdict
    concerns_us = bool(candidate.brands) or not brands_known
    lane = lane_of(value, severity=verdict.severity, churn=verdict.churn)
    if not candidate.has_alert and not ((verdict.flagged or lane) and concerns_us):
        return None
    return Decision(
        mention_id=candidate.mention_id,
        priority=prioritise(
            value,
            severity=verdict.severity,
            cause=verdict.cause,
            churn=verdict.churn,
            complaint=verdict.complaint,
            reach=reach(candidate.history, candidate.channel, candidate.posted_at, value),
            posted_at=candidate.posted_at,
        ),
        due_at=first_response_due(
            promises,
            brands=candidate.brands,
            source=candidate.source,
            severity=verdict.severity,
            posted_at=candidate.posted_at,
        ),
        lane=lane,
    )
