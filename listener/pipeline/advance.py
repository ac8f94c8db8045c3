"""From stored mentions to alerts: score what has no verdict, then decide on what has one.

Each step reads its own unfinished rows and writes its result in one transaction, so it can be killed anywhere and run
again, by any process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from listener.pipeline.clock import Clock
from listener.pipeline.early import Memory, watch
from listener.settings import Settings
from listener.store import Store, Tx
from listener.store.rows import AlertChange, NewAlert, PendingText, ScoredMention
from listener.triage.decide import Candidate, Decision, decide
from listener.triage.sla import Promises
from listener.types import Verdict

BATCH: Final = 512
FIGURES: Final = "value"
"""Where the hash of the figures lies by which priorities were last computed."""
WALL: Final = Clock()
"""Early detection goes by the time of day."""


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


def _verdicts(scorer: Scorer, pending: Sequence[PendingText], *, explain: bool = False) -> list[Verdict]:
    return scorer.verdicts(
        [one.text for one in pending],
        langs=[one.lang_hint for one in pending],
        sources=[one.source for one in pending],
        explain=explain,
    )


def score_pending(store: Store, scorer: Scorer, now: datetime) -> int:
    """Write the verdicts of up to BATCH mentions; how many there were. Evidence is kept for flagged ones only."""
    with store.read() as tx:
        pending = tx.verdicts.pending(BATCH)
    if not pending:
        return 0
    verdicts = _verdicts(scorer, pending)
    flagged = [index for index, verdict in enumerate(verdicts) if verdict.flagged]
    explained = _verdicts(scorer, [pending[index] for index in flagged], explain=True)
    for index, verdict in zip(flagged, explained, strict=True):
        verdicts[index] = verdict
    with store.write() as tx:
        tx.verdicts.put(list(zip(pending, verdicts, strict=True)), now)
    return len(pending)


def triage_pending(
    store: Store, settings: Settings, now: datetime, memory: Memory | None = None, clock: Clock = WALL
) -> int:
    """Open and refresh the alerts that up to BATCH scored mentions call for, and the incidents that these belong to.

    How many mentions were looked at. `memory` spares reading what triage remembers for every batch.
    """
    memory = memory or Memory()
    try:
        with store.write() as tx:
            return _triage(tx, settings, now, memory, clock)
    except BaseException:
        memory.forget()
        raise


def _triage(tx: Tx, settings: Settings, now: datetime, memory: Memory, clock: Clock) -> int:
    scored = tx.alerts.pending(BATCH)
    brands_known = bool(settings.brands)
    promises = Promises.of(settings)
    if scored:
        decisions = {
            one.mention_id: decision
            for one in scored
            if (decision := decide(_candidate(one, clock), promises, settings.value, brands_known=brands_known))
            is not None
        }
        tx.alerts.open(
            [_opening(d) for one in scored if one.alert is None and (d := decisions.get(one.mention_id))], now
        )
        tx.alerts.refresh(
            [_change(one, d) for one in scored if one.alert and (d := decisions.get(one.mention_id))], now
        )
        tx.alerts.mark_triaged([one.mention_id for one in scored], now)
    watch(tx, memory, scored, settings, clock, now)
    return len(scored)


def advance(
    store: Store,
    scorer: Scorer,
    settings: Settings,
    now: datetime,
    memory: Memory | None = None,
    clock: Clock = WALL,
) -> int:
    """Score and triage one batch each; how many rows were worked on (0: nothing is waiting)."""
    return score_pending(store, scorer, now) + triage_pending(store, settings, now, memory, clock)


def follow(tx: Tx, settings: Settings, now: datetime) -> None:
    """Bring priorities in line with changed figures of the settings: triage looks at every waiting alert again."""
    figures = hashlib.sha256(settings.value.model_dump_json().encode()).hexdigest()
    if tx.state.get(FIGURES) != figures:
        tx.alerts.triage_all_again()
        tx.state.put(FIGURES, figures, now)


def _candidate(scored: ScoredMention, clock: Clock) -> Candidate:
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
        history=clock.aged(scored.history, scored.posted_at),
        channel=scored.channel,
        has_alert=scored.alert is not None,
    )


def _opening(decision: Decision) -> NewAlert:
    return NewAlert(
        mention_id=decision.mention_id, priority=decision.priority, due_at=decision.due_at, lane=decision.lane
    )


def _change(scored: ScoredMention, decision: Decision) -> AlertChange:
    assert scored.alert is not None
    return AlertChange(alert_id=scored.alert.id, priority=decision.priority, due_at=decision.due_at, lane=decision.lane)
