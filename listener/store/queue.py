"""The queue: alerts filtered, searched, sorted and cut into pages, and what there is to filter by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, select, union_all

from listener.store import dialect
from listener.store.incidents import Incidents
from listener.store.mentions import Mentions
from listener.store.rows import Facets, QueueFilter, QueuePage, QueueRow, Span
from listener.store.search import Search
from listener.store.tables import alerts, mention_brands, mention_texts, mentions, verdicts
from listener.text.clean import storable
from listener.types import Factor

EXCERPT: Final = 400
"""Code points of a text that a card shows."""

ACTIVE: Final = ("open", "claimed")
STATES: Final = ("open", "claimed", "resolved", "dismissed")

_ANSWERED: Final = alerts.c.first_response_at.is_not(None) & (func.coalesce(alerts.c.due_kind, "first") == "first")
_NEAR: Final = 1000
"""Pages up to so many alerts from the top are looked up by index alone."""
_ORDERS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {
    "priority": (alerts.c.rank.desc(), alerts.c.id),
    "age": (alerts.c.posted_at, alerts.c.id),
    "newest": (alerts.c.posted_at.desc(), alerts.c.id.desc()),
    "due": (_ANSWERED, alerts.c.due_at.is_(None), alerts.c.due_at, alerts.c.id),
}
_FROM_ALERT: Final = (
    *("mention_id", "state", "owner", "brand", "lang", "source", "channel", "severity", "cause", "churn", "complaint"),
    *(
        "posted_at",
        "opened_at",
        "due_at",
        "first_response_at",
        "priority",
        "outcome",
        *("due_kind", "waiting_since", "uncovered", "team", "assignee", "handovers", "offered_to", "snoozed_until"),
        "reopened",
        "reason",
        "version",
        "lane",
        "incident_id",
    ),
)


class Queue:
    """Read-only statements on alerts with their mentions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, query: QueueFilter) -> QueuePage:
        """One page, and the counts of all that the filter finds; a page beyond the last is the last one."""
        by_state = self.count_by_state(query)
        wanted = ACTIVE if query.state is None else (query.state,)
        total = sum(by_state[state] for state in wanted)
        per_page = max(1, query.per_page)
        pages = max(1, -(-total // per_page))
        page = min(max(1, query.page), pages)
        ids = self.ids(query, wanted, limit=per_page, offset=(page - 1) * per_page) if total else []
        return QueuePage(rows=self.rows(ids), total=total, page=page, pages=pages, by_state=by_state)

    def count_by_state(self, query: QueueFilter) -> dict[str, int]:
        """How many alerts the filter finds in each state, whatever state it asks for."""
        statement = select(alerts.c.state, func.count()).where(*_conditions(query)).group_by(alerts.c.state)
        found = {row[0]: row[1] for row in self._connection.execute(statement)}
        return {state: found.get(state, 0) for state in STATES}

    def ids(self, query: QueueFilter, states: Collection[str], *, limit: int, offset: int) -> list[int]:
        """Alert ids in the order asked for."""
        conditions, order = _conditions(query), _ORDERS[query.sort]
        wanted = alerts.c.state.in_(states)
        if offset < _NEAR:
            # An index gives each state in order, but not several at once: the first of each are enough to choose from.
            first = (
                select(alerts.c.id).where(*conditions, alerts.c.state == state).order_by(*order).limit(offset + limit)
                for state in states
            )
            wanted = alerts.c.id.in_(union_all(*(select(one.subquery().c.id) for one in first)))
            conditions = []
        ordered = select(alerts.c.id).where(*conditions, wanted).order_by(*order).limit(limit).offset(offset)
        return list(self._connection.execute(ordered).scalars())

    def rows(self, alert_ids: Sequence[int]) -> tuple[QueueRow, ...]:
        """What the cards of these alerts show, in the order given."""
        statement = (
            select(
                alerts.c.id.label("alert_id"),
                *(alerts.c[name] for name in (*_FROM_ALERT, "factors")),
                *(mentions.c[name] for name in ("deleted_at", "copy_group")),
                *(mention_texts.c[name] for name in ("author", "title", "url")),
                func.substr(mention_texts.c.text, 1, EXCERPT + 1).label("excerpt"),
                verdicts.c.evidence,
            )
            .join(mentions, mentions.c.id == alerts.c.mention_id)
            .outerjoin(mention_texts, mention_texts.c.id == mentions.c.text_id)
            .outerjoin(verdicts, verdicts.c.mention_id == alerts.c.mention_id)
            .where(dialect.one_of(alerts.c.id, alert_ids))
        )
        found: dict[int, Any] = {row.alert_id: row for row in self._connection.execute(statement)}
        known = Mentions(self._connection)
        brands = known.brands([row.mention_id for row in found.values()])
        sizes = known.group_sizes({row.copy_group for row in found.values() if row.copy_group is not None})
        named = Incidents(self._connection).titles({row.incident_id for row in found.values() if row.incident_id})
        return tuple(_queue_row(found[alert_id], brands, sizes, named) for alert_id in alert_ids if alert_id in found)

    def facets(self) -> Facets:
        """What alerts there are, open or claimed, by each thing that one can filter by."""
        columns = [alerts.c[name] for name in ("lang", "source", "cause", "severity", "owner")]
        statement = select(*columns, func.count().label("number")).where(alerts.c.state.in_(ACTIVE)).group_by(*columns)
        rows = self._connection.execute(statement).all()
        langs, sources, causes, severities, owners = (_counted(rows, column.name) for column in columns)
        return Facets(
            brands=self._brands(), langs=langs, sources=sources, causes=causes, severities=severities, owners=owners
        )

    def _brands(self) -> tuple[tuple[str, int], ...]:
        statement = (
            select(mention_brands.c.brand, func.count())
            .join(alerts, alerts.c.mention_id == mention_brands.c.mention_id)
            .where(alerts.c.state.in_(ACTIVE))
            .group_by(mention_brands.c.brand)
        )
        rows = self._connection.execute(statement.order_by(func.count().desc(), mention_brands.c.brand))
        return tuple((brand, number) for brand, number in rows)


def _counted(rows: Sequence[Any], name: str) -> tuple[tuple[Any, int], ...]:
    """Sums of `number` by one column, most first."""
    sums: Counter[Any] = Counter()
    for row in rows:
        if (value := getattr(row, name)) is not None:
            sums[value] += row.number
    return tuple(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def split_spans(spans: Sequence[Sequence[float]], title: str | None, length: int) -> tuple[tuple[Span, ...], ...]:
    """Evidence in a composed text -> evidence in its title and in the first `length` code points of its body."""
    shift = len(title) + 1 if title else 0
    in_title = (_cut(start, end, weight, 0, max(0, shift - 1)) for start, end, weight in spans)
    in_body = (_cut(start, end, weight, shift, shift + length) for start, end, weight in spans)
    return tuple(span for span in in_title if span), tuple(span for span in in_body if span)


def _cut(start: float, end: float, weight: float, low: int, high: int) -> Span | None:
    first, last = max(int(start), low), min(int(end), high)
    return Span(start=first - low, end=last - low, weight=weight) if first < last else None


def _conditions(query: QueueFilter) -> list[ColumnElement[bool]]:
    """All of the filter but the state."""
    equal = {
        alerts.c.lang: query.lang,
        alerts.c.source: query.source,
        alerts.c.cause: query.cause,
        alerts.c.severity: query.severity,
        alerts.c.owner: query.owner,
        alerts.c.lane: query.lane,
        alerts.c.incident_id: query.incident,
    }
    given = {column: storable(value) if isinstance(value, str) else value for column, value in equal.items()}
    found = [column == value for column, value in given.items() if value is not None]
    if query.brand is not None:
        concerned = select(mention_brands.c.mention_id).where(
            mention_brands.c.mention_id == alerts.c.mention_id, mention_brands.c.brand == storable(query.brand)
        )
        found.append(concerned.exists())
    if query.concerns is not None:
        me = storable(query.concerns)
        theirs = (alerts.c.assignee == me) & alerts.c.owner.is_(None)
        found.append((alerts.c.owner == me) | (alerts.c.offered_to == me) | theirs)
    searched = bool(query.search and query.search.strip())
    if query.snoozed:
        found.append(alerts.c.snoozed_until.is_not(None))
    elif not searched:
        found.append(alerts.c.snoozed_until.is_(None))
    if query.search and searched:
        found.append(Search.condition(alerts.c.mention_id, query.search))
    return found


def _queue_row(
    row: Row[Any], brands: dict[int, tuple[str, ...]], sizes: dict[int, int], named: dict[int, str]
) -> QueueRow:
    excerpt = row.excerpt or ""
    text = excerpt[:EXCERPT]
    title_evidence, evidence = split_spans(row.evidence or (), row.title, len(text))
    return QueueRow(
        alert_id=row.alert_id,
        **{name: getattr(row, name) for name in _FROM_ALERT},
        brands=brands.get(row.mention_id, ()),
        author=row.author,
        title=row.title,
        text=text,
        truncated=len(excerpt) > EXCERPT,
        title_evidence=title_evidence,
        evidence=evidence,
        factors=tuple(Factor(**factor) for factor in row.factors),
        incident=named.get(row.incident_id),
        url=row.url,
        copy_group_size=sizes.get(row.copy_group, 1) if row.copy_group is not None else 1,
        deleted_at=row.deleted_at,
    )
