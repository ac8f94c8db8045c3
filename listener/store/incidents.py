"""Incidents, who belongs to them, and what happened to them. One statement a named method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, insert, literal, select, update

from listener.store import dialect
from listener.store.incident_rows import IncidentEvent, IncidentRow, IncidentState, IncidentSummary, MemberRow
from listener.store.incident_tables import incident_events, incident_members, incidents
from listener.store.tables import alerts, mention_texts, mentions, verdicts

EXCERPT = 240
"""Code points of a member's text that its line shows."""

_COLUMNS = tuple(incidents.c[field.name] for field in fields(IncidentRow))
_EVENT = tuple(incident_events.c[field.name] for field in fields(IncidentEvent))
_ACTIVE = ("open", "claimed")


class Incidents:
    """Statements on `incidents`, `incident_members` and `incident_events`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -------------------------------------------------------------- reading

    def get(self, incident_id: int) -> IncidentRow | None:
        return self._one(incidents.c.id == incident_id)

    def find(self, brand: str, number: int) -> IncidentRow | None:
        """The incident that triage calls so; merged ones lead to what they were merged into."""
        found = self._one((incidents.c.brand == brand) & (incidents.c.number == number))
        while found is not None and found.merged_into is not None:
            found = self.get(found.merged_into)
        return found

    def in_state(
        self, states: Collection[IncidentState], *, brand: str | None = None, limit: int = 100
    ) -> list[IncidentRow]:
        """Those in these states, the last opened first; never merged ones."""
        statement = select(*_COLUMNS).where(incidents.c.state.in_(states), incidents.c.merged_into.is_(None))
        if brand is not None:
            statement = statement.where(incidents.c.brand == brand)
        ordered = statement.order_by(incidents.c.id.desc()).limit(limit)
        return [IncidentRow(**row._mapping) for row in self._connection.execute(ordered)]

    def titles(self, incident_ids: Collection[int]) -> dict[int, str]:
        """What each is called."""
        statement = select(incidents.c.id, incidents.c.title).where(dialect.one_of(incidents.c.id, incident_ids))
        return {row.id: row.title for row in self._connection.execute(statement)}

    def summaries(self, rows: Sequence[IncidentRow]) -> list[IncidentSummary]:
        """With what their members add up to, in the same order."""
        ids = [row.id for row in rows]
        totals = {row.incident_id: row for row in self._connection.execute(_totals(ids))}
        langs, sources = self._counted(ids, verdicts.c.lang), self._counted(ids, mentions.c.source)
        return [_summary(row, totals.get(row.id), langs[row.id], sources[row.id]) for row in rows]

    def members(self, incident_id: int, limit: int = 200) -> list[MemberRow]:
        """The newest members, newest first."""
        statement = (
            select(
                *(mentions.c[name] for name in ("posted_at", "source", "channel", "deleted_at")),
                *(incident_members.c[name] for name in ("mention_id", "joined_at")),
                *(mention_texts.c[name] for name in ("author", "title")),
                func.substr(mention_texts.c.text, 1, EXCERPT).label("text"),
                verdicts.c.lang,
                alerts.c.id.label("alert_id"),
                *(alerts.c[name] for name in ("state", "owner", "severity", "outcome")),
            )
            .select_from(incident_members)
            .join(mentions, mentions.c.id == incident_members.c.mention_id)
            .outerjoin(mention_texts, mention_texts.c.id == mentions.c.text_id)
            .outerjoin(verdicts, verdicts.c.mention_id == mentions.c.id)
            .outerjoin(alerts, alerts.c.mention_id == mentions.c.id)
            .where(incident_members.c.incident_id == incident_id)
            .order_by(mentions.c.posted_at.desc(), mentions.c.id.desc())
            .limit(limit)
        )
        return [
            MemberRow(**{**row._mapping, "text": row.text or "", "lang": row.lang or "und"})
            for row in self._connection.execute(statement)
        ]

    def of_mentions(self, mention_ids: Collection[int]) -> list[int]:
        """The incidents that these are members of."""
        statement = select(incident_members.c.incident_id).where(
            dialect.one_of(incident_members.c.mention_id, mention_ids)
        )
        return list(self._connection.execute(statement.distinct().order_by(incident_members.c.incident_id)).scalars())

    def times(self, incident_id: int) -> list[datetime]:
        """When its members were posted, oldest first."""
        statement = (
            select(mentions.c.posted_at)
            .join(incident_members, incident_members.c.mention_id == mentions.c.id)
            .where(incident_members.c.incident_id == incident_id)
            .order_by(mentions.c.posted_at)
        )
        return list(self._connection.execute(statement).scalars())

    def mention_ids(self, incident_id: int) -> list[int]:
        """All its members."""
        statement = select(incident_members.c.mention_id).where(incident_members.c.incident_id == incident_id)
        return list(self._connection.execute(statement.order_by(incident_members.c.mention_id)).scalars())

    def unclaimed(self, incident_id: int, langs: Collection[str] | None) -> list[int]:
        """Open alerts of its members that nobody has, in these languages (None: in all)."""
        statement = (
            select(alerts.c.id)
            .join(incident_members, incident_members.c.mention_id == alerts.c.mention_id)
            .where(incident_members.c.incident_id == incident_id)
            .where(alerts.c.state == "open", alerts.c.owner.is_(None))
            .order_by(alerts.c.id)
        )
        if langs is not None:
            statement = statement.where(alerts.c.lang.in_(list(langs)))
        return list(self._connection.execute(statement).scalars())

    def history(self, incident_id: int) -> tuple[IncidentEvent, ...]:
        """Alarms and acts, oldest first."""
        statement = select(*_EVENT).where(incident_events.c.incident_id == incident_id).order_by(incident_events.c.id)
        return tuple(IncidentEvent(**row._mapping) for row in self._connection.execute(statement))

    def last_number(self, brand: str) -> int:
        """The highest of triage's numbers of this brand; 0 if there is none."""
        statement = select(func.max(incidents.c.number)).where(incidents.c.brand == brand)
        return int(self._connection.execute(statement).scalar_one() or 0)

    # -------------------------------------------------------------- writing

    def open(
        self, brand: str, number: int | None, now: datetime, *, title: str, cause: str, state: IncidentState = "quiet"
    ) -> int:
        """A new incident; its id."""
        values = {
            "brand": brand,
            "number": number,
            "title": title,
            "named": False,
            "cause": cause,
            "state": state,
            "opened_at": now,
            "level": 0,
            "version": 1,
        }
        return int(self._connection.execute(insert(incidents).returning(incidents.c.id), values).scalar_one())

    def join(self, incident_id: int, mention_ids: Collection[int], now: datetime) -> int:
        """Mentions become members; those that are not there, or are already, change nothing. How many were new."""
        found = select(literal(incident_id), mentions.c.id, literal(now, mentions.c.posted_at.type)).where(
            dialect.one_of(mentions.c.id, mention_ids)
        )
        statement = dialect.insert_new(incident_members).from_select(["incident_id", "mention_id", "joined_at"], found)
        return self._connection.execute(statement).rowcount

    def leave(self, incident_id: int, mention_ids: Collection[int]) -> int:
        """Mentions are no members any more; how many were."""
        statement = delete(incident_members).where(
            incident_members.c.incident_id == incident_id, dialect.one_of(incident_members.c.mention_id, mention_ids)
        )
        return self._connection.execute(statement).rowcount

    def attach(self, mention_ids: Collection[int]) -> None:
        """Tell the alerts of these mentions which incident they belong to: one that rang before a quiet one."""
        mine = (
            select(incident_members.c.incident_id)
            .join(incidents, incidents.c.id == incident_members.c.incident_id)
            .where(incident_members.c.mention_id == alerts.c.mention_id)
            .order_by(incidents.c.alarm_at.is_(None), incidents.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        self._connection.execute(
            update(alerts).where(dialect.one_of(alerts.c.mention_id, mention_ids)).values(incident_id=mine)
        )

    def retitle(self, incident_id: int, title: str, cause: str) -> bool:
        """In its members' words of now; a person's title stays."""
        self._set(incident_id, cause=cause)
        return self._set(incident_id, incidents.c.named.is_(False), incidents.c.title != title, title=title)

    def drop_words(self, incident_id: int, words: Collection[str]) -> None:
        """Posts' words leave its title, unless a person gave it, and why its alarm rang."""
        row = self.get(incident_id)
        if row is None:
            return
        start, colon, shared = row.title.partition(": ")
        kept = [word for word in shared.split(", ") if word not in words]
        if colon and not row.named:
            self._set(incident_id, title=f"{start}: {', '.join(kept)}" if kept else start)
        if row.surge is not None:
            terms = [term for term in row.surge.get("terms", ()) if term not in words]
            self._set(incident_id, surge={**row.surge, "terms": terms})

    def name(self, incident_id: int, title: str, *, named: bool) -> bool:
        """A person's title, or (`named` False) one that is made of words again."""
        return self._set(incident_id, title=title, named=named)

    def ring(self, incident_id: int, at: datetime, surge: Mapping[str, Any]) -> bool:
        """Its alarm rang; False if it had before."""
        return self._set(incident_id, incidents.c.alarm_at.is_(None), alarm_at=at, surge=dict(surge), state="open")

    def take_alarm(self, incident_id: int, other: IncidentRow) -> bool:
        """The alarm of another one is its own now; False if it had one."""
        if other.alarm_at is None or other.surge is None:
            return False
        return self.ring(incident_id, other.alarm_at, other.surge)

    def escalate(self, incident_id: int, level: int) -> bool:
        return self._set(incident_id, incidents.c.level < level, level=level)

    def end(self, incident_id: int, at: datetime, state: IncidentState) -> bool:
        """`ended` by itself or `closed` by a person; False if it is closed already."""
        return self._set(incident_id, incidents.c.state != "closed", state=state, ended_at=at)

    def reopen(self, incident_id: int) -> bool:
        """It is not over; False if it was not over."""
        over = incidents.c.state.in_(("ended", "closed"))
        state = case((incidents.c.alarm_at.is_(None), "quiet"), else_="open")
        return self._set(incident_id, over, state=state, ended_at=None)

    def claim(self, incident_id: int, owner: str, now: datetime) -> bool:
        """It has no coordinating owner: now this one. False if it has."""
        free = incidents.c.owner.is_(None)
        return self._set(incident_id, free, incidents.c.state != "closed", owner=owner, claimed_at=now)

    def release(self, incident_id: int, owner: str) -> bool:
        """Its owner gives it back. False if it is not theirs."""
        return self._set(incident_id, incidents.c.owner == owner, owner=None, claimed_at=None)

    def merge(self, keep: int, other: int) -> None:
        """`other` leads to `keep` from now on, and has no members of its own."""
        self._connection.execute(
            update(incidents)
            .where((incidents.c.id == other) | (incidents.c.merged_into == other))
            .values(merged_into=keep, version=incidents.c.version + 1)
        )

    def number(self, incident_id: int, number: int) -> bool:
        """Triage knows it by this number."""
        return self._set(incident_id, number=number)

    def tell(self, incident_id: int, at: datetime, actor: str, kind: str, data: Mapping[str, Any]) -> None:
        """Write a step into its history."""
        values = {"incident_id": incident_id, "at": at, "actor": actor, "kind": kind, "data": dict(data)}
        self._connection.execute(insert(incident_events), values)

    # -------------------------------------------------------------- inside

    def _one(self, condition: ColumnElement[bool]) -> IncidentRow | None:
        row = self._connection.execute(select(*_COLUMNS).where(condition)).one_or_none()
        return None if row is None else IncidentRow(**row._mapping)

    def _set(self, incident_id: int, *conditions: ColumnElement[bool], **values: Any) -> bool:
        statement = update(incidents).where(incidents.c.id == incident_id, *conditions)
        return self._connection.execute(statement.values(**values, version=incidents.c.version + 1)).rowcount == 1

    def _counted(self, ids: Collection[int], column: ColumnElement[str]) -> dict[int, tuple[tuple[str, int], ...]]:
        """Members by a property, most first."""
        statement = (
            select(incident_members.c.incident_id, column.label("value"), func.count().label("number"))
            .join(mentions, mentions.c.id == incident_members.c.mention_id)
            .join(verdicts, verdicts.c.mention_id == mentions.c.id)
            .where(dialect.one_of(incident_members.c.incident_id, ids))
            .group_by(incident_members.c.incident_id, column)
            .order_by(func.count().desc(), column)
        )
        found: defaultdict[int, tuple[tuple[str, int], ...]] = defaultdict(tuple)
        for row in self._connection.execute(statement):
            found[row.incident_id] += ((row.value, row.number),)
        return found


def _totals(ids: Collection[int]) -> Any:
    """Members of each incident, how many nobody has, how many wait for an outcome, the first and the last."""
    return (
        select(
            incident_members.c.incident_id,
            func.count().label("members"),
            func.sum(case((alerts.c.state == "open", 1), else_=0)).label("unclaimed"),
            func.sum(case((alerts.c.state.in_(_ACTIVE), 1), else_=0)).label("unresolved"),
            func.min(mentions.c.posted_at).label("first_at"),
            func.max(mentions.c.posted_at).label("last_at"),
        )
        .join(mentions, mentions.c.id == incident_members.c.mention_id)
        .outerjoin(alerts, alerts.c.mention_id == mentions.c.id)
        .where(dialect.one_of(incident_members.c.incident_id, ids))
        .group_by(incident_members.c.incident_id)
    )


def _summary(
    row: IncidentRow, totals: Row[Any] | None, langs: tuple[tuple[str, int], ...], sources: tuple[tuple[str, int], ...]
) -> IncidentSummary:
    return IncidentSummary(
        incident=row,
        members=totals.members if totals else 0,
        unclaimed=int(totals.unclaimed or 0) if totals else 0,
        unresolved=int(totals.unresolved or 0) if totals else 0,
        first_at=totals.first_at if totals else None,
        last_at=totals.last_at if totals else None,
        langs=langs,
        sources=sources,
    )
