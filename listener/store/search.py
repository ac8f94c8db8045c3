"""Full-text search over mentions, in scripts with and without spaces (text/terms.py says how)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Column, ColumnElement, Connection, false, select

from listener.store import dialect
from listener.store.rows import compose
from listener.store.state import State
from listener.store.tables import WITH_TEXT, mention_texts, mentions
from listener.text import terms

_VERSION = "search.terms"
_WIPE = "search.wipe"
_CHUNK = 1000


class Search:
    """Statements on the search index; a text here is always a composed one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._state = State(connection)

    def find(self, query: str, limit: int = 100) -> list[int]:
        """Ids of the mentions in which every word of `query` occurs, last stored first."""
        expression = terms.query(query)
        if expression is None:
            return []
        statement = dialect.matching(expression).order_by(dialect.NEWEST_MATCH).limit(limit)
        return list(self._connection.scalars(statement))

    @staticmethod
    def condition(mention_id: Column[int], query: str) -> ColumnElement[bool]:
        """`query` as a condition on a column of mention ids, for other statements; nothing searchable finds nothing."""
        expression = terms.query(query)
        return false() if expression is None else mention_id.in_(dialect.matching(expression))

    def add(self, texts: Sequence[tuple[int, str]]) -> None:
        """Index the texts of mentions that are not in the index."""
        rows = [(mention_id, terms.index_terms(text)) for mention_id, text in texts]
        if rows:
            dialect.index_add(self._connection, rows)

    def remove(self, texts: Sequence[tuple[int, str]]) -> None:
        """Take mentions out of the index, given exactly the texts by which they are in it."""
        rows = [(mention_id, terms.index_terms(text)) for mention_id, text in texts]
        if rows:
            dialect.index_remove(self._connection, rows)

    def is_current(self) -> bool:
        """Whether the index was made with today's terms."""
        return bool(self._state.get(_VERSION) == terms.VERSION)

    def rebuild(self) -> None:
        """Make the whole index anew from the stored texts."""
        dialect.index_clear(self._connection)
        last = 0
        while True:
            columns = (mentions.c.id, mention_texts.c.title, mention_texts.c.text)
            wanted = (mentions.c.id > last) & mentions.c.deleted_at.is_(None)
            statement = select(*columns).select_from(WITH_TEXT).where(wanted).order_by(mentions.c.id).limit(_CHUNK)
            rows = self._connection.execute(statement).all()
            if not rows:
                break
            self.add([(row.id, compose(row.title, row.text)) for row in rows])
            last = rows[-1].id
        self._state.put(_VERSION, terms.VERSION, datetime.now(UTC))

    def ask_to_wipe(self, now: datetime) -> None:
        """Remember that removed words are still in the index's pages (`Store.scrub` rewrites them)."""
        self._state.put(_WIPE, {**self._progress(), "needed": True, "log": True}, now)

    def needs_wiping(self) -> bool:
        """Whether removed words are left in the index's pages, or in the write-ahead log."""
        return any(self._progress().values())

    def log_was_emptied(self, now: datetime) -> None:
        """To be called when the log was emptied after `wipe` had come to its end."""
        self._state.put(_WIPE, {**self._progress(), "log": False}, now)

    def wipe(self, pages: int, now: datetime) -> bool:
        """Rewrite about `pages` pages; True when no removed word is left in them. Removing more begins a new round."""
        progress = self._progress()
        if not (progress["needed"] or progress["running"]):
            return True
        start = not progress["running"]
        done = dialect.index_rewrite(self._connection, pages=pages, start=start)
        left = {**progress, "needed": progress["needed"] and not start, "running": not done}
        self._state.put(_WIPE, left, now)
        return not (left["needed"] or left["running"])

    def _progress(self) -> dict[str, bool]:
        saved = self._state.get(_WIPE) or {}
        return {name: bool(saved.get(name)) for name in ("needed", "running", "log")}
