"""Mentions: what came in, its edits, and what is left of it after a deletion."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, func, insert, select, union, update

from listener.store import dialect
from listener.store.rows import MentionRow, StoredText, VersionRow, compose
from listener.store.tables import DONE, TO_SCORE, WITH_TEXT, mention_brands, mention_texts, mentions
from listener.text.copies import author_key

_IN_TEXTS = ("author", "url", "title", "text")
_NAMES = tuple(field.name for field in fields(MentionRow) if field.name != "brands")
_COLUMNS = tuple((mention_texts if name in _IN_TEXTS else mentions).c[name] for name in _NAMES)
_STORED = tuple(name for name in _NAMES if name not in _IN_TEXTS)
Key = tuple[str, str]
"""(source, native_id)"""


class Mentions:
    """Statements on the tables `mentions`, `mention_texts` and `mention_brands`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -------------------------------------------------------------- reading

    def get(self, mention_id: int) -> MentionRow | None:
        """One mention with its brands; None if there is no such id."""
        found = self.by_ids([mention_id])
        return found.get(mention_id)

    def by_ids(self, mention_ids: Collection[int]) -> dict[int, MentionRow]:
        """Mentions with their brands, by id."""
        brands = self.brands(mention_ids)
        statement = select(*_COLUMNS).select_from(WITH_TEXT).where(dialect.one_of(mentions.c.id, mention_ids))
        return {row.id: _mention(row, brands.get(row.id, ())) for row in self._connection.execute(statement)}

    def find(self, source: str, native_id: str) -> MentionRow | None:
        """The mention that a platform knows by this id."""
        found = self.known([(source, native_id)]).get((source, native_id))
        return None if found is None else self.get(found.id)

    def known(self, keys: Collection[Key]) -> dict[Key, MentionRow]:
        """Those of the (source, native id) pairs that are stored; without brands."""
        by_source: dict[str, list[str]] = {}
        for source, native_id in keys:
            by_source.setdefault(source, []).append(native_id)
        found: dict[Key, MentionRow] = {}
        for source, native_ids in by_source.items():
            wanted = and_(mentions.c.source == source, dialect.one_of(mentions.c.native_id, native_ids))
            for row in self._connection.execute(select(*_COLUMNS).select_from(WITH_TEXT).where(wanted)):
                found[(source, row.native_id)] = _mention(row)
        return found

    def recent_by_authors(self, keys: Collection[int], limit: int) -> dict[int, list[MentionRow]]:
        """The last `limit` unfolded mentions of each author key, last stored first; without brands."""
        rows = self._connection.execute(dialect.last_of_each_author(keys, limit, (*_COLUMNS, mentions.c.author_key)))
        found: dict[int, list[MentionRow]] = {}
        for row in rows:
            found.setdefault(row.author_key, []).append(_mention(row))
        return found

    def brands(self, mention_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
        """Brands of each mention, the primary one first."""
        statement = select(mention_brands.c.mention_id, mention_brands.c.brand).where(
            dialect.one_of(mention_brands.c.mention_id, mention_ids)
        )
        found: dict[int, tuple[str, ...]] = {}
        for mention_id, brand in self._connection.execute(statement.order_by(mention_brands.c.position)):
            found[mention_id] = (*found.get(mention_id, ()), brand)
        return found

    def versions(self, mention_id: int) -> tuple[VersionRow, ...]:
        """What it said before, oldest first."""
        statement = (
            select(mention_texts.c.title, mention_texts.c.text, mention_texts.c.since)
            .join(mentions, mentions.c.id == mention_texts.c.mention_id)
            .where(mention_texts.c.mention_id == mention_id, mentions.c.text_id.is_not(None))
            .order_by(mention_texts.c.id)
        )
        rows = self._connection.execute(statement).all()
        return tuple(VersionRow(title=old.title, text=old.text, replaced_at=new.since) for old, new in pairwise(rows))

    def texts(self, limit: int, before_id: int | None = None) -> list[StoredText]:
        """Up to `limit` stored texts, last stored first, going on from `before_id`; for trying a brand's rule."""
        wanted: ColumnElement[bool] = mentions.c.deleted_at.is_(None)
        if before_id is not None:
            wanted = and_(wanted, mentions.c.id < before_id)
        columns = (mentions.c.id, mention_texts.c.title, mention_texts.c.text, mentions.c.source, mentions.c.posted_at)
        statement = select(*columns).select_from(WITH_TEXT).where(wanted).order_by(mentions.c.id.desc()).limit(limit)
        rows = self._connection.execute(statement).all()
        brands = self.brands([row.id for row in rows])
        return [
            StoredText(
                mention_id=row.id,
                text=compose(row.title, row.text),
                source=row.source,
                brands=brands.get(row.id, ()),
                posted_at=row.posted_at,
            )
            for row in rows
        ]

    def iterate(self, chunk: int = 500) -> Iterator[StoredText]:
        """All stored texts, last stored first, in bounded memory."""
        before: int | None = None
        while batch := self.texts(chunk, before):
            yield from batch
            before = batch[-1].mention_id

    def count(self) -> int:
        """All mentions, those deleted or folded too."""
        return int(self._connection.execute(select(func.count()).select_from(mentions)).scalar_one())

    def backlog(self) -> Mapping[int, int]:
        """How many wait at each stage (tables.TO_SCORE, TO_TRIAGE)."""
        statement = select(mentions.c.stage, func.count()).where(dialect.UNFINISHED).group_by(mentions.c.stage)
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def replies_to(self, mention: MentionRow, limit: int = 100) -> list[MentionRow]:
        """What was said in answer to it or in the thread it began, oldest first."""
        related = [
            select(mentions.c.id).where(mentions.c.source == mention.source, place == mention.native_id)
            for place in (mentions.c.parent_id, mentions.c.thread_id)  # an OR would use neither index
        ]
        wanted = and_(mentions.c.id.in_(union(*related)), mentions.c.id != mention.id)
        statement = select(*_COLUMNS).select_from(WITH_TEXT).where(wanted).order_by(mentions.c.posted_at).limit(limit)
        return [_mention(row) for row in self._connection.execute(statement)]

    def others_by_author(self, mention: MentionRow, limit: int = 20) -> list[MentionRow]:
        """The author's other mentions in this source of the same brand, newest first, without repeats.

        Where the mention has no brand, those of any.
        """
        key = author_key(mention.author)
        if key is None:
            return []
        wanted = and_(
            mentions.c.author_key == key,
            mentions.c.folded_into.is_(None),
            mentions.c.source == mention.source,
            mentions.c.id != mention.id,
        )
        if mention.brands:
            same = select(mention_brands.c.mention_id).where(
                mention_brands.c.mention_id == mentions.c.id, mention_brands.c.brand.in_(mention.brands)
            )
            wanted = and_(wanted, same.exists())
        statement = (
            select(*_COLUMNS).select_from(WITH_TEXT).where(wanted).order_by(mentions.c.posted_at.desc()).limit(limit)
        )
        return [_mention(row) for row in self._connection.execute(statement)]

    def group_sizes(self, groups: Collection[int]) -> dict[int, int]:
        """How many mentions each copy group has."""
        statement = select(mentions.c.copy_group, func.count()).where(dialect.one_of(mentions.c.copy_group, groups))
        return {row[0]: row[1] for row in self._connection.execute(statement.group_by(mentions.c.copy_group))}

    def folded_count(self, mention_id: int) -> int:
        """How many mentions were folded into this one."""
        statement = select(func.count()).where(mentions.c.folded_into == mention_id)
        return int(self._connection.execute(statement).scalar_one())

    # -------------------------------------------------------------- writing

    def next_id(self) -> int:
        """The id that the next mention gets; ids are never used twice."""
        return dialect.next_id(self._connection, mentions)

    def add(self, rows: Sequence[MentionRow], earlier: Sequence[MentionRow] = ()) -> None:
        """Insert new mentions under the ids they carry, and their brands; `earlier` are versions already edited."""
        if rows:
            current = self._text_ids(rows, earlier)
            self._connection.execute(insert(mentions), [_values(row, current.get(row.id)) for row in rows])
            self._add_texts(rows, earlier)
            self._add_brands(rows)

    def replace(self, rows: Sequence[MentionRow], earlier: Sequence[MentionRow] = ()) -> None:
        """Write edited mentions anew; what they said is kept as a version. Whoever may be scored is scored again."""
        if rows:
            current = self._text_ids(rows, earlier)
            values = [_values(row, current.get(row.id)) for row in rows]
            statement = update(mentions).where(mentions.c.id == bindparam("row_id"))
            self._connection.execute(statement, [{**each, "row_id": each.pop("id")} for each in values])
            self._add_texts(rows, earlier)
            self._drop_brands([row.id for row in rows])
            self._add_brands(rows)

    def set_copy_group(self, groups: Mapping[int, int]) -> None:
        """Put mentions (ids) into copy groups."""
        for mention_id, group in groups.items():
            self._connection.execute(update(mentions).where(mentions.c.id == mention_id).values(copy_group=group))

    def blank(self, mention_ids: Collection[int], now: datetime) -> int:
        """Leave tombstones: no text, title, author, address; the ids, times and numbers stay. How many."""
        dialect.overwrite(self._connection, mention_texts, _IN_TEXTS, mention_texts.c.mention_id, mention_ids)
        statement = update(mentions).where(dialect.one_of(mentions.c.id, mention_ids), mentions.c.deleted_at.is_(None))
        values = {"text_id": None, "author_key": None, "text_sha256": "", "stage": DONE, "deleted_at": now}
        return self._connection.execute(statement.values(**values)).rowcount

    def _text_ids(self, rows: Sequence[MentionRow], earlier: Sequence[MentionRow]) -> dict[int, int]:
        """The id that each row's text gets from `_add_texts`."""
        first = dialect.next_id(self._connection, mention_texts) + len(earlier)
        return {row.id: first + place for place, row in enumerate(_present(rows))}

    def _add_texts(self, rows: Sequence[MentionRow], earlier: Sequence[MentionRow]) -> None:
        first = dialect.next_id(self._connection, mention_texts)
        values = [
            {
                "id": first + place,
                "mention_id": row.id,
                "since": row.updated_at or row.collected_at,
                **{name: getattr(row, name) for name in _IN_TEXTS},
            }
            for place, row in enumerate([*earlier, *_present(rows)])
        ]
        if values:
            self._connection.execute(insert(mention_texts), values)

    def _add_brands(self, rows: Sequence[MentionRow]) -> None:
        values = [
            {"mention_id": row.id, "brand": brand, "position": position}
            for row in rows
            for position, brand in enumerate(row.brands)
        ]
        if values:
            self._connection.execute(insert(mention_brands), values)

    def _drop_brands(self, mention_ids: Collection[int]) -> None:
        self._connection.execute(delete(mention_brands).where(dialect.one_of(mention_brands.c.mention_id, mention_ids)))


def _present(rows: Sequence[MentionRow]) -> list[MentionRow]:
    return [row for row in rows if row.deleted_at is None]


def _mention(row: Row[Any], brands: tuple[str, ...] = ()) -> MentionRow:
    """From a row that begins with `_COLUMNS`."""
    values = dict(zip(_NAMES, row, strict=False))
    values["text"] = values["text"] or ""
    return MentionRow(**values, brands=brands)


def _values(row: MentionRow, text_id: int | None) -> dict[str, Any]:
    """The row as stored; staff, folded and deleted mentions have no work left on them."""
    finished = row.own or row.folded_into is not None or row.deleted_at is not None
    values = {name: getattr(row, name) for name in _STORED}
    stage = DONE if finished else TO_SCORE
    return {**values, "text_id": text_id, "author_key": author_key(row.author), "stage": stage}
