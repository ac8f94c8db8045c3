"""Every trace of one author: where it is, and what is left in its place."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, func, or_, select, update

from listener.store import dialect
from listener.store.desk_tables import replies
from listener.store.incident_tables import incident_members, incidents
from listener.store.keeping_tables import erased, samples
from listener.store.mentions import Mentions
from listener.store.rows import MentionRow, compose
from listener.store.tables import alert_notes, alerts, engagements, labels, mention_texts, mentions
from listener.text.copies import author_key, handle

_PREFIX: Final = "erased:"
_REFERENCES: Final = ("parent_id", "thread_id", "repost_of")

_WRITTEN: Final[Mapping[Table, tuple[str, ...]]] = {alert_notes: ("text",), replies: ("text", "link")}
"""What colleagues write, by table: the columns that may tell or quote somebody."""


class Written(NamedTuple):
    """One piece of it."""

    table: str
    id: int
    alert_id: int
    text: str


def erased_id(source: str, native_id: str) -> str:
    """What stands for a post's name once it is erased: on some platforms the name tells the author."""
    if native_id.startswith(_PREFIX):
        return native_id
    return _PREFIX + hashlib.sha256(f"{source}\0{native_id}".encode("utf-8", "surrogatepass")).hexdigest()


class Erasure:
    """Statements over all tables that may hold a trace of an author."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -------------------------------------------------------------- what is there

    def posts_of(self, author: str, source: str | None) -> list[MentionRow]:
        """Mentions written under this name, now or before, what repeats them, and tombstones named after it."""
        ids = self._written_by(author) | self._named_after(author)
        ids |= self._repeats_of(ids)
        found = Mentions(self._connection).by_ids(ids)
        return [row for _, row in sorted(found.items()) if source is None or row.source == source]

    def _written_by(self, author: str) -> set[int]:
        known = select(mentions.c.id).where(mentions.c.author_key == author_key(author))
        # Versions of a post keep the name that it was written under then; another spelling of it is the same name.
        names = select(mention_texts.c.author).where(mention_texts.c.author.is_not(None)).distinct()
        same = [name for name in self._connection.scalars(names) if name and handle(name) == handle(author)]
        before = select(mention_texts.c.mention_id).where(dialect.one_of(mention_texts.c.author, same))
        return {*self._connection.scalars(known), *self._connection.scalars(before)}

    def _named_after(self, author: str) -> set[int]:
        """On platforms such as Bluesky a post's name is an address with the account in it."""
        name = handle(author)
        statement = select(mentions.c.id, mentions.c.native_id).where(func.instr(mentions.c.native_id, name) > 0)
        return {row.id for row in self._connection.execute(statement) if name in row.native_id.casefold().split("/")}

    def _repeats_of(self, ids: Collection[int]) -> set[int]:
        """What says that it repeats one of them; somebody else's word for word the same post is their own."""
        names = select(mentions.c.source, mentions.c.native_id).where(dialect.one_of(mentions.c.id, ids))
        by_source: defaultdict[str, list[str]] = defaultdict(list)
        for source, native_id in self._connection.execute(names):
            by_source[source].append(native_id)
        # One pass over a source's posts: there is no index on what a post repeats.
        found = [
            select(mentions.c.id).where(mentions.c.source == source, dialect.one_of(mentions.c.repost_of, native_ids))
            for source, native_ids in by_source.items()
        ]
        return {one for statement in found for one in self._connection.scalars(statement)}

    def versions(self, mention_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
        """All that these mentions ever said, as composed texts."""
        statement = select(mention_texts.c.mention_id, mention_texts.c.title, mention_texts.c.text).where(
            dialect.one_of(mention_texts.c.mention_id, mention_ids)
        )
        found: dict[int, tuple[str, ...]] = {}
        for row in self._connection.execute(statement):
            found[row.mention_id] = (*found.get(row.mention_id, ()), compose(row.title, row.text))
        return found

    def written(self) -> Iterator[Written]:
        """All that colleagues wrote about cases: notes, drafts and replies."""
        for table, columns in _WRITTEN.items():
            texts = [func.coalesce(table.c[name], "") for name in columns]
            for row in self._connection.execute(select(table.c.id, table.c.alert_id, *texts).order_by(table.c.id)):
                yield Written(table.name, row[0], row[1], " ".join(row[2:]))

    def alerts_of(self, mention_ids: Collection[int]) -> set[int]:
        """Their cases."""
        statement = select(alerts.c.id).where(dialect.one_of(alerts.c.mention_id, mention_ids))
        return set(self._connection.scalars(statement))

    # -------------------------------------------------------------- letting go

    def rename(self, rows: Sequence[MentionRow], now: datetime) -> None:
        """Their names become hashes, everywhere; what comes under the old names is known by the hash again."""
        changes = [(row.source, row.native_id, erased_id(row.source, row.native_id)) for row in rows]
        keys = [{"key": new, "at": now} for _, _, new in changes]
        if not keys:
            return
        self._connection.execute(dialect.insert_new(erased), keys)
        self._connection.execute(
            update(mentions).where(mentions.c.id == bindparam("row")).values(native_id=bindparam("new")),
            [{"row": row.id, "new": new} for row, (_, _, new) in zip(rows, changes, strict=True)],
        )
        for source in {source for source, _, _ in changes}:
            self._rename_references(source, {old: new for of, old, new in changes if of == source})

    def _rename_references(self, source: str, names: Mapping[str, str]) -> None:
        for column in (mentions.c[name] for name in _REFERENCES):
            concerned = select(mentions.c.id, column).where(
                mentions.c.source == source, dialect.one_of(column, list(names))
            )
            values = [{"row": row, "new": names[old]} for row, old in self._connection.execute(concerned)]
            if values:
                statement = update(mentions).where(mentions.c.id == bindparam("row"))
                self._connection.execute(statement.values({column: bindparam("new")}), values)

    def drop_counts(self, mention_ids: Collection[int]) -> int:
        """Counts over time, the author's followers among them."""
        statement = delete(engagements).where(dialect.one_of(engagements.c.mention_id, mention_ids))
        return self._connection.execute(statement).rowcount

    def drop_labels(self, hashes: Collection[str]) -> int:
        """Labels of these texts, and their places in samples."""
        self._connection.execute(delete(samples).where(dialect.one_of(samples.c.text_sha256, hashes)))
        return self._connection.execute(delete(labels).where(dialect.one_of(labels.c.text_sha256, hashes))).rowcount

    def blank(self, written: Collection[Written]) -> None:
        """What they said is gone; that somebody wrote it stays."""
        for table, columns in _WRITTEN.items():
            ids = [one.id for one in written if one.table == table.name]
            dialect.overwrite(self._connection, table, columns, table.c.id, ids)

    def plain_titles(self, mention_ids: Collection[int], author: str) -> int:
        """Titles of incidents that only these posts made, or that hold the name, become the cause. How many."""
        mine = select(incident_members.c.incident_id).where(dialect.one_of(incident_members.c.mention_id, mention_ids))
        alive = (
            select(incident_members.c.incident_id)
            .join(mentions, mentions.c.id == incident_members.c.mention_id)
            .where(mentions.c.text_id.is_not(None))
        )
        named = func.instr(func.lower(incidents.c.title), handle(author)) > 0
        only = incidents.c.id.in_(mine) & incidents.c.id.not_in(alive)
        statement = update(incidents).where(or_(only, named), incidents.c.title != incidents.c.cause)
        return self._connection.execute(statement.values(title=incidents.c.cause, named=False)).rowcount


class Erased:
    """Statements on the table `erased`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def among(self, names: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """Those of the (source, native id) pairs that were erased, and what stands for them."""
        if not names or self._connection.execute(select(erased.c.key).limit(1)).first() is None:
            return {}
        hashed = {erased_id(*name): name for name in names}
        known = self._connection.scalars(select(erased.c.key).where(dialect.one_of(erased.c.key, hashed)))
        return {hashed[key]: key for key in known}
