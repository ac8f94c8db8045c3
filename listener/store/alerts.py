"""Triage's stage: scored mentions that wait for it, and the alerts that it opens and refreshes."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, select, union, update

from listener.store import dialect
from listener.store.engagements import Engagements
from listener.store.events import Events
from listener.store.mentions import Mentions
from listener.store.rows import AlertChange, AlertRow, NewAlert, ScoredMention, compose
from listener.store.tables import DONE, TO_TRIAGE, WITH_TEXT, alerts, mention_brands, mention_texts, mentions, verdicts
from listener.store.verdicts import unpack_causes
from listener.types import Factor, Priority

_NAMES = tuple(field.name for field in fields(AlertRow))
_FACTOR = tuple(field.name for field in fields(Factor))
_FROM_VERDICT = ("lang", "cause", "severity", "churn", "complaint")
_SCORED = (
    *(mentions.c[name] for name in ("source", "native_id", "channel", "own", "posted_at", "collected_at")),
    *(mention_texts.c[name] for name in ("author", "title", "text")),
    mentions.c.id.label("mention_id"),
    *(mentions.c[name] for name in ("author_key", "copy_group")),
    *(verdicts.c[name] for name in ("lang", "complaint", "flagged", "severity", "cause", "churn", "model")),
    *(verdicts.c[name] for name in ("causes", "watched")),
)


class Alerts:
    """Statements on the table `alerts` that triage and intake need; `Cases` has those of people's acts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._events = Events(connection)

    # -------------------------------------------------------------- reading

    def get(self, alert_id: int) -> AlertRow | None:
        row = self._connection.execute(select(alerts).where(alerts.c.id == alert_id)).one_or_none()
        return None if row is None else alert_row(row)

    def of_mentions(self, mention_ids: Collection[int]) -> dict[int, AlertRow]:
        """The alert of each mention that has one."""
        statement = select(alerts).where(dialect.one_of(alerts.c.mention_id, mention_ids))
        return {row.mention_id: alert_row(row) for row in self._connection.execute(statement)}

    def pending(self, limit: int) -> list[ScoredMention]:
        """Scored mentions that triage has not seen, first stored first; never staff's own, folded or deleted ones."""
        statement = (
            select(*_SCORED)
            .select_from(WITH_TEXT)
            .join(verdicts, verdicts.c.mention_id == mentions.c.id)
            .where(dialect.UNFINISHED, mentions.c.stage == TO_TRIAGE)
            .order_by(mentions.c.id)
            .limit(limit)
        )
        rows = self._connection.execute(statement).all()
        ids = [row.mention_id for row in rows]
        known = Mentions(self._connection)
        brands, histories = known.brands(ids), Engagements(self._connection).histories(ids)
        sizes = known.group_sizes({row.copy_group for row in rows if row.copy_group is not None})
        existing = self.of_mentions(ids)
        return [
            ScoredMention(
                **_scored(row),
                brands=brands.get(row.mention_id, ()),
                copy_group_size=sizes.get(row.copy_group, 1),
                history=histories.get(row.mention_id, ()),
                alert=existing.get(row.mention_id),
            )
            for row in rows
        ]

    # -------------------------------------------------------------- writing

    def open(self, new: Sequence[NewAlert], now: datetime) -> dict[int, int]:
        """Open one alert a mention; the new alert ids by mention id.

        Nothing happens for a mention that has an alert already, was deleted, or has no verdict. Where the brand has
        answered before the alert was opened, that answer is its first response.
        """
        existing = self.of_mentions([one.mention_id for one in new])
        wanted = {one.mention_id: one for one in reversed(new) if one.mention_id not in existing}
        known = {row.mention_id: row._mapping for row in self._connection.execute(_to_open(wanted))} if wanted else {}
        chosen = [one for one in reversed(wanted.values()) if one.mention_id in known]
        if not chosen:
            return {}
        first = dialect.next_id(self._connection, alerts)
        opened = {one.mention_id: first + place for place, one in enumerate(chosen)}
        fixed = {"state": "open", "opened_at": now, "version": 1}
        values = [
            {
                **known[one.mention_id],
                "id": opened[one.mention_id],
                **fixed,
                **_decided(one.priority, one.due_at, one.lane),
            }
            for one in chosen
        ]
        self._connection.execute(insert(alerts), values)
        told = [(opened[one.mention_id], {"priority": one.priority.value}) for one in chosen]
        self._events.add_all(told, now, "listener", "opened")
        self._find_answers(opened)
        return opened

    def refresh(self, changes: Sequence[AlertChange], now: datetime) -> int:
        """Give alerts a new priority and due time, and what the latest verdict says; how many really changed."""
        changed = 0
        for change in changes:
            before = self.get(change.alert_id)
            verdict = self._verdict_of(change.alert_id)
            if before is None or verdict is None:
                continue
            # Once a promise was noted, its clocks say what is due (desk/promises.py).
            due_at = change.due_at if before.policy is None else before.due_at
            values = {**verdict, **_decided(change.priority, due_at, change.lane)}
            if all(getattr(before, name) == value for name, value in values.items() if name not in ("factors", "rank")):
                continue
            self._update(change.alert_id, values)
            if any(getattr(before, name) != verdict[name] for name in ("severity", "cause")):
                told = {"severity": verdict["severity"], "cause": verdict["cause"]}
                self._events.add(change.alert_id, now, "listener", "rescored", told)
            changed += 1
        return changed

    def mark_watched(self, mention_ids: Collection[int]) -> int:
        """Early detection has counted these: no edit, new model or new count makes them news again. How many."""
        statement = update(verdicts).where(dialect.one_of(verdicts.c.mention_id, mention_ids))
        return self._connection.execute(statement.values(watched=True)).rowcount

    def triage_all_again(self) -> int:
        """Let triage look again at every alert that nobody closed: the settings that it follows have changed."""
        active = select(alerts.c.mention_id).where(alerts.c.closed_at.is_(None))
        statement = update(mentions).where(mentions.c.id.in_(active), mentions.c.stage == DONE)
        return self._connection.execute(
            statement.where(mentions.c.deleted_at.is_(None)).values(stage=TO_TRIAGE)
        ).rowcount

    def mark_triaged(self, mention_ids: Collection[int], now: datetime) -> int:  # noqa: ARG002
        """Triage is done with these; one edited meanwhile stays pending. How many."""
        statement = update(mentions).where(dialect.one_of(mentions.c.id, mention_ids), mentions.c.stage == TO_TRIAGE)
        return self._connection.execute(statement.values(stage=DONE)).rowcount

    def first_response(self, alert_id: int, at: datetime, mention_id: int) -> bool:
        """The brand's own public answer (a mention's id) came at this time; False if an earlier one is known."""
        statement = update(alerts).where(
            alerts.c.id == alert_id,
            alerts.c.first_response_at.is_(None) | (alerts.c.first_response_at > at),
            alerts.c.posted_at <= at,
        )
        values = {"first_response_at": at, "version": alerts.c.version + 1}
        if self._connection.execute(statement.values(**values)).rowcount != 1:
            return False
        self._events.add(alert_id, at, "own-account", "first_response", {"mention": mention_id})
        return True

    def answered(self, source: str, native_ids: Collection[str]) -> dict[str, int]:
        """The alert of each of these posts of a source that has one: whom an answer may concern."""
        statement = (
            select(mentions.c.native_id, alerts.c.id)
            .join(alerts, alerts.c.mention_id == mentions.c.id)
            .where(mentions.c.source == source, dialect.one_of(mentions.c.native_id, native_ids))
        )
        return {row.native_id: row.id for row in self._connection.execute(statement)}

    def tell(self, mention_ids: Collection[int], actor: str, kind: str, now: datetime) -> int:
        """Write what happened to these mentions into the history of their alerts; how many have one."""
        found = self.of_mentions(mention_ids)
        for alert in found.values():
            self._update(alert.id, {})
            self._events.add(alert.id, now, actor, kind, {"mention": alert.mention_id})
        return len(found)

    def _find_answers(self, opened: dict[int, int]) -> None:
        """Answers of our own that were stored before the alerts were opened."""
        if not opened:
            return
        reply = mentions.alias("reply")
        wanted = dialect.one_of(mentions.c.id, opened)
        found = [
            select(mentions.c.id.label("mention_id"), reply.c.id, reply.c.posted_at.label("answered_at"))
            .join(reply, and_(reply.c.source == mentions.c.source, place == mentions.c.native_id))
            .where(wanted, reply.c.own.is_(True), reply.c.id != mentions.c.id)
            for place in (reply.c.parent_id, reply.c.thread_id)  # two statements: an OR would use neither index
        ]
        statement = union(*found).order_by("answered_at")
        for row in self._connection.execute(statement).all():
            self.first_response(opened[row.mention_id], row.answered_at, row.id)

    def _verdict_of(self, alert_id: int) -> dict[str, Any] | None:
        statement = (
            select(*(verdicts.c[name] for name in _FROM_VERDICT))
            .join(alerts, alerts.c.mention_id == verdicts.c.mention_id)
            .where(alerts.c.id == alert_id)
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else dict(row._mapping)

    def _update(self, alert_id: int, values: dict[str, Any]) -> None:
        self._connection.execute(
            update(alerts).where(alerts.c.id == alert_id).values(**values, version=alerts.c.version + 1)
        )


def alert_row(row: Row[Any]) -> AlertRow:
    """An alert from a row that has all columns of its table."""
    values = {name: getattr(row, name) for name in _NAMES}
    return AlertRow(**{**values, "factors": tuple(Factor(**factor) for factor in row.factors)})


def _scored(row: Row[Any]) -> dict[str, Any]:
    values = dict(row._mapping)
    title, text, causes = values.pop("title"), values.pop("text"), values.pop("causes")
    return {**values, "text": compose(title, text or ""), "causes": unpack_causes(causes)}


def _to_open(mention_ids: Collection[int]) -> Select[Any]:
    """What an alert copies from its mention and its verdict."""
    primary = (
        select(mention_brands.c.brand)
        .where(mention_brands.c.mention_id == mentions.c.id, mention_brands.c.position == 0)
        .scalar_subquery()
    )
    return (
        select(
            mentions.c.id.label("mention_id"),
            primary.label("brand"),
            *(mentions.c[name] for name in ("source", "channel", "posted_at")),
            *(verdicts.c[name] for name in _FROM_VERDICT),
        )
        .join(verdicts, verdicts.c.mention_id == mentions.c.id)
        .where(dialect.one_of(mentions.c.id, mention_ids), mentions.c.deleted_at.is_(None))
    )


def _decided(priority: Priority, due_at: datetime | None, lane: str | None) -> dict[str, Any]:
    return {
        "priority": priority.value,
        "rank": priority.rank if priority.rank is not None else math.log(max(priority.value, 1e-9)),
        "lane": lane,
        "factors": [{name: getattr(factor, name) for name in _FACTOR} for factor in priority.factors],
        "due_at": due_at,
    }
