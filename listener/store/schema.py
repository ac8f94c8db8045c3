"""Which version a database file has, and bringing it to this listener's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from listener.errors import SchemaError
from listener.store import dialect
from listener.store.search import Search

HEAD: Final = "0005"
"""The newest migration; a test compares. Known here so that alembic is loaded only when there is something to do."""

KNOWN: Final = ("0001", "0002", "0003", "0004", "0005")


def bring_up_to_date(engine: Engine, path: Path, *, migrate: bool) -> None:
    """Create or upgrade; nothing is done, and nothing locked, when the database is of this version.

    Raises SchemaError for a newer or foreign database, and with `migrate=False` for a missing or older one.
    """
    if not migrate and not path.exists():
        raise SchemaError(f"{path} is not there", hint="listener up creates it.")
    with engine.connect() as connection:
        found = version_of(connection, path)
    if found == HEAD:
        _renew_index(engine)
        return
    if not migrate:
        raise SchemaError(f"{path} is of an older listener ({found or 'empty'})", hint="Run: listener db upgrade")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.rollback()
        dialect.begin_write(connection)
        if version_of(connection, path) != HEAD:  # another process may have been first
            _upgrade(connection)
        connection.commit()
    _renew_index(engine)


def version_of(connection: Connection, path: Path) -> str | None:
    """The database's version, None for an empty file. Raises SchemaError if it is newer or not ours."""
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    if not tables:
        return None
    ours = connection.exec_driver_sql("PRAGMA application_id").scalar_one() == dialect.APPLICATION_ID
    if not ours or "alembic_version" not in tables:
        raise SchemaError(f"{path} is not a listener database", hint="Choose another file, or move this one away.")
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    if version not in KNOWN:
        raise SchemaError(
            f"{path} was written by a newer listener ({version})", hint="Upgrade listener on this machine."
        )
    return str(version)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _renew_index(engine: Engine) -> None:
    """Make the search index anew if texts now give other terms than when it was made."""
    with engine.connect() as connection:
        dialect.begin_read(connection)
        current = Search(connection).is_current()
        connection.rollback()
        if not current:
            dialect.begin_write(connection)
            Search(connection).rebuild()
            connection.commit()
