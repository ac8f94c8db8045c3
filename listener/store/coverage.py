"""How many posts came of which brand, in which language, from where; and posts to look through for words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from listener.store import dialect
from listener.store.rows import compose
from listener.store.tables import WITH_TEXT, alerts, mention_brands, mention_texts, mentions, verdicts

UNBRANDED = ""
_CHUNK = 1000


class Post(NamedTuple):
    """A stored post; `lang` as the classifier saw it, None while it is not scored; `text` is composed."""

    mention_id: int
    text: str
    lang: str | None
    author_key: int | None


class Coverage:
    """Read-only statements on mentions, their brands and verdicts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cells(self, sources: Collection[str], since: datetime) -> dict[tuple[str, str, str], int]:
        """Posts by (brand, language, source) since a time; UNBRANDED are those of no brand, our own are left out."""
        found: dict[tuple[str, str, str], int] = {}
        brand = func.coalesce(mention_brands.c.brand, UNBRANDED)
        for source in sources:
            statement = (
                select(brand, func.coalesce(verdicts.c.lang, "und"), func.count())
                .select_from(
                    mentions.outerjoin(mention_brands, mention_brands.c.mention_id == mentions.c.id).outerjoin(
                        verdicts, verdicts.c.mention_id == mentions.c.id
                    )
                )
                # The condition of the index by age.
                .where(mentions.c.source == source, mentions.c.posted_at >= since, mentions.c.text_id.is_not(None))
                .where(mentions.c.own.is_(False))
                .group_by(brand, verdicts.c.lang)
            )
            for name, lang, count in self._connection.execute(statement):
                cell = (name, lang, source)
                found[cell] = found.get(cell, 0) + count
        return found

    def posts(self, limit: int) -> Iterator[Post]:
        """The newest stored posts, without repeats and our own, in bounded memory."""
        before: int | None = None
        while limit > 0:
            batch = self._batch(min(limit, _CHUNK), before)
            yield from batch
            if not batch:
                return
            before, limit = batch[-1].mention_id, limit - len(batch)

    def closed(self, mention_ids: Collection[int]) -> dict[int, bool]:
        """Of those whose case was closed: whether it was not ours."""
        statement = select(alerts.c.mention_id, alerts.c.outcome, alerts.c.reason).where(
            dialect.one_of(alerts.c.mention_id, mention_ids), alerts.c.closed_at.is_not(None)
        )
        return {row.mention_id: "not_ours" in (row.outcome, row.reason) for row in self._connection.execute(statement)}

    def _batch(self, limit: int, before: int | None) -> list[Post]:
        columns = (mentions.c.id, mention_texts.c.title, mention_texts.c.text, verdicts.c.lang, mentions.c.author_key)
        statement = (
            select(*columns)
            .select_from(WITH_TEXT.outerjoin(verdicts, verdicts.c.mention_id == mentions.c.id))
            .where(mentions.c.text_id.is_not(None), mentions.c.own.is_(False), mentions.c.folded_into.is_(None))
            .order_by(mentions.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(mentions.c.id < before)
        return [
            Post(row.id, compose(row.title, row.text), row.lang, row.author_key)
            for row in self._connection.execute(statement)
        ]
