"""Posts drawn at random to be labelled, and what was said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from listener.store.keeping_tables import sample_sizes, samples
from listener.store.mentions import Mentions
from listener.store.rows import compose
from listener.store.tables import WITH_TEXT, mention_texts, mentions, verdicts
from listener.triage.sampling import Counted, Drawn, stratum


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """A post that waits for a label; `text` is composed, `text_sha256` the label's key."""

    id: int
    week: str
    mention_id: int
    text_sha256: str
    text: str
    lang: str
    source: str
    channel: str | None
    posted_at: datetime
    brands: tuple[str, ...]
    stratum: str
    probability: float


class Samples:
    """Statements on the tables `samples` and `sample_sizes`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_drawn(self, week: str) -> bool:
        """Whether this week's sample was drawn."""
        statement = select(sample_sizes.c.week).where(sample_sizes.c.week == week).limit(1)
        return self._connection.execute(statement).first() is not None

    def candidates(self, begin: datetime, end: datetime) -> Iterator[tuple[int, str]]:
        """Every scored post of a time with its stratum; repeats, our own and deleted ones are not asked about."""
        statement = (
            select(mentions.c.id, verdicts.c.complaint, verdicts.c.flagged)
            .join(verdicts, verdicts.c.mention_id == mentions.c.id)
            .where(mentions.c.posted_at >= begin, mentions.c.posted_at < end)
            .where(mentions.c.text_id.is_not(None), mentions.c.own.is_(False), mentions.c.folded_into.is_(None))
            .order_by(mentions.c.id)
        )
        for row in self._connection.execute(statement):
            yield row.id, stratum(row.complaint, row.flagged)

    def put(self, week: str, drawn: Drawn) -> int:
        """Keep a week's sample; how many posts it has. One that is there already stays."""
        if self.is_drawn(week) or not drawn.sizes:
            return 0
        rows = Mentions(self._connection).by_ids([one for ids in drawn.chosen.values() for one in ids])
        values = [
            {
                "week": week,
                "mention_id": one,
                "text_sha256": rows[one].text_sha256,
                "stratum": name,
                "probability": drawn.probability(name),
            }
            for name, ids in drawn.chosen.items()
            for one in ids
        ]
        self._connection.execute(insert(samples), values)
        sizes = [
            {"week": week, "stratum": name, "posts": size, "drawn": len(drawn.chosen.get(name, ()))}
            for name, size in drawn.sizes.items()
        ]
        self._connection.execute(insert(sample_sizes), sizes)
        return len(values)

    def waiting(self, limit: int) -> list[SampleRow]:
        """Drawn posts without a label whose text is still what was drawn, the newest week first.

        Within a week in no order that tells the stratum: who labels must not know what the classifier said.
        """
        statement = (
            select(
                *(samples.c[name] for name in ("id", "week", "mention_id", "text_sha256", "stratum", "probability")),
                *(mentions.c[name] for name in ("source", "channel", "posted_at")),
                *(mention_texts.c[name] for name in ("title", "text")),
                verdicts.c.lang,
            )
            .select_from(WITH_TEXT)
            .join(samples, samples.c.mention_id == mentions.c.id)
            .join(verdicts, verdicts.c.mention_id == mentions.c.id)
            .where(samples.c.complaint.is_(None), mentions.c.text_sha256 == samples.c.text_sha256)
            .order_by(samples.c.week.desc(), samples.c.text_sha256)
            .limit(limit)
        )
        rows = self._connection.execute(statement).all()
        brands = Mentions(self._connection).brands([row.mention_id for row in rows])
        return [_sample(dict(row._mapping), brands.get(row.mention_id, ())) for row in rows]

    def counted(self, since_week: str) -> list[Counted]:
        """Each stratum over all weeks from this one on."""
        sizes = (
            select(sample_sizes.c.stratum, func.sum(sample_sizes.c.posts).label("posts"))
            .where(sample_sizes.c.week >= since_week)
            .group_by(sample_sizes.c.stratum)
        )
        told = (
            select(
                samples.c.stratum,
                func.count(samples.c.complaint).label("labelled"),
                func.coalesce(func.sum(samples.c.complaint), 0).label("complaints"),
            )
            .where(samples.c.week >= since_week)
            .group_by(samples.c.stratum)
        )
        labelled = {row.stratum: row for row in self._connection.execute(told)}
        return [
            Counted(
                stratum=row.stratum,
                posts=row.posts,
                labelled=labelled[row.stratum].labelled if row.stratum in labelled else 0,
                complaints=labelled[row.stratum].complaints if row.stratum in labelled else 0,
            )
            for row in self._connection.execute(sizes)
        ]

    def probability(self, text_sha256: str) -> float | None:
        """With which this text was drawn, if it was."""
        statement = select(func.max(samples.c.probability)).where(samples.c.text_sha256 == text_sha256)
        found: float | None = self._connection.execute(statement).scalar()
        return found

    def settle(self, text_sha256: str, complaint: int | None, now: datetime) -> int:
        """What the latest label says of a drawn text; None: no label is left. How many places it had."""
        at = None if complaint is None else now
        statement = update(samples).where(samples.c.text_sha256 == text_sha256)
        return self._connection.execute(statement.values(complaint=complaint, labelled_at=at)).rowcount


def _sample(values: dict[str, object], brands: tuple[str, ...]) -> SampleRow:
    title, text = values.pop("title"), values.pop("text")
    return SampleRow(**values, text=compose(title, text), brands=brands)  # type: ignore[arg-type]
