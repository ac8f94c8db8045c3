"""From stored mentions to alerts: score what has no verdict, then decide on what has one.

Each step reads its own unfinished rows and writes its result in one transaction, so it can be killed anywhere and run
again, by any process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from listener.settings import Settings
from listener.store import Store
from listener.store.rows import AlertChange, NewAlert, ScoredMention
from listener.triage.decide import Candidate, Decision, decide
from listener.types import Verdict

BATCH: Final = 512


class Scorer(Protocol):
    """What scoring needs of a classifier."""

    def verdicts(
        self,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
        explain: bool = False,
    ) -> list[Verdict]: ...


def score_pending(store: Store, scorer: Scorer, now: datetime) -> int:
    """Write the verdicts of up to BATCH mentions; how many there were. Evidence is kept for flagged ones only."""
    with store.read() as tx:
        pending = tx.verdicts.pending(BATCH)
    if not pending:
        return 0
    verdicts = scorer.verdicts([one.text for one in pending], langs=[one.lang_hint for one in pending])
    flagged = [index for index, verdict in enumerate(verdicts) if verdict.flagged]
    explained = scorer.verdicts(
        [pending[index].text for index in flagged], langs=[pending[index].lang_hint for index in flagged], explain=True
    )
    for index, verdict in zip(flagged, explained, strict=True):
        verdicts[index] = verdict
    with store.write() as tx:
        tx.verdicts.put(list(zip(pending, verdicts, strict=True)), now)
    return len(pending)


def triage_pending(store: Store, settings: Settings, now: datetime) -> int:
    """Open and refresh the alerts that up to BATCH scored mentions call for; how many mentions were looked at."""
    brands_known = bool(settings.brands)
    with store.write() as tx:
        scored = tx.alerts.pending(BATCH)
        decisions = {
            one.mention_id: decision
            for one in scored
            if (decision := decide(_candidate(one), settings.sla, brands_known=brands_known)) is not None
        }
        tx.alerts.open(
            [_opening(d) for one in scored if one.alert is None and (d := decisions.get(one.mention_id))], now
        )
        tx.alerts.refresh(
            [_change(one, d) for one in scored if one.alert and (d := decisions.get(one.mention_id))], now
        )
        tx.alerts.mark_triaged([one.mention_id for one in scored], now)
    return len(scored)


def advance(store: Store, scorer: Scorer, settings: Settings, now: datetime) -> int:
    """Score and triage one batch each; how many rows were worked on (0: nothing is waiting)."""
    return score_pending(store, scorer, now) + triage_pending(store, settings, now)


def _candidate(scored: ScoredMention) -> Candidate:
    return Candidate(
        mention_id=scored.mention_id,
        source=scored.source,
        brands=scored.brands,
        posted_at=scored.posted_at,
        verdict=Verdict(
            lang=scored.lang,
            complaint=scored.complaint,
            flagged=scored.flagged,
            severity=scored.severity,
            cause=scored.cause,
            churn=scored.churn,
            model=scored.model,
        ),
        engagement=scored.engagement,
        has_alert=scored.alert is not None,
    )


def _opening(decision: Decision) -> NewAlert:
    return NewAlert(mention_id=decision.mention_id, priority=decision.priority, due_at=decision.due_at)


def _change(scored: ScoredMention, decision: Decision) -> AlertChange:
    assert scored.alert is not None
    return AlertChange(alert_id=scored.alert.id, priority=decision.priority, due_at=decision.due_at)
