"""The classifier's stage: texts that wait for a verdict, and the verdicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from listener.store import dialect
from listener.store.incident_rows import PastRow
from listener.store.rows import PendingText, Span, compose
from listener.store.tables import (
    DONE,
    TO_SCORE,
    TO_TRIAGE,
    WITH_TEXT,
    mention_brands,
    mention_texts,
    mentions,
    verdicts,
)
from listener.types import Verdict

_VALUES = ("complaint", "flagged", "severity", "cause", "churn", "lang", "model", "evidence", "scored_at", "causes")


class Verdicts:
    """Statements on the table `verdicts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pending(self, limit: int) -> list[PendingText]:
        """Mentions to be scored, first stored first; never staff's own, folded or deleted ones."""
        columns = (
            *(mentions.c.id, mention_texts.c.title, mention_texts.c.text, mentions.c.lang_hint),
            *(mentions.c.source, mentions.c.channel, mentions.c.revision),
        )
        wanted = (dialect.UNFINISHED, mentions.c.stage == TO_SCORE)
        statement = select(*columns).select_from(WITH_TEXT).where(*wanted).order_by(mentions.c.id)
        return [
            PendingText(
                mention_id=row.id,
                text=compose(row.title, row.text),
                lang_hint=row.lang_hint,
                source=row.source,
                channel=row.channel,
                revision=row.revision,
            )
            for row in self._connection.execute(statement.limit(limit))
        ]

    def put(self, scored: Sequence[tuple[PendingText | int, Verdict]], now: datetime) -> int:
        """Keep the latest verdict of each mention and hand it on to triage; how many were kept.

        A mention deleted meanwhile gets none. Given as the PendingText that was scored, one edited meanwhile gets none
        either: it is pending again with its new text.
        """
        current = self._current([item if isinstance(item, int) else item.mention_id for item, _ in scored])
        kept: list[dict[str, object]] = []
        for item, verdict in scored:
            mention_id = item if isinstance(item, int) else item.mention_id
            revision = current.get(mention_id)
            if revision is None or (isinstance(item, PendingText) and item.revision != revision):
                continue
            kept.append(_values(mention_id, verdict, now))
        if kept:
            self._connection.execute(dialect.upsert(verdicts, replace=_VALUES), kept)
            self._hand_on([values["mention_id"] for values in kept])
        return len(kept)

    def get(self, mention_id: int) -> Verdict | None:
        """The verdict, without evidence (see `spans`)."""
        row = self._connection.execute(select(verdicts).where(verdicts.c.mention_id == mention_id)).one_or_none()
        if row is None:
            return None
        return Verdict(
            lang=row.lang,
            complaint=row.complaint,
            flagged=row.flagged,
            severity=row.severity,
            cause=row.cause,
            churn=row.churn,
            model=row.model,
            causes=unpack_causes(row.causes),
        )

    def past(self, brand: str, since: datetime, until: datetime, limit: int) -> list[PastRow]:
        """Scored mentions of a brand posted between two times as triage had them, oldest first; at most the newest."""
        columns = (
            mentions.c.id.label("mention_id"),
            *(mentions.c[name] for name in ("posted_at", "source", "author_key", "copy_group")),
            *(mention_texts.c[name] for name in ("title", "text")),
            *(verdicts.c[name] for name in ("lang", "complaint", "flagged", "cause", "causes")),
        )
        statement = (
            select(*columns)
            .select_from(WITH_TEXT)
            .join(verdicts, verdicts.c.mention_id == mentions.c.id)
            .join(mention_brands, mention_brands.c.mention_id == mentions.c.id)
            .where(mention_brands.c.brand == brand, mentions.c.posted_at >= since, mentions.c.posted_at < until)
            .where(mentions.c.folded_into.is_(None), mentions.c.own.is_(False), mentions.c.deleted_at.is_(None))
            .order_by(mentions.c.posted_at.desc(), mentions.c.id.desc())
            .limit(limit)
        )
        return [_past(row, brand) for row in reversed(self._connection.execute(statement).all())]

    def spans(self, mention_id: int) -> tuple[Span, ...]:
        """The evidence in the mention's composed text."""
        statement = select(verdicts.c.evidence).where(verdicts.c.mention_id == mention_id)
        found = self._connection.execute(statement).scalar_one_or_none() or ()
        return tuple(Span(start=start, end=end, weight=weight) for start, end, weight in found)

    def drop_evidence(self, mention_ids: Collection[int]) -> None:
        """Forget where the evidence was: the text is another one now, or gone."""
        self._connection.execute(
            update(verdicts).where(dialect.one_of(verdicts.c.mention_id, mention_ids)).values(evidence=[])
        )

    def rescore(self, model: str) -> int:
        """Make every mention pending whose verdict another model gave; how many."""
        others = select(verdicts.c.mention_id).where(verdicts.c.model != model)
        statement = update(mentions).where(
            mentions.c.id.in_(others),
            mentions.c.stage == DONE,
            mentions.c.folded_into.is_(None),
            mentions.c.deleted_at.is_(None),
        )
        return self._connection.execute(statement.values(stage=TO_SCORE)).rowcount

    def _current(self, mention_ids: Collection[int]) -> dict[int, int]:
        """Revision of each of these mentions that may have a verdict."""
        statement = select(mentions.c.id, mentions.c.revision).where(
            dialect.one_of(mentions.c.id, mention_ids),
            mentions.c.deleted_at.is_(None),
            mentions.c.folded_into.is_(None),
            mentions.c.own.is_(False),
        )
        return {row.id: row.revision for row in self._connection.execute(statement)}

    def _hand_on(self, mention_ids: Collection[object]) -> None:
        self._connection.execute(
            update(mentions).where(dialect.one_of(mentions.c.id, mention_ids)).values(stage=TO_TRIAGE)
        )


def _values(mention_id: int, verdict: Verdict, now: datetime) -> dict[str, object]:
    return {
        "mention_id": mention_id,
        "complaint": verdict.complaint,
        "flagged": verdict.flagged,
        "severity": verdict.severity,
        "cause": verdict.cause,
        "churn": verdict.churn,
        "lang": verdict.lang,
        "model": verdict.model,
        "evidence": [[span.start, span.end, round(span.weight, 4)] for span in verdict.evidence],
        "scored_at": now,
        "causes": None if verdict.causes is None else bytes(round(255 * share) for share in verdict.causes),
    }


def _past(row: Row[Any], brand: str) -> PastRow:
    values = dict(row._mapping)
    text = compose(values.pop("title"), values.pop("text") or "")
    return PastRow(**{**values, "brands": (brand,), "text": text, "causes": unpack_causes(row.causes)})


def unpack_causes(packed: bytes | None) -> tuple[float, ...] | None:
    """Probabilities of types.CAUSES as they were stored, good to 1/255."""
    return None if packed is None else tuple(share / 255 for share in packed)
