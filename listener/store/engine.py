"""Connections to the SQLite file: their settings, and its errors in listener's words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from listener.errors import SchemaError, StoreBusyError, StoreError, StoreFullError

BUSY_SECONDS: Final = 15.0

_PRAGMAS: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten with zeros, not only unlinked
    "PRAGMA synchronous = NORMAL",  # in WAL: a killed process loses nothing, a power cut at most the last moments
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",
    "PRAGMA journal_size_limit = 67108864",
)
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def create_private(path: Path) -> None:
    """Make an empty file, and its folder, that only this user may read, where there is none. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        hint = "Check the file's and folder's rights, and the free space."
        raise StoreError(f"{path} cannot be opened for writing ({error.strerror})", hint=hint) from error


def make_engine(path: Path) -> Engine:
    """An engine whose transactions begin only when we say so, and how (`begin_read`, `begin_write`)."""
    engine = create_engine(
        f"sqlite:///{path}",
        hide_parameters=True,  # a failing statement's values are posts, and errors end up in logs
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=64,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 256},
    )
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    for pragma in _PRAGMAS:
        connection.execute(pragma)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what the database says as StoreBusyError, StoreFullError, SchemaError or StoreError."""
    try:
        yield
    except DBAPIError as error:
        raise _meaning(path, error.orig) from error
    except sqlite3.Error as error:
        raise _meaning(path, error) from error


def _meaning(path: Path, error: Any) -> StoreError:
    """The message names the file and SQLite's own code, never a statement or its values."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code in _BUSY:
        return StoreBusyError(f"{path} is locked by another writer", hint="It is tried again; nothing is lost.")
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError(f"no space left for {path}", hint="Free some disk space; it goes on by itself.")
    if code == sqlite3.SQLITE_NOTADB:
        return SchemaError(f"{path} is not a listener database", hint="Choose another file, or move this one away.")
    if code == sqlite3.SQLITE_CORRUPT:
        return StoreError(
            f"{path} is damaged", hint="Stop listener and put the last `listener db backup` in its place."
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoreError(f"{path} cannot be opened for writing ({name})", hint="Check the file's and folder's rights.")
    return StoreError(f"{path}: the database refused ({name})", hint="This is a fault in listener; please report it.")
