"""The database of one home: open it, read it, write it, back it up.

One writer at a time. A write transaction begins with BEGIN IMMEDIATE, so that what it reads is still true when it
writes; it is kept whole or not at all. Readers see one moment and never wait.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from listener.errors import StoreBusyError
from listener.store import (  # noqa: F401 - the tables are registered with the others
    desk_tables,
    dialect,
    ear_tables,
    incident_tables,
    keeping_tables,
)
from listener.store.accounts import Accounts
from listener.store.aftercare import Aftercare
from listener.store.alerts import Alerts
from listener.store.audit import Audit
from listener.store.cases import Cases
from listener.store.copies import KEYS_KEPT, Copies
from listener.store.coverage import Coverage
from listener.store.customers import Customers
from listener.store.engagements import Engagements
from listener.store.engine import BUSY_SECONDS, create_private, make_engine, translated
from listener.store.erasure import Erased, Erasure
from listener.store.events import Events
from listener.store.exports import Exports
from listener.store.forget import forget
from listener.store.hearing import Hearing
from listener.store.holds import Holds
from listener.store.incidents import Incidents
from listener.store.labels import Labels
from listener.store.mentions import Mentions
from listener.store.presence import Presence
from listener.store.promises import PromisesKept
from listener.store.queue import Queue
from listener.store.rechecks import Rechecks
from listener.store.retention import Retention
from listener.store.routes import Routes
from listener.store.rows import MentionRow
from listener.store.samples import Samples
from listener.store.schema import bring_up_to_date
from listener.store.search import Search
from listener.store.sources import Sources
from listener.store.state import State
from listener.store.steps import Steps
from listener.store.triage_states import TriageStates
from listener.store.turns import turns_of
from listener.store.verdicts import Verdicts

_WIPE_PAGES = 256
"""About a megabyte of the index: some ten milliseconds of work."""


class Tx:
    """One transaction; each attribute holds the statements on one kind of thing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def mentions(self) -> Mentions:
        return Mentions(self._connection)

    @cached_property
    def copies(self) -> Copies:
        return Copies(self._connection)

    @cached_property
    def search(self) -> Search:
        return Search(self._connection)

    @cached_property
    def verdicts(self) -> Verdicts:
        return Verdicts(self._connection)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self._connection)

    @cached_property
    def cases(self) -> Cases:
        return Cases(self._connection)

    @cached_property
    def events(self) -> Events:
        return Events(self._connection)

    @cached_property
    def engagements(self) -> Engagements:
        return Engagements(self._connection)

    @cached_property
    def incidents(self) -> Incidents:
        return Incidents(self._connection)

    @cached_property
    def triage_states(self) -> TriageStates:
        return TriageStates(self._connection)

    @cached_property
    def queue(self) -> Queue:
        return Queue(self._connection)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self._connection)

    def forget(
        self, stored: Sequence[MentionRow], now: datetime, actor: str = "platform", kind: str = "deleted"
    ) -> int:
        """Wipe mentions that their platform deleted, or that somebody else let go (`forget.forget`)."""
        return forget(self._connection, stored, now, actor, kind)

    @cached_property
    def holds(self) -> Holds:
        return Holds(self._connection)

    @cached_property
    def exports(self) -> Exports:
        return Exports(self._connection)

    @cached_property
    def retention(self) -> Retention:
        return Retention(self._connection)

    @cached_property
    def erasure(self) -> Erasure:
        return Erasure(self._connection)

    @cached_property
    def erased(self) -> Erased:
        return Erased(self._connection)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self._connection)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self._connection)

    @cached_property
    def aftercare(self) -> Aftercare:
        return Aftercare(self._connection)

    @cached_property
    def steps(self) -> Steps:
        return Steps(self._connection)

    @cached_property
    def routes(self) -> Routes:
        return Routes(self._connection)

    @cached_property
    def customers(self) -> Customers:
        return Customers(self._connection)

    @cached_property
    def presence(self) -> Presence:
        return Presence(self._connection)

    @cached_property
    def promises(self) -> PromisesKept:
        return PromisesKept(self._connection)

    @cached_property
    def hearing(self) -> Hearing:
        return Hearing(self._connection)

    @cached_property
    def rechecks(self) -> Rechecks:
        return Rechecks(self._connection)

    @cached_property
    def labels(self) -> Labels:
        return Labels(self._connection)

    @cached_property
    def coverage(self) -> Coverage:
        return Coverage(self._connection)

    @cached_property
    def samples(self) -> Samples:
        return Samples(self._connection)

    @cached_property
    def state(self) -> State:
        return State(self._connection)


class Store:
    """An open database; safe to share between threads."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine
        self._turns = turns_of(path)

    @classmethod
    def open(cls, path: str | Path, *, migrate: bool = True) -> Self:
        """Open, creating or upgrading it unless `migrate` is False.

        Raises SchemaError for a database of a newer listener, one that is no listener database, and (with
        `migrate=False`) one that is missing or old; StoreError if the file cannot be used.
        """
        file = Path(path).resolve()
        if migrate:
            create_private(file)
        engine = make_engine(file)
        try:
            with translated(file):
                bring_up_to_date(engine, file, migrate=migrate)
        except BaseException:
            engine.dispose()
            raise
        return cls(file, engine)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one moment of the database; it may not write."""
        with translated(self.path), self._engine.connect() as connection:
            dialect.begin_read(connection)
            try:
                yield Tx(connection)
            finally:
                connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that is kept when the block ends, and undone whole when it raises.

        Raises StoreBusyError if its turn does not come within 15 seconds, StoreFullError without disk space.
        """
        if not self._turns.take(BUSY_SECONDS):
            raise StoreBusyError(f"{self.path} is locked by another writer", hint="It is tried again; nothing is lost.")
        try:
            with translated(self.path), self._engine.connect() as connection:
                try:
                    dialect.begin_write(connection)
                    yield Tx(connection)
                    connection.commit()
                except BaseException:
                    connection.rollback()
                    raise
        finally:
            self._turns.give()

    def ping(self) -> None:
        """Read one row. Raises StoreError if the database does not answer."""
        with self.read() as tx:
            tx.state.get("ping")

    def scrub(self, *, seconds: float = 0.5) -> bool:
        """Wipe what deleted posts left in the search index, for about so long; True when nothing is left to wipe.

        SQLite's index only marks removed words; they go when its pages are rewritten. That is done in short
        transactions, so that nobody waits long. Then the write-ahead log, which still holds the old pages, is emptied.
        Once a day near-copy keys too old to be asked for are dropped as well.
        """
        now = datetime.now(UTC)
        with self.read() as tx:
            clean, tidy = not tx.search.needs_wiping(), tx.copies.was_pruned_since(now - timedelta(days=1))
        if not tidy:
            with self.write() as tx:
                tx.copies.prune(now - KEYS_KEPT, now)
        return clean or self._wipe(monotonic() + seconds, now)

    def _wipe(self, deadline: float, now: datetime) -> bool:
        while True:
            with self.write() as tx:
                if tx.search.wipe(_WIPE_PAGES, now):
                    break
            if monotonic() > deadline:
                return False
        if not self.empty_log():
            return False
        with self.write() as tx:
            tx.search.log_was_emptied(now)
        return True

    def empty_log(self) -> bool:
        """Move the write-ahead log into the database file and cut it to nothing; False if a reader still needs it."""
        with translated(self.path), self._engine.connect() as connection:
            return dialect.empty_log(connection)

    def compact(self) -> bool:
        """Write the whole file anew, without what rows that grew, shrank or went left in its pages.

        Needs as much free space again; others wait meanwhile. False if a reader still needs the log.
        """
        if not self._turns.take(BUSY_SECONDS):
            raise StoreBusyError(f"{self.path} is locked by another writer", hint="It is tried again; nothing is lost.")
        try:
            with translated(self.path), self._engine.connect() as connection:
                dialect.write_anew(connection)
        finally:
            self._turns.give()
        return self.empty_log()

    def backup(self, path: str | Path) -> None:
        """Copy the whole database to `path` while it is in use (SQLite's online backup). Raises StoreError."""
        target = Path(path).absolute()
        create_private(target)
        with translated(target), closing(sqlite3.connect(target)) as copy, self._engine.connect() as connection:
            dialect.driver(connection).backup(copy)

    def close(self) -> None:
        """Close all connections. The last one to leave folds the log into the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
