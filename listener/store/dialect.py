"""All that is said in SQLite's own way; another database would need another one of these.

Statements elsewhere in the store are SQLAlchemy Core that any SQL database takes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Select,
    Table,
    case,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy import cast as cast_as
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.dml import Insert

from listener.store.tables import mention_texts, mentions

APPLICATION_ID = 0x4C53544E  # "LSTN", in the file's header


def begin_read(connection: Connection) -> None:
    """One moment of the database; writing is an error."""
    connection.exec_driver_sql("PRAGMA query_only = ON")
    connection.exec_driver_sql("BEGIN")


def begin_write(connection: Connection) -> None:
    """Become the one writer now, or wait for it (the busy timeout), so that what is read stays true."""
    connection.exec_driver_sql("PRAGMA query_only = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def driver(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, for what SQL cannot say."""
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def upsert(table: Table, *, replace: Sequence[str]) -> Insert:
    """INSERT, or where the primary key is there already UPDATE of the columns `replace`."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: statement.excluded[name] for name in replace}
    )


def add_up(table: Table, columns: Sequence[str]) -> Insert:
    """INSERT, or where the primary key is there already add to these columns."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: table.c[name] + statement.excluded[name] for name in columns},
    )


def insert_new(table: Table) -> Insert:
    """INSERT of those rows whose keys are not there yet."""
    return insert(table).on_conflict_do_nothing()


def one_of(expression: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`expression IN (values)` with all values in one parameter, so that any number of them is one statement."""
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    return expression.in_(select(listed.c.value))


def each(values: Iterable[Any]) -> Any:
    """A table with one column `value`, to be joined with."""
    return func.json_each(json.dumps(list(values))).table_valued("value")


def overwrite(
    connection: Connection, table: Table, names: Sequence[str], key: ColumnElement[Any], values: Collection[Any]
) -> None:
    """Fill text columns with as many blanks as they have bytes: a row of unchanged size is overwritten in its place."""
    blanks = {name: func.printf("%*s", func.length(cast_as(table.c[name], LargeBinary)), "") for name in names}
    filled = {name: case((table.c[name].is_not(None), blank)) for name, blank in blanks.items()}
    connection.execute(update(table).where(one_of(key, values)).values(**filled))


def next_id(connection: Connection, table: Table) -> int:
    """The id that the next row would get; ids are never used twice. Only within a write transaction."""
    last = connection.execute(
        text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
    ).scalar_one_or_none()
    return int(last or 0) + 1


UNFINISHED = text("stage < 2")
"""Word for word the condition of the partial index, or SQLite does not see that the index fits."""


def last_of_each_author(keys: Iterable[int], limit: int, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """`columns` of the last `limit` mentions of each author key that are neither folded, deleted nor staff's own."""
    key = each(keys)
    last = (
        select(mentions.c.id)
        .where(mentions.c.author_key == key.c.value, mentions.c.folded_into.is_(None), mentions.c.own.is_(False))
        .order_by(mentions.c.id.desc())
        .limit(limit)
        .correlate(key)
        .scalar_subquery()
    )
    joined = key.join(mentions, mentions.c.id.in_(last)).outerjoin(
        mention_texts, mention_texts.c.id == mentions.c.text_id
    )
    return select(*columns).select_from(joined).order_by(mentions.c.id.desc())


# ------------------------------------------------------------------ the full-text index

# The table `search` is made by migration 0001: FTS5, contentless (the texts are in `mentions` alone), without column
# sizes (nothing is ranked by length).


def matching(expression: str) -> Select[int]:
    """The ids of the mentions that match an FTS5 expression; in descending order where `NEWEST_MATCH` is asked for."""
    statement = select(_ROWID).select_from(text("search")).where(text("search MATCH :found"))
    return statement.params(found=expression)


_ROWID: ColumnElement[int] = literal_column("rowid", Integer)
NEWEST_MATCH = _ROWID.desc()


def index_add(connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
    connection.exec_driver_sql("INSERT INTO search (rowid, terms) VALUES (?, ?)", list(rows))


def index_remove(connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """The terms must be exactly those that were added, or the index is damaged."""
    connection.exec_driver_sql("INSERT INTO search (search, rowid, terms) VALUES ('delete', ?, ?)", list(rows))


def index_clear(connection: Connection) -> None:
    connection.exec_driver_sql("INSERT INTO search (search) VALUES ('delete-all')")


def index_rewrite(connection: Connection, *, pages: int, start: bool) -> bool:
    """Rewrite about `pages` pages of the index into one segment, without what was removed; True when it is done.

    `start` begins with all segments of now, so that each one is rewritten whatever its size
    (https://www.sqlite.org/fts5.html#the_merge_command).
    """
    before = _changes(connection)
    connection.exec_driver_sql("INSERT INTO search (search, rank) VALUES ('merge', ?)", (-pages if start else pages,))
    return not start and _changes(connection) - before < 2


def _changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())


def write_anew(connection: Connection) -> None:
    """Copy everything into fresh pages: nothing of what was there before is left in the file."""
    connection.exec_driver_sql("PRAGMA query_only = OFF")
    connection.exec_driver_sql("PRAGMA temp_store = FILE")  # the copy may be larger than the memory
    try:
        connection.exec_driver_sql("VACUUM")
    finally:
        connection.exec_driver_sql("PRAGMA temp_store = MEMORY")


def empty_log(connection: Connection) -> bool:
    """Move the write-ahead log into the file and cut it to nothing; False if a reader still needs it."""
    waiting = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql("PRAGMA busy_timeout = 300")  # writers wait meanwhile: rather try again later
    try:
        return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(waiting)}")
